import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../nightly/wire-fuzzer.js';
import { decode, hexOf, run } from './decode-runner.js';

// Captures, built by hand from the formats' documents.

const u16 = (value: number): string => value.toString(16).padStart(4, '0');
const u32 = (value: number): string => value.toString(16).padStart(8, '0');
const le = (hex: string): string => Buffer.from(hex, 'hex').reverse().toString('hex');
const size = (hex: string): number => hex.length / 2;

function udp(payload: string, port = 694): string {
  return `8001${u16(port)}${u16(size(payload) + 8)}0000${payload}`;
}
function ipv4(protocol: string, payload: string, fragment = '0000'): string {
  return `4500${u16(size(payload) + 20)}0000${fragment}40${protocol}0000` + `0a4d00010a4d00ff${payload}`;
}
function ipv6(protocol: string, payload: string): string {
  return `60000000${u16(size(payload))}${protocol}40${'fe80000000000000'}0000000000000001ff02${'00'.repeat(13)}01${payload}`;
}
const ETHERNET = 'ffffffffffff020000000001';

function pcap(linkType: number, frames: readonly string[], word = le, half = le): Uint8Array {
  const header =
    word('a1b2c3d4') +
    half('0002') +
    half('0004') +
    u32(0).repeat(2) +
    word('00040000') +
    word(u32(linkType));
  const records = frames.map((frame) => {
    const length = word(u32(size(frame)));
    return word(u32(1_700_000_000)) + word(u32(250_000)) + length + length + frame;
  });
  return Buffer.from(header + records.join(''), 'hex');
}

const STATUS = hexOf('ns-sha1-status-up');
const PING = hexOf('icmp-echo-ns_st');

const CAPTURES: readonly (readonly [string, Uint8Array, string, string])[] = [
  ['Ethernet', pcap(1, [`${ETHERNET}0800${ipv4('11', udp(STATUS))}`]), '10.77.0.1:32769', '10.77.0.255:694'],
  [
    'Ethernet with a VLAN tag',
    pcap(1, [`${ETHERNET}81000005${'0800'}${ipv4('11', udp(STATUS))}`]),
    '10.77.0.1:32769',
    '10.77.0.255:694',
  ],
  [
    'Ethernet with padding',
    pcap(1, [`${ETHERNET}0800${ipv4('11', udp(STATUS))}000000`]),
    '10.77.0.1:32769',
    '10.77.0.255:694',
  ],
  ['raw IP', pcap(101, [ipv4('11', udp(STATUS, 7777))]), '10.77.0.1:32769', '10.77.0.255:7777'],
  [
    'Linux cooked',
    pcap(113, [`000000010006020000000001${'0000'}0800${ipv4('11', udp(STATUS))}`]),
    '10.77.0.1:32769',
    '10.77.0.255:694',
  ],
  [
    'Linux cooked v2',
    pcap(276, [`0800${'00'.repeat(18)}${ipv4('11', udp(STATUS))}`]),
    '10.77.0.1:32769',
    '10.77.0.255:694',
  ],
  ['IPv6', pcap(1, [`${ETHERNET}86dd${ipv6('11', udp(STATUS))}`]), '[fe80::1]:32769', '[ff02::1]:694'],
  [
    'IPv6 with an extension header',
    pcap(229, [ipv6('3c', `11000000000000${'00'}${udp(STATUS)}`)]),
    '[fe80::1]:32769',
    '[ff02::1]:694',
  ],
  [
    'big-endian',
    pcap(
      101,
      [ipv4('11', udp(STATUS))],
      (hex) => hex,
      (hex) => hex,
    ),
    '10.77.0.1:32769',
    '10.77.0.255:694',
  ],
];

for (const [name, capture, from, to] of CAPTURES) {
  test(`decode reads a capture: ${name}`, async () => {
    const [report, ...more] = await decode(capture);
    assert.deepEqual(more, []);
    assert.equal(report?.ok, true);
    assert.equal(report?.length, STATUS.length / 2);
    assert.deepEqual(report?.auth, { index: 1, method: 'sha1', valid: true });
    assert.deepEqual([report?.packet, report?.from, report?.to], [1, from, to]);
    assert.equal(report?.time, '2023-11-14T22:13:20.250Z');
  });
}

test('decode reads ping nodes, skips other traffic, and names fragments', async () => {
  const frames = [
    ipv4('06', 'ff'.repeat(40)),
    ipv4('11', udp('cafe', 53)),
    ipv4('01', `080058b60c000000${PING}`),
    ipv4('01', `000060b60c000000${PING}`),
    ipv4('11', udp('cafe')),
    ipv4('11', udp(STATUS), '2000'),
    ipv4('11', STATUS, '0010'),
    '45',
    '',
  ];
  const reports = await decode(pcap(101, frames));
  assert.deepEqual(
    reports.map(({ packet, ok, reason }) => [packet, reason ?? ok]),
    [
      [3, true],
      [4, true],
      [5, 'unknown-format'],
      [6, 'ip-fragment'],
    ],
  );
});

/** One section and interface, then three packets, of which the last is empty. */
function pcapng(): Buffer {
  const block = (type: number, body: string): string => {
    const padded = body + '00'.repeat((4 - (size(body) % 4)) % 4);
    const length = le(u32(size(padded) + 12));
    return le(u32(type)) + length + padded + length;
  };
  const frame = ipv4('11', udp(STATUS));
  const length = le(u32(size(frame)));
  const units = 1_700_000_000_250_000_000n.toString(16).padStart(16, '0');
  const file =
    block(0x0a0d0d0a, `${le(u32(0x1a2b3c4d))}01000000${'ff'.repeat(8)}`) +
    block(1, `${le(u16(101))}000000000400${le(u16(9))}${le(u16(1))}09000000${'00000000'}`) +
    block(5, '00'.repeat(12)) +
    block(6, u32(0) + le(units.slice(0, 8)) + le(units.slice(8)) + length + length + frame) +
    block(3, length + frame) +
    block(3, u32(0));
  return Buffer.from(file, 'hex');
}

test('decode reads pcapng, with its time resolution, and skips blocks it does not know', async () => {
  const reports = await decode(pcapng());
  assert.deepEqual(
    reports.map(({ ok, packet, time }) => [ok, packet, time]),
    [
      [true, 1, '2023-11-14T22:13:20.250Z'],
      [true, 2, undefined],
    ],
  );
});

test('a capture cut anywhere is read as far as it goes and never breaks the command', async () => {
  const whole = pcap(101, [ipv4('11', udp(STATUS)), ipv4('11', udp(STATUS))]);
  for (let length = 4; length < whole.length; length += 5) {
    const { code, out } = await run(['--json'], [whole.subarray(0, length)]);
    const firstEnd = 24 + (whole.length - 24) / 2;
    assert.equal(out.split('\n').length - 1, length >= firstEnd ? 1 : 0);
    if (length !== 24 && length !== firstEnd) assert.equal(code, 1, `length ${length}`);
  }
});

test('a capture with any damage never breaks the command', async () => {
  const random = new Random(4);
  for (const whole of [pcapng(), ...CAPTURES.map(([, capture]) => capture)]) {
    for (let i = 0; i < 300; i++) {
      const damaged = Buffer.from(whole);
      for (let hits = 1 + random.below(4); hits > 0; hits--) damaged[random.below(120)] = random.below(256);
      const { code } = await run(['--json'], [damaged.subarray(0, 24 + random.below(whole.length))]);
      assert.ok(code === 0 || code === 1);
    }
  }
});
