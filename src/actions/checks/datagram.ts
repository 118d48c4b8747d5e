/** A connected UDP socket for a check: errors of the network (port unreachable) come back to it. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { within } from './connection.js';
import { type CheckTarget, reasonOf } from './types.js';

/** Sends one datagram and waits for an answer that `accepts`, up to the bound. undefined: none came. */
export async function exchange(
  target: CheckTarget,
  payload: Uint8Array,
  signal: AbortSignal,
  accepts: (answer: Buffer) => boolean,
): Promise<Buffer | undefined> {
  const socket: Socket = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
  const silence = Symbol('silence');
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await within<Buffer | typeof silence>(
      signal,
      target.connectTimeoutMs + 1000,
      'no socket',
      (resolve, reject) => {
        socket.on('error', (error) => reject(new Error(reasonOf(error))));
        socket.on('message', (message) => {
          if (accepts(message)) resolve(message);
        });
        const begin = (): void => {
          socket.connect(target.port, target.address, () => {
            socket.send(payload, (error) => {
              if (error !== null) reject(new Error(reasonOf(error)));
            });
            timer = setTimeout(() => resolve(silence), target.connectTimeoutMs);
          });
        };
        if (target.bindAddress === undefined) begin();
        else socket.bind({ address: target.bindAddress }, begin);
      },
    );
    return typeof answer === 'symbol' ? undefined : answer;
  } finally {
    clearTimeout(timer);
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.close();
  }
}
