/** The local socket of dopd, RUN_DIR/dopd/outdater: frames of the client API, as the original's handler speaks them. */
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { findAccount } from '../../actions/accounts.js';
import { text, textOf } from '../../wire/message.js';
import { encodeFrame, FrameReader } from '../api/frame.js';
import type { Paths } from '../paths.js';
import { PEER } from './codes.js';

export function outdaterSocketPath(paths: Paths): string {
  return join(paths.runDir, 'dopd', 'outdater');
}

const MAX_CONNECTIONS = 16;
const IDLE_LIMIT_MS = 90_000;
const NAME = 'drbd-peer-outdater';

/** Listens for handlers of this machine; `ask` gives the exit code. Rejects when the socket cannot be made. */
export async function openOutdaterSocket(
  path: string,
  ask: (peer: string, resource: string) => Promise<number>,
): Promise<{ close(): void }> {
  mkdirSync(dirname(path), { recursive: true });
  // Root's handlers, and those of the original's group where there is one; the folder keeps others out.
  chmodSync(dirname(path), 0o750);
  const group = findAccount('0', 'haclient');
  if (group.ok) chownSync(dirname(path), 0, group.account.gid);
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_LIMIT_MS, () => socket.destroy());
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      const messages = reader.push(chunk);
      if (typeof messages === 'string') {
        socket.destroy();
        return;
      }
      for (const message of messages) {
        if (textOf(message, 't') !== 'outdater') continue;
        void ask(textOf(message, 'outdater_peer') ?? '', textOf(message, 'outdater_res') ?? '').then(
          (code) => {
            if (!socket.destroyed)
              socket.write(
                encodeFrame({ fields: [text('t', 'outdater_rc'), text('dop_value', String(code))] }),
              );
          },
        );
      }
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  server.on('error', () => undefined);
  chmodSync(path, 0o777);
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(path, { force: true });
    },
  };
}

/** The handler's side: asks the daemon of this machine. 5 when it is not there or does not answer in time. */
export function askOutdater(path: string, peer: string, resource: string, limitMs: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const reader = new FrameReader();
    const finish = (code: number): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(code);
    };
    const timer = setTimeout(() => finish(PEER.unreachable), limitMs);
    socket.on('error', () => finish(PEER.unreachable));
    socket.on('close', () => finish(PEER.unreachable));
    socket.on('connect', () => {
      const own = [text('outdater_peer', peer.toLowerCase()), text('outdater_res', resource)];
      socket.write(encodeFrame({ fields: [text('t', 'outdater'), text('src', NAME), ...own] }));
    });
    socket.on('data', (chunk: Buffer) => {
      const messages = reader.push(chunk);
      if (typeof messages === 'string') {
        finish(PEER.unreachable);
        return;
      }
      const answer = messages.find((message) => textOf(message, 't') === 'outdater_rc');
      const code = Number(answer === undefined ? Number.NaN : textOf(answer, 'dop_value'));
      if (Number.isInteger(code) && code >= 0 && code <= 255) finish(code);
    });
  });
}
