import type { Medium } from '../../src/config/types.js';
import { linkCompliance } from './link-compliance.js';
import { CABLE_FAULTS, cablePair, type MediumOn, PORT } from './support/cable.js';
import { inOwnNetwork } from './support/namespace.js';

const MEDIA: Readonly<Record<string, MediumOn>> = {
  bcast: (device): Medium => ({ kind: 'bcast', device, port: PORT }),
  mcast: (device): Medium => ({
    kind: 'mcast',
    device,
    group: '239.0.0.77',
    port: PORT,
    ttl: 1,
    loop: false,
  }),
  mcast6: (device): Medium => ({
    kind: 'mcast6',
    device,
    group: 'ff12::694',
    port: PORT,
    hops: 1,
    loop: false,
  }),
  ucast: (device, peer): Medium => {
    const address = `10.${device === 'hb0' ? 77 : 78}.0.${peer}`;
    return { kind: 'ucast', device, peer: address, address, port: PORT };
  },
  ucast6: (device, peer): Medium => {
    const address = `fd${device === 'hb0' ? 77 : 78}::${peer}`;
    return { kind: 'ucast6', device, peer: address, address, port: PORT };
  },
};

inOwnNetwork(import.meta.url, (home) => {
  for (const [name, medium] of Object.entries(MEDIA)) {
    linkCompliance(name, CABLE_FAULTS, () => cablePair(home, medium));
  }
});
