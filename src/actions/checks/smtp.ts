/** SMTP_CHECK: the server greets and answers to HELO (RFC 5321 section 4.2). */
import type { Socket } from 'node:net';
import { withConnection, within } from './connection.js';
import { type CheckResult, type CheckTarget, reasonOf } from './types.js';

/** A reply of more than this is none. */
const REPLY_MAX_BYTES = 64 * 1024;

export function checkSmtp(heloName: string, target: CheckTarget, signal: AbortSignal): Promise<CheckResult> {
  return withConnection(target, signal, async (socket) => {
    const replies = readReplies(socket);
    const ask = (what: string): Promise<string> =>
      within(signal, target.connectTimeoutMs, what, replies.next);
    const greeting = await ask('no greeting');
    if (!greeting.startsWith('220')) return { ok: false, detail: `greeting "${short(greeting)}"` };
    socket.write(`HELO ${heloName}\r\n`);
    const answer = await ask('no answer to HELO');
    if (!answer.startsWith('250')) return { ok: false, detail: `answer to HELO "${short(answer)}"` };
    socket.end('QUIT\r\n');
    return { ok: true, detail: 'greets and answers' };
  });
}

const short = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 80)
    .trim();

interface Replies {
  readonly next: (resolve: (reply: string) => void, reject: (error: Error) => void) => void;
}

/** Whole replies, one by one; `250-` lines belong to the one that ends with `250 `. */
function readReplies(socket: Socket): Replies {
  let text = '';
  let failure: Error | undefined;
  let waiter: { resolve: (reply: string) => void; reject: (error: Error) => void } | undefined;
  const settle = (): void => {
    if (waiter === undefined) return;
    const { resolve, reject } = waiter;
    const end = /^\d{3}(?: .*)?\r?\n/m.exec(text);
    if (end !== null) {
      const reply = text.slice(0, end.index + end[0].length);
      text = text.slice(reply.length);
      waiter = undefined;
      resolve(reply);
    } else if (failure !== undefined || text.length > REPLY_MAX_BYTES) {
      waiter = undefined;
      reject(failure ?? new Error('no SMTP reply'));
    }
  };
  socket.on('data', (part: Buffer) => {
    if (text.length <= REPLY_MAX_BYTES) text += part.toString('latin1');
    settle();
  });
  socket.once('error', (error) => {
    failure ??= new Error(reasonOf(error));
    settle();
  });
  socket.once('close', () => {
    failure ??= new Error('connection closed');
    settle();
  });
  return {
    next(resolve, reject) {
      waiter = { resolve, reject };
      settle();
    },
  };
}
