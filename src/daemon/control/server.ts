/** The daemon's end of the control socket. Only root reaches it: the directory is 0750 and the socket 0600. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Channel, openChannel } from '../channel.js';
import { type ControlRequest, type ControlResponse, MAX_REQUEST_BYTES, parseRequest } from './protocol.js';

export interface ControlServer {
  close(): void;
}

const MAX_CONNECTIONS = 64;
const IDLE_LIMIT_MS = 60_000;

/**
 * Listens on `path`, in place of what an earlier run left there. Rejects with the system's error when it cannot.
 * `answer` must not reject.
 */
export function openControlServer(
  path: string,
  answer: (request: ControlRequest) => Promise<ControlResponse>,
): Promise<ControlServer> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setTimeout(IDLE_LIMIT_MS, () => socket.destroy());
    serve(socket, answer);
  });
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o177);
    server.listen(path, () => {
      server.on('error', () => undefined);
      chmodSync(path, 0o600);
      resolve({
        close() {
          server.close();
          for (const socket of sockets) socket.end();
        },
      });
    });
    process.umask(mask);
  });
}

function serve(socket: Socket, answer: (request: ControlRequest) => Promise<ControlResponse>): void {
  // One request after the other: a flood of them waits in the kernel's buffer, not in ours.
  let busy = false;
  const channel: Channel<ControlResponse> = openChannel<unknown, ControlResponse>(
    socket,
    {
      onMessage(message) {
        const request = parseRequest(message);
        if (typeof request === 'string') {
          channel.send({ kind: 'refused', reason: `Bad request: ${request}.` });
          return;
        }
        if (busy) {
          channel.send({ kind: 'refused', reason: 'One request at a time: wait for the answer.' });
          return;
        }
        busy = true;
        void answer(request).then((response) => {
          busy = false;
          channel.send(response);
        });
      },
      onEnd: () => undefined,
    },
    MAX_REQUEST_BYTES,
  );
}
