/**
 * The abstract heartbeat message: an ordered, flat list of typed fields
 * (heartbeat-protocol.md section 3.1). Order matters only because the signature covers the bytes.
 */

/** Type 0. `value` holds one character per byte (latin1), so that any byte survives a round trip. No NUL. */
export interface TextField {
  readonly name: string;
  readonly type: 0;
  readonly value: string;
}

/** Type 1 (binary, UUIDs): `hex` is lower-case, two digits per byte. */
export interface BinaryField {
  readonly name: string;
  readonly type: 1;
  readonly hex: string;
}

/** Types 2 and 5: a nested message (5: to be compressed when sent; it travels as type 4). */
export interface NestedField {
  readonly name: string;
  readonly type: 2 | 5;
  readonly message: Message;
}

/** Type 3: a list of strings. */
export interface ListField {
  readonly name: string;
  readonly type: 3;
  readonly items: readonly string[];
}

/** Type 4: a compressed nested message, as lower-case hex of the compressed bytes. */
export interface CompressedField {
  readonly name: string;
  readonly type: 4;
  readonly hex: string;
}

export type Field = TextField | BinaryField | NestedField | ListField | CompressedField;

/** A message as the core sees it. It never holds the `auth` field: signatures stop at `wire/`. */
export interface Message {
  readonly fields: readonly Field[];
}

/** The value of the first type-0 field of that name (lookup is by first match), or undefined. */
export function textOf(message: Message, name: string): string | undefined {
  for (const field of message.fields) {
    if (field.name === name) return field.type === 0 ? field.value : undefined;
  }
  return undefined;
}

/** The hex of the first type-1 field of that name, or undefined. */
export function binaryOf(message: Message, name: string): string | undefined {
  for (const field of message.fields) {
    if (field.name === name) return field.type === 1 ? field.hex : undefined;
  }
  return undefined;
}

/** A type-0 field. */
export function text(name: string, value: string): TextField {
  return { name, type: 0, value };
}

/** A type-1 field; `hex` must be lower-case with an even number of digits. */
export function binary(name: string, hex: string): BinaryField {
  return { name, type: 1, hex };
}
