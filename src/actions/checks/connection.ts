/** A TCP connection for a check: connected within the bound, closed at its end whatever happens. */
import { connect, type Socket } from 'node:net';
import { type CheckTarget, reasonOf } from './types.js';

/** Connects, lets `talk` speak, and closes. Rejects with a reason in words. */
export async function withConnection<T>(
  target: CheckTarget,
  signal: AbortSignal,
  talk: (socket: Socket) => Promise<T>,
): Promise<T> {
  const socket = connect({
    host: target.address,
    port: target.port,
    ...(target.bindAddress === undefined ? {} : { localAddress: target.bindAddress }),
  });
  // What fails after the end of the check concerns nobody.
  socket.on('error', () => undefined);
  try {
    await within(signal, target.connectTimeoutMs, 'no connection', (resolve, reject) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', (error) => reject(new Error(reasonOf(error))));
    });
    return await talk(socket);
  } finally {
    socket.destroy();
  }
}

/** A promise with a time limit and a way to end it early; no timer and no listener stays behind. */
export async function within<T>(
  signal: AbortSignal,
  limitMs: number,
  what: string,
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      onAbort = () => reject(new Error('cancelled'));
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      timer = setTimeout(() => reject(new Error(`${what} within ${limitMs} ms`)), limitMs);
      begin(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
