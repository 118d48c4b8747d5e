import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { createSigner, createVerifier } from '../../../src/wire/auth.js';
import { encodeClassic, encodeNetstring } from '../../../src/wire/encode.js';
import type { Field } from '../../../src/wire/message.js';
import { decodePacket, decodeUnsigned, inspectPacket } from '../../../src/wire/packet.js';
import { coveredOf, keysOf, negative, oneKey, positive, primitives, type VectorField } from './vectors.js';

function plain(fields: readonly Field[]): VectorField[] {
  return fields.map((field) => ({ ...field })) as VectorField[];
}

for (const vector of positive) {
  const bytes = Buffer.from(vector.hex, 'hex');
  const keys = keysOf(vector);

  test(`a captured packet is accepted with exactly its fields: ${vector.id}`, () => {
    const result = decodePacket(bytes, createVerifier(keys));
    assert.equal(result.ok, true);
    const expected = vector.decompressed_fields ?? vector.fields.filter((field) => field.name !== 'auth');
    assert.ok(result.ok);
    assert.equal(result.format, vector.format);
    assert.deepEqual(plain(result.message.fields), expected);

    const inspected = inspectPacket(bytes, createVerifier(keys));
    assert.ok(inspected.ok);
    assert.deepEqual(plain(inspected.fields), vector.fields);
    assert.deepEqual(inspected.inner && plain(inspected.inner), vector.decompressed_fields);
    assert.equal(inspected.auth.valid, true);
    assert.equal(inspected.trailingBytes, 0);
  });

  test(`a captured packet is reproduced byte for byte from its fields: ${vector.id}`, () => {
    const fields = vector.fields.filter((field) => field.name !== 'auth') as Field[];
    const signer = createSigner(keys);
    const innerAuth = vector.inner_auth_field !== undefined;
    const built =
      vector.format === 'netstring'
        ? encodeNetstring({ fields }, signer, { innerAuth })
        : encodeClassic({ fields }, signer);
    const trailingNul = vector.hex.endsWith('3c3c3c0a00') ? '00' : '';
    assert.equal(built.toString('hex') + trailingNul, vector.hex);
  });

  test(`a captured packet is refused when a covered byte or the key differs: ${vector.id}`, () => {
    const verifier = createVerifier(keys);
    const changed = Buffer.from(bytes);
    const offset = bytes.indexOf('src=') + 4;
    if (bytes.indexOf('src=') !== -1) {
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      const result = decodePacket(changed, verifier);
      assert.deepEqual(result, { ok: false, reason: 'auth-wrong' });
      const inspected = inspectPacket(changed, verifier);
      assert.ok(inspected.ok);
      assert.equal(inspected.auth.valid, false);
    }
    if (vector.auth.method !== 'crc') {
      const index = keys.activeIndex;
      const other = createVerifier(oneKey(vector.auth.method, 'another', index));
      assert.deepEqual(decodePacket(bytes, other), { ok: false, reason: 'auth-wrong' });
      const elsewhere = createVerifier(oneKey(vector.auth.method, vector.auth.effective_key, index + 1));
      assert.deepEqual(decodePacket(bytes, elsewhere), { ok: false, reason: 'auth-no-key' });
    }
  });
}

test('the message inside a compressed packet can be read by itself', () => {
  const vector = positive.find((candidate) => candidate.id === 'compressed-zlib');
  assert.ok(vector?.decompressed_hex !== undefined);
  const result = decodeUnsigned(Buffer.from(vector.decompressed_hex, 'hex'));
  assert.ok(result.ok);
  assert.deepEqual(plain(result.message.fields), vector.decompressed_fields);
});

/** What `inspectPacket` says to each packet that must not act: malformed, unauthentic, or for the core to judge. */
const NEGATIVE_VERDICTS: Readonly<Record<string, string>> = {
  'bad-outer-token': 'invalid',
  'modified-body': 'invalid',
  'truncated-no-outer': 'auth-missing',
  'truncated-last-comma': 'auth-malformed',
  'index-99-out-of-range': 'no key',
  'wrong-key': 'invalid',
  'missing-ts': 'valid',
  'missing-src': 'valid',
  'missing-seq': 'valid',
  'seq-not-hex': 'valid',
  'lower-generation': 'valid',
  garbage: 'unknown-format',
  'netstring-length-too-big': 'bad-length',
  'field-without-equals': 'no-equals',
  'classic-bad-token': 'invalid',
  'classic-truncated': 'no-end-marker',
  'live-key-rollover-mismatch': 'valid',
  'robust-no-type-prefix': 'bad-type',
  'robust-type-6': 'bad-type',
  'robust-type-letter': 'bad-type',
  'robust-zero-length-field': 'bad-type',
  'robust-empty-name': 'empty-name',
  'robust-no-end': 'no-end-marker',
  'robust-only-start': 'no-end-marker',
  'robust-nested-bad': 'bad-nested',
  'robust-list-bad': 'bad-list',
  'robust-classic-no-equals': 'no-equals',
  'robust-classic-empty-name': 'empty-name',
  'robust-classic-unterminated': 'no-end-marker',
  'robust-authentic-nul-in-string': 'nul-in-string',
  'robust-authentic-unknown-compression': 'unsupported-compression',
  'robust-authentic-short-uuid': 'valid',
};

for (const vector of negative) {
  test(`a bad packet gets its fixed verdict: ${vector.id}`, () => {
    const verifier = createVerifier(oneKey(vector.auth.method, vector.auth.key, vector.auth.index));
    const bytes = Buffer.from(vector.hex, 'hex');
    const inspected = inspectPacket(bytes, verifier);
    let verdict = 'no key';
    if (!inspected.ok) verdict = inspected.reason;
    else if (inspected.auth.valid !== undefined) verdict = inspected.auth.valid ? 'valid' : 'invalid';
    assert.equal(verdict, NEGATIVE_VERDICTS[vector.id]);
    assert.equal(decodePacket(bytes, verifier).ok, verdict === 'valid');
  });
}

test('a sender UUID that is not 16 bytes is taken as absent', () => {
  const vector = negative.find((candidate) => candidate.id === 'robust-authentic-short-uuid');
  const result = decodePacket(
    Buffer.from(vector?.hex ?? '', 'hex'),
    createVerifier(oneKey('sha1', 'secretkey')),
  );
  assert.ok(result.ok);
  assert.deepEqual(
    result.message.fields.map((field) => field.name),
    ['t', 'st', 'src', 'seq', 'hg', 'ts'],
  );
});

test('tokens of crc, md5 and sha1 have the published values', () => {
  const signatures = (method: 'crc' | 'md5' | 'sha1', key: string, hex: string): string => {
    const data = Buffer.from(hex, 'hex');
    return createSigner(oneKey(method, key, 7)).sign(data, 0, data.length);
  };
  for (const { data_hex, token } of primitives.crc)
    assert.equal(signatures('crc', '', data_hex), `7 ${token}`);
  for (const method of ['md5', 'sha1'] as const) {
    for (const { key, data_hex, token } of primitives[method]) {
      assert.equal(signatures(method, key, data_hex), `7 ${token}`);
    }
  }
});

test('tokens of sha256 and sha512 are standard HMACs of the covered bytes', () => {
  const [vector] = positive;
  assert.ok(vector);
  const covered = coveredOf(vector);
  for (const method of ['sha256', 'sha512'] as const) {
    const expected = createHmac(method, 'k').update(covered).digest('hex');
    assert.equal(createSigner(oneKey(method, 'k')).sign(covered, 0, covered.length), `1 ${expected}`);
  }
});
