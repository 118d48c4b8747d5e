import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSigner, createVerifier } from '../../../src/wire/auth.js';
import { encodeClassic, encodeNetstring } from '../../../src/wire/encode.js';
import { EXTRA_FIELD, type Extra } from '../../../src/wire/extra.js';
import { encodeExtra, parseExtra } from '../../../src/wire/extra-codec.js';
import { groupsDigest } from '../../../src/wire/group-digest.js';
import { text, textOf } from '../../../src/wire/message.js';
import { decodePacket } from '../../../src/wire/packet.js';
import { oneKey } from './vectors.js';

const SAMPLE: Extra = {
  version: 1,
  program: '4.0.0',
  capabilities: ['groups', 'lease'],
  nonce: '0123456789abcdef',
  heard: [
    {
      node: 'node2',
      nonce: 'fedcba9876543210',
      links: [
        { link: 'eth0', seq: 31 },
        { link: '/dev/ttyS0', seq: 30 },
      ],
    },
    { node: 'old,one', nonce: '', links: [] },
  ],
  groupsDigest: '00c0ffee',
  claims: [
    { hold: 'held', epoch: 26 },
    { hold: 'held', epoch: 26 },
    { hold: 'free', epoch: 0 },
    { hold: 'taken', epoch: 2 },
    { hold: 'failed', epoch: Number.MAX_SAFE_INTEGER },
  ],
  maintenance: 27,
  noCarrier: [0, 4],
};
const SAMPLE_TEXT =
  '1/p:4.0.0/c:groups+lease/n:0123456789abcdef' +
  '/h:node2@fedcba9876543210@eth0=1f@%2Fdev%2FttyS0=1e+old%2Cone@/d:00c0ffee/g:h1ax2+f0+t2+x1fffffffffffff/m:1b/i:0+4';

/** fast-check's records have no prototype unless told so, which deepStrictEqual minds. */
function plainRecord<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const name = fc.string({
  unit: fc.integer({ min: 0x20, max: 255 }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 40,
});
const hexDigits = (count: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${count}}$`));
const count = fc.maxSafeNat();
const anyExtra: fc.Arbitrary<Extra> = plainRecord({
  version: fc.integer({ min: 1, max: 99_999 }),
  program: name,
  capabilities: fc.array(fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/), { maxLength: 32 }),
  nonce: hexDigits(16),
  heard: fc.array(
    plainRecord({
      node: name,
      nonce: fc.oneof(hexDigits(16), fc.constant('')),
      links: fc.array(plainRecord({ link: name, seq: count }), { maxLength: 16 }),
    }),
    { maxLength: 5 },
  ),
  groupsDigest: hexDigits(8),
  claims: fc.array(
    plainRecord({
      hold: fc.constantFrom('free', 'held', 'taken', 'releasing', 'failed'),
      epoch: fc.oneof(count, fc.nat(2)),
    }),
    { maxLength: 40 },
  ),
})
  .chain((extra) =>
    fc.option(count).map((maintenance) => (maintenance === null ? extra : { ...extra, maintenance })),
  )
  .chain((extra) =>
    fc
      .option(
        plainRecord({
          keyHint: hexDigits(16),
          digests: fc.array(plainRecord({ file: name, digest: hexDigits(16) }), { maxLength: 16 }),
        }),
      )
      .map((files) => (files === null ? extra : { ...extra, files })),
  )
  .chain((extra) =>
    fc
      .option(fc.uniqueArray(fc.nat(9999), { minLength: 1, maxLength: 40 }))
      .map((found) => (found === null ? extra : { ...extra, noCarrier: found.sort((a, b) => a - b) })),
  );

test('the extra field has its documented text', () => {
  assert.equal(encodeExtra(SAMPLE), SAMPLE_TEXT);
  assert.deepEqual(parseExtra(SAMPLE_TEXT), SAMPLE);
});

test('any extra field survives, inside a signed packet of either encoding too', () => {
  const keys = oneKey('sha1', 'k');
  const signer = createSigner(keys);
  const verifier = createVerifier(keys);
  fc.assert(
    fc.property(anyExtra, (extra) => {
      const value = encodeExtra(extra);
      assert.match(value, /^[A-Za-z0-9._%:/+@=-]+$/);
      assert.deepEqual(parseExtra(value), extra);
      const message = { fields: [text('t', 'status'), text(EXTRA_FIELD, value)] };
      for (const packet of [encodeNetstring(message, signer), encodeClassic(message, signer)]) {
        const result = decodePacket(packet, verifier);
        assert.ok(result.ok);
        assert.equal(textOf(result.message, EXTRA_FIELD), value);
      }
    }),
    { numRuns: 200 },
  );
});

test('a hundred equal claims take one short run', () => {
  const claims = new Array<Extra['claims'][number]>(100).fill({ hold: 'held', epoch: 7 });
  assert.ok(encodeExtra({ ...SAMPLE, claims }).endsWith('/g:h7x100/m:1b/i:0+4'));
});

test('sections that a later version adds are ignored, in any order', () => {
  const later = SAMPLE_TEXT.replace('1/p:', '1/zz:whatever=1@2/p:');
  assert.deepEqual(parseExtra(later), SAMPLE);
  const [version, ...sections] = SAMPLE_TEXT.split('/');
  assert.deepEqual(parseExtra([version, ...sections.reverse()].join('/')), SAMPLE);
});

test('of a later version, sections that do not parse count as absent', () => {
  const later = SAMPLE_TEXT.replace(/^1/, '2').replace('/g:h', '/g:q').replace('/d:', '/odd/d:');
  assert.deepEqual(parseExtra(later), { ...SAMPLE, version: 2, claims: [] });
  assert.equal(parseExtra(later.replace(/^2/, '1')), undefined);
  assert.equal(parseExtra(later.replace('/n:0', '/n:g')), undefined);
});

test('what is not an extra field, or exceeds a bound, is refused', () => {
  const replaced = (from: string | RegExp, to: string): string => {
    const changed = SAMPLE_TEXT.replace(from, to);
    assert.notEqual(changed, SAMPLE_TEXT);
    return changed;
  };
  const peers = (howMany: number): string => Array.from({ length: howMany }, (_, i) => `n${i}@`).join('+');
  const links = (howMany: number): string => Array.from({ length: howMany }, (_, i) => `@e${i}=1`).join('');
  const refused = [
    '',
    '1',
    replaced(/^1/, '0'),
    replaced(/^1/, '01'),
    replaced(/^1/, '100000'),
    replaced('/p:4.0.0', ''),
    replaced('/p:4.0.0', '/p:4.0.0/p:4.0.0'),
    replaced('4.0.0', '4 0'),
    replaced('%2F', '%2f'),
    replaced('%2F', '%0A'),
    replaced('%2F', '%'),
    replaced('groups', 'Groups'),
    replaced('=1f', '=01f'),
    replaced('=1f', '=-1'),
    replaced('=1f', '='),
    replaced('=1f', '=1f=1'),
    replaced('=1f', '=20000000000000'),
    replaced('h1ax2', 'h1ax0'),
    replaced('h1ax2', 'h1ax10000'),
    replaced('h1ax2', 'h'),
    replaced('h1ax2', 'q1'),
    replaced('h1ax2', ''),
    replaced('x1fffffffffffff', 'x20000000000000'),
    replaced('d:00c0ffee', 'd:00c0ffe'),
    replaced(/h:[^/]*/, `h:${peers(101)}`),
    replaced(/h:[^/]*/, `h:node2@${links(17)}`),
    replaced(/h:[^/]*/, `h:${'n'.repeat(256)}@`),
    `${SAMPLE_TEXT}/zz:${'x'.repeat(48 * 1024)}`,
  ];
  for (const value of refused) assert.equal(parseExtra(value), undefined, value.slice(0, 200));
  assert.ok(parseExtra(replaced(/h:[^/]*/, `h:${peers(100)}`)));
  assert.ok(parseExtra(replaced(/h:[^/]*/, `h:node2@${links(16)}`)));
  assert.equal(parseExtra(replaced(/g:.*/, 'g:h1x9999+f0'))?.claims.length, 10_000);
  assert.equal(parseExtra(replaced(/g:.*/, 'g:h1x9999+f0x2')), undefined);
});

test('random text never breaks the parser', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(SAMPLE_TEXT.length), (noise, at) => {
      parseExtra(noise);
      parseExtra(SAMPLE_TEXT.slice(0, at) + noise + SAMPLE_TEXT.slice(at));
    }),
  );
});

test('the digest of the groups depends on every name, their order and the borders between them', () => {
  const group = (node: string, key: string) => ({ node, key });
  const lists = [
    [],
    [group('', '')],
    [group('a', 'b')],
    [group('ab', '')],
    [group('', 'ab')],
    [group('a', 'b'), group('a', 'c')],
    [group('a', 'c'), group('a', 'b')],
    [group('a', 'b\u0100')],
  ];
  const digests = lists.map(groupsDigest);
  assert.equal(new Set(digests).size, lists.length);
  for (const digest of digests) assert.match(digest, /^[0-9a-f]{8}$/);
  assert.equal(groupsDigest([]), '811c9dc5');
  assert.equal(groupsDigest([group('a', 'b')]), groupsDigest([group('a', 'b')]));
});

test('digests of files are read whole or not at all', () => {
  const digest = '0123456789abcdef';
  const value = `${SAMPLE_TEXT}/f:${digest}+ha.cf=${digest}`;
  assert.deepEqual(parseExtra(value)?.files, { keyHint: digest, digests: [{ file: 'ha.cf', digest }] });
  const many = Array.from({ length: 17 }, (_, index) => `+f${index}=${digest}`).join('');
  for (const wrong of [
    '0123',
    digest.toUpperCase(),
    `${digest}+ha.cf`,
    `${digest}+=${digest}`,
    `${digest}${many}`,
  ])
    assert.equal(parseExtra(`${SAMPLE_TEXT}/f:${wrong}`), undefined, wrong);
});
