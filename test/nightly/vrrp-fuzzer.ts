/**
 * Seeded mutations of adverts, from bytes to the state of two instances. The rules that are checked: nothing throws; an
 * advert that is not whole (checksum, form) changes nothing; one with a wrong password changes nothing but the
 * diagnosis; memory stays bounded. What an advert without authentication may do is what VRRP itself allows it: be heard
 * as a master of its priority.
 */
import { plainVrrpAddress, vrrpConfig, vrrpInstance } from '../../src/config/vrrp-defaults.js';
import { vrrpOnlyConfig } from '../../src/config/vrrp-only.js';
import { createState, type State } from '../../src/core/state.js';
import { step } from '../../src/core/step.js';
import { decodeAdvert, judgeAuthentication, openIpv4Packet } from '../../src/wire/vrrp/decode.js';
import { encodeAdvert } from '../../src/wire/vrrp/encode.js';
import { ipv4Packet } from '../../src/wire/vrrp/packet.js';
import { FuzzFailure, Random } from './wire-fuzzer.js';

export interface VrrpFuzzSummary {
  readonly packets: number;
  /** Read as adverts. */
  readonly whole: number;
  /** Of these with the right password. */
  readonly authentic: number;
  readonly refused: Readonly<Record<string, number>>;
}

const PASSWORD = 'a secret';
const SOURCE = '10.77.0.2';
const GROUP = '224.0.0.18';

const instances = [
  vrrpInstance({
    name: 'V2',
    interface: 'eth0',
    virtualRouterId: 51,
    authentication: { kind: 'password', password: PASSWORD },
    addresses: [plainVrrpAddress('10.77.0.100', 'eth0', 24), plainVrrpAddress('10.77.0.101', 'eth0', 24)],
  }),
  vrrpInstance({
    name: 'V3',
    interface: 'eth0',
    virtualRouterId: 52,
    version: 3,
    addresses: [plainVrrpAddress('10.77.0.110', 'eth0', 24)],
  }),
];

function freshState(): State {
  const state = createState(vrrpOnlyConfig(vrrpConfig({ instances }), 'node1'), {
    program: '4.0.0',
    generation: 1,
    uuid: '1'.repeat(32),
    nonce: '1'.repeat(16),
    seed: 1,
    peerGenerations: {},
  });
  const up = { up: true, address4: '10.77.0.1', address6: null };
  step(state, { kind: 'vrrpInterface', name: 'eth0', state: up, nowMs: 0, wallS: 0 });
  step(state, { kind: 'boot', nowMs: 0, wallS: 0 });
  return state;
}

function specimen(random: Random): Uint8Array {
  const instance = random.pick(instances);
  const { version, virtualRouterId, authentication, advertIntervalMs: intervalMs } = instance;
  const ends = { source: SOURCE, destination: GROUP };
  const payload = encodeAdvert({
    version,
    virtualRouterId,
    priority: random.below(256),
    intervalMs,
    family: 4,
    addresses: instance.addresses.map(({ address }) => address),
    ...(authentication.kind === 'none' ? {} : { password: authentication.password }),
    ...ends,
  });
  return ipv4Packet(payload, { ...ends, id: random.below(65_536), ttl: 255 });
}

function mutated(random: Random): Uint8Array {
  let bytes = Uint8Array.from(specimen(random));
  for (let times = random.below(4); times > 0; times--) {
    const at = random.below(Math.max(1, bytes.length));
    switch (random.below(6)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes = Uint8Array.from([
          ...bytes,
          ...Array.from({ length: random.below(20) }, () => random.below(256)),
        ]);
        break;
      case 4:
        fixLength(bytes);
        break;
      default:
        fixChecksum(bytes);
    }
  }
  return bytes;
}

/** Makes the IP header's length right, so that the mutation reaches the VRRP part. */
function fixLength(bytes: Uint8Array): void {
  if (bytes.length < 4) return;
  bytes.set([bytes.length >> 8, bytes.length & 0xff], 2);
}

/** Makes the VRRP checksum of a version 2 packet right: an attacker can do that too. */
function fixChecksum(bytes: Uint8Array): void {
  fixLength(bytes);
  const part = bytes.subarray(20);
  if (part.length < 8) return;
  part.set([0, 0], 6);
  let sum = 0;
  for (let i = 0; i < part.length; i += 2) sum += ((part[i] ?? 0) << 8) | (part[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  part.set([(~sum >> 8) & 0xff, ~sum & 0xff], 6);
}

/** Throws FuzzFailure with seed and packet when a rule is broken. */
export function fuzzVrrp(packets: number, seed: number): VrrpFuzzSummary {
  const random = new Random(seed);
  const refused: Record<string, number> = {};
  const refuse = (reason: string): void => {
    refused[reason] = (refused[reason] ?? 0) + 1;
  };
  let state = freshState();
  let nowMs = 0;
  let whole = 0;
  let authentic = 0;
  for (let i = 0; i < packets; i++) {
    if (i % 10_000 === 9999) {
      state = freshState();
      nowMs = 0;
    }
    const bytes = mutated(random);
    const fail = (why: string): never => {
      throw new FuzzFailure(`seed ${seed}, packet ${i}: ${why}: ${Buffer.from(bytes).toString('hex')}`);
    };
    try {
      nowMs += random.below(200);
      step(state, { kind: 'tick', nowMs, wallS: 0 });
      const opened = openIpv4Packet(bytes);
      if (!opened.ok) {
        refuse(opened.reason);
        continue;
      }
      const decoded = decodeAdvert(opened.payload, opened.envelope, 4);
      const { source, ttl, destination } = opened.envelope;
      if (!decoded.ok) {
        refuse(decoded.reason);
        const instance = instances.find(({ virtualRouterId }) => virtualRouterId === decoded.virtualRouterId);
        if (instance === undefined) continue;
        const before = rolesOf(state);
        const heard = { ok: false, source, reason: decoded.reason } as const;
        step(state, { kind: 'advert', instance: instance.name, heard, nowMs, wallS: 0 });
        if (rolesOf(state) !== before) fail('a packet that is no advert changed a role');
        continue;
      }
      whole += 1;
      const { advert } = decoded;
      const instance = instances.find(({ virtualRouterId }) => virtualRouterId === advert.virtualRouterId);
      if (instance === undefined) continue;
      const authentication = judgeAuthentication(
        advert,
        instance.authentication.kind === 'none' ? undefined : instance.authentication.password,
      );
      if (authentication === 'right') authentic += 1;
      const before = rolesOf(state);
      const { version, virtualRouterId, priority, intervalMs, addresses } = advert;
      const heard = {
        ok: true,
        source,
        multicast: destination === GROUP,
        ttl,
        version,
        virtualRouterId,
        priority,
        intervalMs,
        addresses,
        authentication,
      } as const;
      step(state, { kind: 'advert', instance: instance.name, heard, nowMs, wallS: 0 });
      const fits = authentication === 'right' && ttl === 255 && version === instance.version;
      if (!fits && rolesOf(state) !== before) fail('an advert that does not fit changed a role');
    } catch (error) {
      if (error instanceof FuzzFailure) throw error;
      fail(error instanceof Error ? error.message : String(error));
    }
    for (const instance of state.vrrp?.instances ?? []) {
      if (instance.disagreements.size > 32) fail('more disagreements are remembered than allowed');
    }
  }
  return { packets, whole, authentic, refused };
}

/** What an advert may change: the role, who is master, and when its silence has run out. */
function rolesOf(state: State): string {
  return (state.vrrp?.instances ?? [])
    .map(
      ({ state: role, master, downDueMs, priority }) => `${role} ${master?.address} ${downDueMs} ${priority}`,
    )
    .join(';');
}
