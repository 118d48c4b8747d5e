import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runDecode } from '../../../src/cli/decode.js';
import { Random } from '../../nightly/wire-fuzzer.js';
import { negative, positive } from './vectors.js';

const folder = mkdtempSync(join(tmpdir(), 'heartbeat-decode-'));
after(() => rmSync(folder, { recursive: true }));

function keyFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
const SECRET = keyFile('authkeys', 'auth 1\n1 sha1 secretkey\n2 md5 newkey\n3 crc\n');

interface Run {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

async function run(argv: readonly string[], input: readonly (string | Uint8Array)[]): Promise<Run> {
  let out = '';
  let errors = '';
  const code = await runDecode(
    argv,
    (async function* () {
      yield* input;
    })(),
    { write: (text: string) => (out += text) },
    { write: (text: string) => (errors += text) },
  );
  return { code, out, errors };
}

/** The objects printed for that input. */
async function decode(input: string | Uint8Array, keys = SECRET): Promise<Record<string, unknown>[]> {
  const { code, out, errors } = await run(['--json', '--authkeys', keys], [input]);
  assert.equal(errors, '');
  assert.equal(code, 0);
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function hexOf(id: string): string {
  const vector = [...positive, ...negative].find((candidate) => candidate.id === id);
  assert.ok(vector, id);
  return vector.hex;
}

for (const vector of positive) {
  test(`decode prints a captured packet's fields and a valid signature: ${vector.id}`, async () => {
    const tag = vector.outer_auth ?? vector.auth_field;
    const { method, effective_key } = vector.auth;
    const keys = keyFile(vector.id, `auth ${tag?.index}\n${tag?.index} ${method} ${effective_key}\n`);
    const [report, ...more] = await decode(`${vector.hex}\n`, keys);
    assert.deepEqual(more, []);
    assert.deepEqual(report, {
      ok: true,
      format: vector.format,
      length: vector.hex.length / 2,
      auth: { index: tag?.index, method, valid: true },
      fields: vector.fields,
      problems: [],
      ...(vector.decompressed_fields === undefined ? {} : { inner: { fields: vector.decompressed_fields } }),
    });
  });
}

test('decode tells a wrong signature from a missing key and from a packet that is none', async () => {
  const ids = [
    'wrong-key',
    'index-99-out-of-range',
    'robust-type-6',
    'garbage',
    'live-key-rollover-mismatch',
  ];
  const reports = await decode(ids.map(hexOf).join('\n'));
  const verdicts = reports.map(({ ok, reason, auth }) => (ok === true ? auth : reason));
  assert.deepEqual(verdicts, [
    { index: 1, method: 'sha1', valid: false },
    { index: 99, method: null, valid: null },
    'bad-type',
    'unknown-format',
    { index: 2, method: 'md5', valid: true },
  ]);
  const { out } = await run(['--json'], [hexOf('wrong-key')]);
  assert.deepEqual((JSON.parse(out) as { auth: unknown }).auth, { index: 1, method: null, valid: null });
});

test('what only a running node can judge is a problem, not a failure', async () => {
  const expected: Readonly<Record<string, string>> = {
    'missing-ts': 'missing-ts',
    'missing-src': 'missing-src',
    'missing-seq': 'missing-seq',
    'seq-not-hex': 'bad-seq',
    'robust-authentic-short-uuid': 'bad-uuid',
    'index-99-out-of-range': 'bad-auth-index',
  };
  for (const [id, code] of Object.entries(expected)) {
    const [report] = await decode(hexOf(id));
    assert.equal(report?.ok, true);
    const problems = report?.problems as string[];
    assert.equal(problems.length, 1, id);
    assert.ok(problems[0]?.startsWith(`${code}: `), problems[0]);
  }
});

test('a crc packet beside a real active key has a right token and a problem', async () => {
  const [report] = await decode(hexOf('nsonly-crc-status'));
  assert.deepEqual(report?.auth, { index: 3, method: 'crc', valid: true });
  assert.match(String(report?.problems), /^auth-method-refused: /);
});

test('hex lines may have blanks, colons, comments, any case, any split into chunks, and no last line end', async () => {
  const hex = hexOf('ns-sha1-status-up');
  const spaced = hex.toUpperCase().replaceAll(/(..)/g, '$1:').slice(0, -1);
  const input = `# a comment\n\n  ${spaced}\r\nxyz\n123\n${hex}`;
  const chunks = input.match(/[\s\S]{1,7}/g) ?? [];
  const { out } = await run(['--json'], chunks);
  const reports = out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { ok: boolean; reason?: string });
  assert.deepEqual(
    reports.map(({ ok, reason }) => reason ?? ok),
    [true, 'not-hex', 'not-hex', true],
  );
  const tooLong = await run(['--json'], [`${'00'.repeat(800_000)}\n${hex}\n`]);
  assert.match(tooLong.out, /^\{"ok":false,"reason":"too-large"\}\n\{"ok":true/);
});

test('text output names the fields and lets no control character through', async () => {
  const { out } = await run(['--authkeys', SECRET], [`${hexOf('ns-sha1-status-up')}\n`]);
  assert.match(out, /^netstring, 303 bytes, signature of key 1 \(sha1\): valid\n {2}t = status\n/);
  assert.match(out, / {2}srcuuid = 8bef022f-976b-4737-b12d-5dac0ad9b3f4\n/);
  const evil = Buffer.from('###\n10:(0)t=\x1b[2J\x07,%%%\n3:1 x,', 'latin1').toString('hex');
  assert.match((await run([], [evil])).out, / {2}t = \\x1b\[2J\\x07\n/);
  assert.equal((await run([], ['zz'])).out, 'not a heartbeat packet: not-hex\n\n');
});

test('wrong usage and unusable key files are one sentence and exit codes 2 and 6', async () => {
  const usage = await run(['--bogus'], []);
  assert.equal(usage.code, 2);
  assert.match(usage.errors, /--bogus/);
  const missing = await run(['--authkeys', join(folder, 'none')], []);
  assert.equal(missing.code, 6);
  const noActive = await run(['--authkeys', keyFile('no-active', 'auth 2\n1 sha1 x\n')], []);
  assert.equal(noActive.code, 6);
  assert.equal((await run(['--help'], [])).code, 0);
});

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
