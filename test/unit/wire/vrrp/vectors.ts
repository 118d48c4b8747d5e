/** Adverts captured from the real keepalived 2.2.7 (vrrp-lvs.md 2.6). */
import type { AdvertToSend } from '../../../../src/wire/vrrp/encode.js';

export interface AdvertVector {
  readonly name: string;
  readonly advert: AdvertToSend;
  /** The VRRP part. */
  readonly hex: string;
  /** The whole IPv4 packet, where it was captured. */
  readonly packetHex?: string;
}

const common = {
  virtualRouterId: 51,
  priority: 100,
  intervalMs: 1000,
  family: 4,
  addresses: ['10.77.0.252'],
  source: '10.77.0.1',
  destination: '224.0.0.18',
} as const;

export const ADVERT_VECTORS: readonly AdvertVector[] = [
  {
    name: 'version 2 with a password',
    advert: { ...common, version: 2, password: '1234' },
    hex: '2133640101010a1b0a4d00fc3132333400000000',
    packetHex: '45c0002800010000ff70d0440a4d0001e00000122133640101010a1b0a4d00fc3132333400000000',
  },
  {
    name: 'version 2 without authentication',
    advert: { ...common, version: 2 },
    hex: '2133640100016f810a4d00fc0000000000000000',
    packetHex: '45c0002800010000ff70d0440a4d0001e00000122133640100016f810a4d00fc0000000000000000',
  },
  {
    name: 'version 3',
    advert: { ...common, version: 3 },
    hex: '31336401006474410a4d00fc',
    packetHex: '45c0002000010000ff70d04c0a4d0001e000001231336401006474410a4d00fc',
  },
  {
    name: 'version 3 to one peer',
    advert: { ...common, version: 3, destination: '10.77.0.2' },
    hex: '3133640100644a050a4d00fc',
  },
  {
    name: 'version 3 for IPv6',
    advert: {
      ...common,
      version: 3,
      family: 6,
      addresses: ['fe80::77:1', 'fd77::99'],
      source: 'fe80::4c19:8eff:feda:6f0f',
      destination: 'ff02::12',
    },
    hex: '313364020064262bfe800000000000000000000000770001fd770000000000000000000000000099',
  },
  {
    name: 'version 2 with two addresses and a password of eight bytes',
    advert: { ...common, version: 2, addresses: ['10.77.0.252', '10.77.0.253'], password: '12345678' },
    hex: '21336402010192610a4d00fc0a4d00fd3132333435363738',
  },
];
