/** The commands' end of the control socket. */
import { connect } from 'node:net';
import { openChannel } from '../channel.js';
import type { ControlRequest, ControlResponse } from './protocol.js';

export type Answer =
  | { readonly ok: true; readonly response: ControlResponse }
  /** Nobody listens: heartbeat does not run here. */
  | { readonly ok: false; readonly cause: 'stopped'; readonly reason: string }
  | { readonly ok: false; readonly cause: 'forbidden' | 'failed'; readonly reason: string };

/** Longer than the daemon's own bound for an answer of its loop. */
const ANSWER_LIMIT_MS = 8000;

/** Asks one question on a connection of its own. Never rejects. */
export function ask(socketPath: string, request: ControlRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let settled = false;
    const settle = (answer: Answer): void => {
      if (settled) return;
      settled = true;
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () =>
      settle({
        ok: false,
        cause: 'failed',
        reason: `The daemon did not answer within ${ANSWER_LIMIT_MS} ms.`,
      }),
    );
    socket.once('error', (error: NodeJS.ErrnoException) => settle(failure(error, socketPath)));
    socket.once('connect', () => {
      const channel = openChannel<ControlResponse, ControlRequest>(socket, {
        onMessage: (response) => settle({ ok: true, response }),
        onEnd: (reason) => settle({ ok: false, cause: 'failed', reason: `The daemon hung up: ${reason}.` }),
      });
      channel.send(request);
    });
  });
}

function failure(error: NodeJS.ErrnoException, path: string): Answer {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return { ok: false, cause: 'stopped', reason: 'Heartbeat is not running on this machine.' };
    case 'EACCES':
    case 'EPERM':
      return {
        ok: false,
        cause: 'forbidden',
        reason: `No permission for ${path}: run this command as root.`,
      };
    default:
      return {
        ok: false,
        cause: 'failed',
        reason: `Cannot talk to the daemon at ${path}: ${error.message}.`,
      };
  }
}
