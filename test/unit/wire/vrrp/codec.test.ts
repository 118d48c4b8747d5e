import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipText } from '../../../../src/wire/ip-text.js';
import type { AdvertEnvelope } from '../../../../src/wire/vrrp/advert.js';
import { decodeAdvert, judgeAuthentication, openIpv4Packet } from '../../../../src/wire/vrrp/decode.js';
import { type AdvertToSend, encodeAdvert } from '../../../../src/wire/vrrp/encode.js';
import { ADVERT_VECTORS } from './vectors.js';

const envelopeOf = ({ source, destination }: AdvertToSend): AdvertEnvelope => ({
  source,
  destination,
  ttl: 255,
});

for (const { name, advert, hex, packetHex } of ADVERT_VECTORS) {
  test(`an advert is byte for byte that of keepalived: ${name}`, () => {
    assert.equal(Buffer.from(encodeAdvert(advert)).toString('hex'), hex);
  });

  test(`keepalived's advert is read as it was meant: ${name}`, () => {
    const decoded = decodeAdvert(Buffer.from(hex, 'hex'), envelopeOf(advert), advert.family);
    assert.ok(decoded.ok);
    const { version, virtualRouterId, priority, intervalMs, addresses } = decoded.advert;
    assert.deepEqual(
      { version, virtualRouterId, priority, intervalMs, addresses },
      {
        version: advert.version,
        virtualRouterId: 51,
        priority: 100,
        intervalMs: 1000,
        addresses: advert.addresses,
      },
    );
    assert.equal(judgeAuthentication(decoded.advert, advert.password), 'right');
  });

  if (packetHex === undefined) continue;
  test(`the IP header around it is taken off: ${name}`, () => {
    const opened = openIpv4Packet(Buffer.from(packetHex, 'hex'));
    assert.ok(opened.ok);
    assert.deepEqual(opened.envelope, { source: '10.77.0.1', destination: '224.0.0.18', ttl: 255 });
    assert.equal(Buffer.from(opened.payload).toString('hex'), hex);
  });
}

const envelope: AdvertEnvelope = { source: '10.77.0.1', destination: '224.0.0.18', ttl: 255 };

/** The first vector with some bytes replaced and its checksum set right again. */
function changed(hex: string, changes: Readonly<Record<number, number>>): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value;
  bytes.set([0, 0], 6);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  bytes.set([sum >> 8, sum & 0xff], 6);
  return bytes;
}

const V2 = '2133640101010a1b0a4d00fc3132333400000000';

const REFUSED: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ['too-short', Buffer.from('21336401', 'hex')],
  ['too-short', Buffer.from(V2, 'hex').subarray(0, 19)],
  ['too-short', changed(V2, { 3: 2 })],
  ['length', Buffer.concat([Buffer.from(V2, 'hex'), Buffer.from([0])])],
  ['version', changed(V2, { 0: 0x41 })],
  ['version', changed(V2, { 0: 0x11 })],
  ['type', changed(V2, { 0: 0x22 })],
  ['virtual-router-id', changed(V2, { 1: 0 })],
  ['interval', changed(V2, { 5: 0 })],
  ['checksum', Buffer.from(V2.replace('0a1b', '0a1c'), 'hex')],
];

for (const [reason, bytes] of REFUSED) {
  test(`a damaged advert is refused with its reason: ${reason} (${bytes.length} bytes)`, () => {
    const decoded = decodeAdvert(bytes, envelope, 4);
    assert.equal(decoded.ok ? 'accepted' : decoded.reason, reason);
  });
}

test('version 2 is not spoken over IPv6', () => {
  const decoded = decodeAdvert(Buffer.from(V2, 'hex'), { ...envelope, source: 'fe80::1' }, 6);
  assert.equal(decoded.ok ? 'accepted' : decoded.reason, 'version');
});

test('the checksum of version 3 covers source and destination', () => {
  const bytes = Buffer.from('31336401006474410a4d00fc', 'hex');
  assert.ok(decodeAdvert(bytes, envelope, 4).ok);
  for (const other of [{ source: '10.77.0.2' }, { destination: '224.0.0.19' }]) {
    const decoded = decodeAdvert(bytes, { ...envelope, ...other }, 4);
    assert.equal(decoded.ok ? 'accepted' : decoded.reason, 'checksum');
  }
});

test('authentication is right, of another type, or wrong in its password; only eight bytes count', () => {
  const decoded = decodeAdvert(Buffer.from(V2, 'hex'), envelope, 4);
  assert.ok(decoded.ok);
  assert.equal(judgeAuthentication(decoded.advert, '1234'), 'right');
  assert.equal(judgeAuthentication(decoded.advert, '1235'), 'wrong-password');
  assert.equal(judgeAuthentication(decoded.advert, '12340'), 'wrong-password');
  assert.equal(judgeAuthentication(decoded.advert, undefined), 'other-type');
  const long = encodeAdvert({ ...(ADVERT_VECTORS[0]?.advert ?? assert.fail()), password: '12345678ABC' });
  const other = decodeAdvert(long, envelope, 4);
  assert.ok(other.ok);
  assert.equal(judgeAuthentication(other.advert, '12345678XYZ'), 'right');
});

test('an IPv4 packet that is cut, of another protocol or a fragment is refused', () => {
  const whole = Buffer.from(ADVERT_VECTORS[0]?.packetHex ?? '', 'hex');
  const reasonOf = (change: (bytes: Buffer) => Buffer): string => {
    const opened = openIpv4Packet(change(Buffer.from(whole)));
    return opened.ok ? 'accepted' : opened.reason;
  };
  const put = (at: number, value: number) => (bytes: Buffer) => {
    bytes[at] = value;
    return bytes;
  };
  assert.equal(
    reasonOf((bytes) => bytes.subarray(0, 39)),
    'ip-header',
  );
  assert.equal(
    reasonOf((bytes) => bytes.subarray(0, 12)),
    'ip-header',
  );
  assert.equal(reasonOf(put(0, 0x44)), 'ip-header');
  assert.equal(reasonOf(put(0, 0x65)), 'ip-header');
  assert.equal(reasonOf(put(6, 0x20)), 'fragment');
  assert.equal(reasonOf(put(7, 1)), 'fragment');
  assert.equal(reasonOf(put(9, 17)), 'not-vrrp');
});

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(ipText);
const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(ipText);
const base = {
  virtualRouterId: fc.integer({ min: 1, max: 255 }),
  priority: fc.integer({ min: 0, max: 255 }),
};
const password = fc.option(
  fc.stringMatching(/^[!-~]{1,12}$/),
  // A password that is absent is another thing than an empty one.
  { nil: undefined },
);

const anyAdvert: fc.Arbitrary<AdvertToSend> = fc.oneof(
  fc
    .record({
      ...base,
      seconds: fc.integer({ min: 1, max: 255 }),
      addresses: fc.array(ipv4, { maxLength: 255 }),
      source: ipv4,
      destination: ipv4,
      password,
    })
    .map(({ seconds, password: word, ...rest }) => ({
      ...rest,
      version: 2 as const,
      family: 4 as const,
      intervalMs: seconds * 1000,
      ...(word === undefined ? {} : { password: word }),
    })),
  fc
    .oneof(
      fc.record({
        family: fc.constant(4 as const),
        source: ipv4,
        destination: ipv4,
        addresses: fc.array(ipv4),
      }),
      fc.record({
        family: fc.constant(6 as const),
        source: ipv6,
        destination: ipv6,
        addresses: fc.array(ipv6),
      }),
    )
    .chain((ends) =>
      fc
        .record({ ...base, centiseconds: fc.integer({ min: 1, max: 4095 }) })
        .map(({ centiseconds, ...rest }) => ({
          ...rest,
          ...ends,
          version: 3 as const,
          intervalMs: centiseconds * 10,
        })),
    ),
);

test('every advert comes back as it was sent', () => {
  fc.assert(
    fc.property(anyAdvert, (sent) => {
      const decoded = decodeAdvert(encodeAdvert(sent), envelopeOf(sent), sent.family);
      assert.ok(decoded.ok, decoded.ok ? '' : decoded.reason);
      const { authentication, ...rest } = decoded.advert;
      assert.deepEqual(rest, {
        version: sent.version,
        virtualRouterId: sent.virtualRouterId,
        priority: sent.priority,
        intervalMs: sent.intervalMs,
        addresses: sent.addresses,
      });
      assert.equal(judgeAuthentication(decoded.advert, sent.password), 'right');
      assert.equal(authentication === undefined, sent.version === 3);
    }),
  );
});

test('every single wrong bit of an advert is noticed by its checksum or its form', () => {
  fc.assert(
    fc.property(anyAdvert, fc.nat(), (sent, where) => {
      const bytes = Uint8Array.from(encodeAdvert(sent));
      const bit = where % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(decodeAdvert(bytes, envelopeOf(sent), sent.family).ok, false);
    }),
  );
});
