/** Numbers on the wire: lower-case hexadecimal or decimal, without sign or prefix (heartbeat-protocol.md section 5). */

/** Parses `word` as hex; undefined when absent, malformed or beyond 2^53. */
export function hexNumber(word: string | undefined): number | undefined {
  if (word === undefined || !/^[0-9a-fA-F]{1,13}$/.test(word)) return undefined;
  return Number.parseInt(word, 16);
}

/** Parses `word` as decimal; undefined when absent, malformed or beyond 2^53. */
export function decimalNumber(word: string | undefined): number | undefined {
  if (word === undefined || !/^[0-9]{1,15}$/.test(word)) return undefined;
  return Number.parseInt(word, 10);
}
