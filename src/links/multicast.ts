/** `mcast DEV GROUP PORT TTL LOOP` and its IPv6 form (heartbeat-protocol.md 2.3). */
import type { NetworkInterface } from '../system/network-types.js';
import { socketAddress } from '../system/socket.js';
import { RECEIVE_BUFFER_BYTES, SEND_PRIORITY, type UdpMedium } from './udp-medium.js';
import { usableAddress6 } from './unicast.js';

export interface MulticastOptions {
  readonly device: string;
  readonly group: string;
  /** 1..65535 */
  readonly port: number;
  /** TTL or hop limit, 0..255; 0 stays on this machine. */
  readonly hops: number;
  /** Own packets come back to this machine (the core knows them by the node's name). */
  readonly loop: boolean;
}

/** IPv4 */
export function multicastMedium(options: MulticastOptions): UdpMedium {
  const lack = `${options.device} has no IPv4 address`;
  return medium('mcast', 4, options, (network) =>
    network.addresses.some((address) => address.family === 4) ? undefined : lack,
  );
}

/** IPv6 */
export function multicast6Medium(options: MulticastOptions): UdpMedium {
  const lack = `${options.device} has no IPv6 address that is ready`;
  return medium('mcast6', 6, options, (network) => (usableAddress6(network) ? undefined : lack));
}

function medium(
  word: string,
  family: 4 | 6,
  options: MulticastOptions,
  lackOf: (network: NetworkInterface) => string | undefined,
): UdpMedium {
  const { device, group, port, hops, loop } = options;
  return {
    device,
    port,
    description: `${word} ${device}`,
    plan(network) {
      const lack = lackOf(network);
      if (lack !== undefined) return { ok: false, lack };
      const interfaceIndex = network.index;
      return {
        ok: true,
        sockets: {
          receiver: {
            family,
            device,
            port,
            bindAddress: group,
            join: { group, interfaceIndex },
            receiveBufferBytes: RECEIVE_BUFFER_BYTES,
          },
          sender: { family, device, multicast: { interfaceIndex, hops, loop }, priority: SEND_PRIORITY },
          destination: socketAddress(group, port, family === 6 ? interfaceIndex : 0),
        },
      };
    },
  };
}
