/** PING_CHECK: an echo request is answered. Needs CAP_NET_RAW, which the runner has. */
import { randomBytes, randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { openIcmpSocket } from '../../system/icmp-socket.js';
import { encodeEchoRequest, parseEchoReply } from '../../wire/icmp.js';
import { within } from './connection.js';
import type { CheckResult, CheckTarget } from './types.js';

export async function checkPing(target: CheckTarget, signal: AbortSignal): Promise<CheckResult> {
  const family = isIPv6(target.address) ? 6 : 4;
  const echo = { id: randomInt(65_536), sequence: 1, data: randomBytes(16) };
  let heard: (() => void) | undefined;
  const opened = openIcmpSocket(family, (bytes) => {
    const reply = parseEchoReply(family, bytes);
    if (reply?.id === echo.id && Buffer.compare(reply.data, echo.data) === 0) heard?.();
  });
  if (!opened.ok) return { ok: false, detail: 'no ICMP socket can be opened' };
  const socket = opened.value;
  try {
    await within<void>(signal, target.connectTimeoutMs, 'no echo', (resolve, reject) => {
      heard = resolve;
      const errno = socket.send(target.address, encodeEchoRequest(family, echo));
      if (errno !== 0) reject(new Error(`the request cannot be sent (errno ${errno})`));
    });
    return { ok: true, detail: 'echo heard' };
  } finally {
    socket.close();
  }
}
