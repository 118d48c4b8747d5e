import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode, folder, hexOf, keyFile, run, SECRET } from './decode-runner.js';
import { positive } from './vectors.js';

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
  assert.match(noActive.errors, /no-active:1: .*key 2/);
  assert.equal((await run(['--help'], [])).code, 0);
});
