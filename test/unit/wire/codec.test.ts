import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSigner, createVerifier } from '../../../src/wire/auth.js';
import { encodeClassic, encodeNetstring } from '../../../src/wire/encode.js';
import { messageProblem } from '../../../src/wire/field-rules.js';
import { binary, type Field, type Message, text } from '../../../src/wire/message.js';
import { decodePacket, decodeUnsigned } from '../../../src/wire/packet.js';
import { oneKey } from './vectors.js';

const keys = oneKey('sha1', 'k');
const signer = createSigner(keys);
const verifier = createVerifier(keys);

/** fast-check's records have no prototype unless told so, which deepStrictEqual minds. */
function plainRecord<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const latin1 = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const fieldName = fc
  .stringMatching(/^[A-Za-z_][ -<>-~]{0,20}$/)
  .filter(
    (name) => name !== 'auth' && name !== 'srcuuid' && name !== 'destuuid' && !name.startsWith('_compress'),
  );
const hex = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const { message: anyMessage } = fc.letrec<{ message: Message; field: Field }>((tie) => ({
  message: fc.array(tie('field'), { maxLength: 6 }).map((fields) => ({ fields })),
  field: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    plainRecord({ name: fieldName, type: fc.constant(0 as const), value: latin1 }),
    plainRecord({ name: fieldName, type: fc.constant(1 as const), hex }),
    plainRecord({ name: fieldName, type: fc.constant(4 as const), hex }),
    plainRecord({
      name: fieldName,
      type: fc.constant(3 as const),
      items: fc.array(latin1, { maxLength: 4 }),
    }),
    plainRecord({ name: fieldName, type: fc.constant(2 as const), message: tie('message') }),
  ),
}));

test('any message survives the netstring encoding, signed and unsigned', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      assert.equal(messageProblem(message), undefined);
      assert.deepEqual(decodePacket(encodeNetstring(message, signer), verifier), {
        ok: true,
        format: 'netstring',
        message,
        authIndex: 1,
      });
      assert.deepEqual(decodeUnsigned(encodeNetstring(message, undefined)), {
        ok: true,
        format: 'netstring',
        message,
      });
    }),
    { numRuns: 300 },
  );
});

/** The classic encoding cannot tell its own substitutes for LF from the same bytes in a value. */
function withoutSubstitutes(message: Message): Message {
  const isSubstitute = (char: string): boolean => char >= '\x0f' && char <= '\x1f';
  const clean = (value: string): string =>
    [...value].map((char) => (isSubstitute(char) ? '.' : char)).join('');
  return {
    fields: message.fields.map((field): Field => {
      if (field.type === 0) return { ...field, value: clean(field.value) };
      if (field.type === 3) return { ...field, items: field.items.map(clean) };
      if (field.type === 2) return { ...field, message: withoutSubstitutes(field.message) };
      return field;
    }),
  };
}

test('any message without the substitutes for LF survives the classic encoding', () => {
  fc.assert(
    fc.property(anyMessage.map(withoutSubstitutes), (message) => {
      const result = decodePacket(encodeClassic(message, signer), verifier);
      assert.deepEqual(result, { ok: true, format: 'classic', message, authIndex: 1 });
    }),
    { numRuns: 300 },
  );
});

test('both encodings have the documented bytes for every field type', () => {
  const message: Message = {
    fields: [
      text('t', 'a\nb'),
      binary('srcuuid', '00112233445566778899aabbccddeeff'),
      {
        name: 'in',
        type: 2,
        message: { fields: [text('x', '1'), { name: 'y', type: 2, message: { fields: [] } }] },
      },
      { name: 'l', type: 3, items: ['ab', ''] },
    ],
  };
  const uuid = Buffer.from('00112233445566778899aabbccddeeff', 'hex').toString('latin1');
  assert.equal(
    encodeNetstring(message, undefined).toString('latin1'),
    `###\n8:(0)t=a\nb,27:(1)srcuuid=${uuid},40:(2)in=###\n6:(0)x=1,13:(2)y=###\n%%%\n,%%%\n,13:(3)l=2:ab,0:,,%%%\n`,
  );
  assert.equal(
    encodeClassic(message, undefined).toString('latin1'),
    '>>>\nt=a\x13b\n(1)srcuuid=ABEiM0RVZneImaq7zN3u/w==\n(2)in=>>>\x14x=1\x14(2)y=>>>\x15<<<\x15\x14<<<\x14\n(3)l=2:ab,0:,\n<<<\n',
  );
});

const classic = (body: string): string => `>>>\n${body}<<<\n`;
const netstring = (body: string): string => `###\n${body}%%%\n`;

const MALFORMED: readonly (readonly [string, string])[] = [
  ['', 'unknown-format'],
  ['###', 'unknown-format'],
  ['>>>', 'unknown-format'],
  ['>>>\r\n', 'unknown-format'],
  [netstring('05:(0)x=,'), 'bad-length'],
  [netstring(':(0)x=,'), 'bad-length'],
  [netstring('-5:(0)x=,'), 'bad-length'],
  [netstring('99999999:(0)x=,'), 'bad-length'],
  [netstring('999999:(0)x=,'), 'truncated'],
  [netstring('3:(0),'), 'no-equals'],
  [netstring('4:(0)=,'), 'empty-name'],
  [netstring('8:(0)>>>a=,'), 'bad-name'],
  [netstring('6:(0)\n=x,'), 'bad-name'],
  [netstring('6:(0)x=\0,'), 'nul-in-string'],
  [netstring('8:(3)x=1:a,'), 'bad-list'],
  [netstring('9:(3)x=1:\0,,'), 'nul-in-string'],
  [classic('x\n'), 'no-equals'],
  [classic('\n'), 'no-equals'],
  [classic('(6)x=\n'), 'bad-type'],
  [classic('(1x=\n'), 'bad-type'],
  [classic('(\n'), 'bad-type'],
  [classic('(1)x=AA\n'), 'bad-base64'],
  [classic('(1)x=A===\n'), 'bad-base64'],
  [classic('(1)x=AB==\n'), 'bad-base64'],
  [classic('(2)x=>>>\n'), 'bad-nested'],
  [classic('(2)x=>>>\x14<<<\n'), 'bad-nested'],
  [classic('(3)x=1:ab,\n'), 'bad-list'],
  [classic('x=a\0b\n'), 'nul-in-string'],
  ['>>>\nx=1\n<<<', 'no-end-marker'],
];

for (const [bytes, reason] of MALFORMED) {
  test(`${JSON.stringify(bytes)} is refused as ${reason}`, () => {
    assert.deepEqual(decodeUnsigned(Buffer.from(bytes, 'latin1')), { ok: false, reason });
  });
}

test('more fields, deeper nesting or more bytes than a message may have are refused', () => {
  const reasonOf = (bytes: Buffer): string => {
    const result = decodeUnsigned(bytes);
    return result.ok ? 'accepted' : result.reason;
  };
  assert.equal(reasonOf(Buffer.from(netstring('5:(0)x=,'.repeat(4096)))), 'accepted');
  assert.equal(reasonOf(Buffer.from(netstring('5:(0)x=,'.repeat(4097)))), 'too-many-fields');
  assert.equal(reasonOf(Buffer.from(classic('x=\n'.repeat(4097)))), 'too-many-fields');
  assert.equal(reasonOf(Buffer.alloc(256 * 1024 + 1, '#')), 'too-large');
  const nested = (levels: number): string => {
    let body = netstring('');
    for (let level = 1; level < levels; level++) body = netstring(`${body.length + 5}:(2)x=${body},`);
    return body;
  };
  assert.equal(reasonOf(Buffer.from(nested(16))), 'accepted');
  assert.equal(reasonOf(Buffer.from(nested(17))), 'too-deep');
});

test('the decoded message does not change when the receive buffer is used again', () => {
  const packet = encodeNetstring({ fields: [text('t', 'status'), binary('u', '00ff')] }, signer);
  const result = decodePacket(packet, verifier);
  packet.fill(0);
  assert.ok(result.ok);
  assert.deepEqual(result.message.fields, [text('t', 'status'), binary('u', '00ff')]);
});

test('a message that cannot be encoded is described in a sentence, and is a broken invariant for the encoders', () => {
  const bad: readonly Field[] = [
    text('', 'x'),
    text('a=b', 'x'),
    text('>>>a', 'x'),
    text('(1)a', 'x'),
    text('auth', '1 x'),
    text('a', 'nul\0'),
    text('a', '\u0100'),
    binary('a', '0'),
    binary('a', 'zz'),
    { name: 'a', type: 3, items: ['\0'] },
    { name: 'a', type: 2, message: { fields: [text('a\n', 'x')] } },
  ];
  for (const field of bad) {
    assert.match(messageProblem({ fields: [field] }) ?? '', /\.$/, JSON.stringify(field));
    assert.throws(() => encodeNetstring({ fields: [field] }, signer), { name: 'BrokenInvariant' });
  }
});
