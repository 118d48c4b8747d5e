/** Why a packet was not accepted, and the bounds that every codec of this folder keeps. */

/** Largest packet or message, before and after authentication (heartbeat-protocol.md 3.3, 17). */
export const MAX_PACKET_BYTES = 256 * 1024;
/** Largest compressed payload (heartbeat-protocol.md 3.5). */
export const MAX_COMPRESSED_BYTES = 256 * 1024;
/** Largest message after decompression (heartbeat-protocol.md 3.5). */
export const MAX_INFLATED_BYTES = 2 * 1024 * 1024;
/** Most fields on one level of a message. Real messages have at most twenty. */
export const MAX_FIELDS = 4096;
/** Deepest nesting of messages: there are sixteen line separators (heartbeat-protocol.md 3.1). */
export const MAX_DEPTH = 16;
/** Longest field name in bytes. */
export const MAX_NAME_BYTES = 255;
/** Authentication indices are 0..15 (heartbeat-protocol.md 4.1). */
export const MAX_AUTH_INDEX = 15;

/** Structural faults: the bytes are no message. */
export type MalformedReason =
  | 'unknown-format'
  | 'too-large'
  | 'no-end-marker'
  | 'truncated'
  | 'bad-length'
  | 'bad-type'
  | 'no-equals'
  | 'empty-name'
  | 'bad-name'
  | 'nul-in-string'
  | 'bad-base64'
  | 'bad-nested'
  | 'bad-list'
  | 'too-many-fields'
  | 'too-deep'
  | 'auth-missing'
  | 'auth-malformed'
  | 'auth-duplicate'
  | 'unsupported-compression'
  | 'bad-compression'
  | 'inflated-too-large'
  | 'nested-compression';

/** Faults of the signature: the bytes may well be a message, but nobody we know vouches for it. */
export type UnauthenticReason =
  /** We have no key with the named index. */
  | 'auth-no-key'
  /** The named index has method crc, which proves nothing, while our active method is a real one. */
  | 'auth-method-refused'
  /** The token does not match the bytes. */
  | 'auth-wrong';

/** Fixed codes, part of the output of `heartbeat decode` and of the counters. */
export type RejectReason = MalformedReason | UnauthenticReason;

export interface Rejected<R extends RejectReason = RejectReason> {
  readonly ok: false;
  readonly reason: R;
}

/** A typed refusal. */
export function rejected<R extends RejectReason>(reason: R): Rejected<R> {
  return { ok: false, reason };
}
