/** What a running node would hold against a packet that is structurally sound. */
import type { Verifier } from '../wire/auth.js';
import { type Field, textOf } from '../wire/message.js';
import { type Inspected, isUuidField } from '../wire/packet.js';
import { MAX_AUTH_INDEX } from '../wire/reject.js';

const HEX_NUMBER = /^[0-9a-fA-F]{1,16}$/;

/** One sentence for each problem, beginning with a fixed code and a colon; none for a packet that a node accepts. */
export function problemsOf(packet: Inspected, verifier: Verifier | undefined): string[] {
  const fields = packet.inner ?? packet.fields;
  return [
    ...authProblems(packet.auth, verifier),
    ...fieldProblems(fields),
    ...uuidProblems(fields),
    ...trailing(packet.trailingBytes),
  ];
}

function authProblems(auth: Inspected['auth'], verifier: Verifier | undefined): string[] {
  if (auth.index > MAX_AUTH_INDEX) {
    return [
      `bad-auth-index: the packet names key ${auth.index}, but indices are 0 to ${MAX_AUTH_INDEX}; a node drops it.`,
    ];
  }
  if (auth.method === 'crc' && verifier?.activeMethod !== 'crc') {
    return [
      'auth-method-refused: crc proves nothing and is not the active method; a node of this program drops it.',
    ];
  }
  return [];
}

function fieldProblems(fields: readonly Field[]): string[] {
  const message = { fields };
  const problems: string[] = [];
  const type = textOf(message, 't');
  if (type === undefined || type === '')
    problems.push('missing-type: the message has no type (field t); a node drops it.');
  if (!textOf(message, 'src'))
    problems.push('missing-src: the message names no sender (field src); a node drops it.');
  const ts = textOf(message, 'ts');
  if (ts === undefined) problems.push('missing-ts: the message has no time (field ts); a node drops it.');
  else if (!isPositiveHex(ts))
    problems.push('bad-ts: the time (field ts) is not a positive hexadecimal number; a node drops it.');
  if (type !== undefined && !type.startsWith('NS_')) problems.push(...sequenceProblems(fields));
  return problems;
}

function sequenceProblems(fields: readonly Field[]): string[] {
  const message = { fields };
  const problems: string[] = [];
  const seq = textOf(message, 'seq');
  if (seq === undefined)
    problems.push('missing-seq: a message of this type needs a number (field seq); a node drops it.');
  else if (!isPositiveHex(seq))
    problems.push('bad-seq: the number (field seq) is not positive hexadecimal; a node drops it.');
  const hg = textOf(message, 'hg');
  if (hg === undefined)
    problems.push('missing-hg: a message of this type needs a generation (field hg); a node drops it.');
  else if (!HEX_NUMBER.test(hg))
    problems.push('bad-hg: the generation (field hg) is not hexadecimal; a node drops it.');
  return problems;
}

function isPositiveHex(text: string): boolean {
  return HEX_NUMBER.test(text) && !/^0+$/.test(text);
}

function uuidProblems(fields: readonly Field[]): string[] {
  return fields
    .filter((field) => isUuidField(field.name) && (field.type !== 1 || field.hex.length !== 32))
    .map((field) => `bad-uuid: the field ${field.name} is not 16 bytes; a node takes it as absent.`);
}

function trailing(count: number): string[] {
  return count > 0 ? [`trailing-bytes: ${count} bytes follow the end of the packet; they are ignored.`] : [];
}
