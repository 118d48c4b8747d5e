/** DNS_CHECK: a question (RFC 1035 section 4) that the server answers without an error; other checks want a record too. */
import { randomInt } from 'node:crypto';
import { exchange } from './datagram.js';
import type { CheckResult, CheckTarget } from './types.js';

const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  RRSIG: 46,
  DNSKEY: 48,
};
const HEADER_BYTES = 12;
const ERRORS = ['', 'format error', 'server failure', 'no such name', 'not implemented', 'refused'];

/** The question as a packet; undefined for a type or name that cannot be asked. */
export function dnsQuestion(id: number, recordType: string, name: string): Buffer | undefined {
  const type = TYPES[recordType.toUpperCase()];
  if (type === undefined) return undefined;
  const labels = name.split('.').filter((label) => label !== '');
  if (labels.some((label) => label.length > 63)) return undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  // Recursion desired.
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const words = labels.map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  );
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(type, 1);
  tail.writeUInt16BE(1, 3);
  return Buffer.concat([header, ...words, tail]);
}

export async function checkDns(
  check: { readonly recordType: string; readonly name: string; readonly mayBeEmpty?: boolean },
  target: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  const id = randomInt(65_536);
  const question = dnsQuestion(id, check.recordType, check.name);
  if (question === undefined)
    return { ok: false, detail: `${check.recordType} ${check.name} cannot be asked for` };
  const isOurs = (answer: Buffer): boolean =>
    answer.length >= HEADER_BYTES && answer.readUInt16BE(0) === id && (answer.readUInt16BE(2) & 0x8000) !== 0;
  const answer = await exchange(target, question, signal, isOurs);
  if (answer === undefined) return { ok: false, detail: `no answer within ${target.connectTimeoutMs} ms` };
  const code = answer.readUInt16BE(2) & 0x0f;
  if (code !== 0) return { ok: false, detail: `the answer is ${ERRORS[code] ?? `error ${code}`}` };
  const records = answer.readUInt16BE(6);
  return records === 0 && check.mayBeEmpty !== true
    ? { ok: false, detail: 'an answer without records' }
    : { ok: true, detail: `${records} records` };
}
