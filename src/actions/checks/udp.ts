/** UDP_CHECK: nothing says that the port is closed; an answer only where one is asked for (keepalived.conf(5)). */
import { randomBytes } from 'node:crypto';
import type { CheckerKind } from '../../config/virtual-server-types.js';
import { exchange } from './datagram.js';
import type { CheckResult, CheckTarget } from './types.js';

type UdpKind = Extract<CheckerKind, { readonly kind: 'udp' }>;

const RANDOM_BYTES = 16;
const REPLY_MAX_BYTES = 255;

export async function checkUdp(
  check: UdpKind,
  target: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  const payload =
    check.payloadHex === undefined ? randomBytes(RANDOM_BYTES) : Buffer.from(check.payloadHex, 'hex');
  const answer = await exchange(target, payload, signal, () => true);
  if (answer === undefined)
    return check.requireReply
      ? { ok: false, detail: `no answer within ${target.connectTimeoutMs} ms` }
      : { ok: true, detail: 'not refused' };
  const problem = check.requireReply ? judge(check, answer) : undefined;
  return problem === undefined
    ? { ok: true, detail: `answer of ${answer.length} bytes` }
    : { ok: false, detail: problem };
}

/** What is wrong with a reply; the shorter of reply and pattern decides how much of them is compared. */
function judge(
  { replyPattern = '', replyMinBytes = 0, replyMaxBytes = REPLY_MAX_BYTES }: UdpKind,
  answer: Buffer,
): string | undefined {
  if (answer.length < replyMinBytes || answer.length > replyMaxBytes)
    return `an answer of ${answer.length} bytes, not ${replyMinBytes} to ${replyMaxBytes}`;
  const digits = answer.toString('hex');
  for (let at = 0; at < Math.min(replyPattern.length, digits.length); at++) {
    if (replyPattern[at] !== 'x' && replyPattern[at] !== digits[at])
      return `an answer that differs in byte ${Math.floor(at / 2)}`;
  }
  return undefined;
}
