/** From a line of ha.cf to its link. */
import type { Medium } from '../config/types.js';
import { unreachable } from '../errors/assert.js';
import { broadcastMedium } from './broadcast.js';
import type { InterfaceWatch } from './interface-watch.js';
import type { Link } from './link.js';
import { multicast6Medium, multicastMedium } from './multicast.js';
import { SerialLink } from './serial.js';
import { UdpLink } from './udp-link.js';
import { unicast6Medium, unicastMedium } from './unicast.js';

export interface LinkDependencies {
  /** One per process: createInterfaceWatch(). The caller closes it after the links. */
  readonly interfaces: InterfaceWatch;
}

/** The link of a medium, not yet open; undefined for media that carry no messages between nodes (ping). */
export function createLink(medium: Medium, dependencies: LinkDependencies): Link | undefined {
  const { interfaces } = dependencies;
  switch (medium.kind) {
    case 'bcast':
      return new UdpLink(broadcastMedium(medium.device, medium.port), interfaces);
    case 'mcast':
      return new UdpLink(multicastMedium({ ...medium, hops: medium.ttl }), interfaces);
    case 'mcast6':
      return new UdpLink(multicast6Medium(medium), interfaces);
    case 'ucast':
      return new UdpLink(unicastMedium(medium), interfaces);
    case 'ucast6':
      return new UdpLink(unicast6Medium(medium), interfaces);
    case 'serial':
      return new SerialLink(medium.device, medium.baud);
    case 'ping':
    case 'ping6':
    case 'ping_group':
      return undefined;
    default:
      return unreachable(medium);
  }
}
