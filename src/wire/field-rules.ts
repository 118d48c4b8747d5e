/** What a field may look like, in both encodings (heartbeat-protocol.md 3.1). */
import { invariant } from '../errors/assert.js';
import type { Message } from './message.js';
import { MAX_DEPTH, MAX_FIELDS, MAX_NAME_BYTES } from './reject.js';

/** Characters 1..255: one per byte, and no NUL (which would end the string in the original). */
export function isText(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0 || code > 255) return false;
  }
  return true;
}

/** A name that both encodings can carry: printable, no `=`, no frame marker and no type prefix at its start. */
export function isName(name: string): boolean {
  if (name.length === 0 || name.length > MAX_NAME_BYTES) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || code === 0x7f || code > 255 || code === 0x3d) return false;
  }
  const first = name.charCodeAt(0);
  if (first === 0x28) return false;
  return (first !== 0x3e && first !== 0x3c) || !(name.startsWith('>>>') || name.startsWith('<<<'));
}

/**
 * What keeps a message from being encoded, as one sentence; undefined when nothing does. Ask this for messages that
 * come from outside (FIFO, API clients, command line); `encodeNetstring` and `encodeClassic` treat it as an invariant.
 */
export function messageProblem(message: Message, depth = 0): string | undefined {
  if (depth >= MAX_DEPTH) return `Messages are nested deeper than ${MAX_DEPTH} levels; flatten them.`;
  if (message.fields.length > MAX_FIELDS)
    return `The message has more than ${MAX_FIELDS} fields; send fewer.`;
  for (const field of message.fields) {
    if (!isName(field.name))
      return `A field name is not allowed: ${JSON.stringify(field.name)}; use letters.`;
    if (depth === 0 && field.name === 'auth') return 'The field auth is added by the program; leave it out.';
    const problem = valueProblem(field, depth);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function valueProblem(field: Message['fields'][number], depth: number): string | undefined {
  const where = `The value of the field ${field.name}`;
  switch (field.type) {
    case 0:
      return isText(field.value) ? undefined : `${where} holds a NUL or a character above 255; leave it out.`;
    case 1:
    case 4:
      return /^(?:[0-9a-f]{2})*$/.test(field.hex)
        ? undefined
        : `${where} is not lower-case hex bytes; fix it.`;
    case 3:
      return field.items.every(isText)
        ? undefined
        : `${where} holds a NUL or a character above 255; leave it out.`;
    default:
      return messageProblem(field.message, depth + 1);
  }
}

/** Ends the program's turn when a field of our own making cannot be encoded. */
export function requireText(name: string, value: string): void {
  // The sentence is built only when it is needed: this is asked for every field of every packet.
  if (!isText(value)) invariant(false, `the field ${name} holds a NUL or a character above 255`);
}

/** Ends the program's turn when a field name of our own making cannot be encoded. */
export function requireName(name: string): void {
  if (!isName(name)) invariant(false, `the field name ${JSON.stringify(name)} cannot be encoded`);
}
