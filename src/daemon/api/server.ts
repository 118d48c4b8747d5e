/**
 * The client API socket RUN_DIR/register of the original, so that its own `cl_status` and programs like it find this
 * daemon. Everybody may connect; who may sign on is decided by the kernel's word about the connection.
 */
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { ApiAuth } from '../../config/types.js';
import { type PeerCredentials, peerCredentials } from '../../system/local-socket.js';
import { type Message, textOf } from '../../wire/message.js';
import { authorize, lookUpAccount } from './authorization.js';
import { encodeFrame, FrameReader } from './frame.js';
import { type ApiFacts, answerRequest, refusal, welcome } from './requests.js';

export interface ApiSources {
  /** undefined: the daemon cannot say now. Never rejects. */
  facts(clients: ReadonlySet<string>): Promise<ApiFacts | undefined>;
  apiauth(): readonly ApiAuth[];
  /** A named client sends a message to the cluster. */
  clusterMessage(client: string, message: Message): void;
}

export interface ApiServer {
  close(): void;
}

const MAX_CONNECTIONS = 64;
const IDLE_LIMIT_MS = 60_000;
/** The group of the original's tools: `cl_status` runs with it. */
const CLIENT_GROUP = 'haclient';

/** Listens on `path`, in place of what an earlier run left there. Rejects with the system's error when it cannot. */
export function openApiServer(path: string, sources: ApiSources): Promise<ApiServer> {
  rmSync(path, { force: true });
  letClientsIn(dirname(path));
  const sockets = new Set<Socket>();
  const clients = new Map<Socket, string>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      clients.delete(socket);
    });
    serve(socket, sources, clients);
  });
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.on('error', () => undefined);
      chmodSync(path, 0o777);
      resolve({
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
          rmSync(path, { force: true });
        },
      });
    });
  });
}

/** The run directory is 0750: the tools' group may enter it, where there is one. */
function letClientsIn(folder: string): void {
  const gid = lookUpAccount('group', CLIENT_GROUP);
  if (gid === undefined) return;
  try {
    chownSync(folder, -1, gid);
  } catch {
    // an ordinary user's daemon serves that user only
  }
}

function credentialsOf(socket: Socket): PeerCredentials | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number') return undefined;
  const found = peerCredentials(fd);
  return found.ok ? found.value : undefined;
}

function serve(socket: Socket, sources: ApiSources, clients: Map<Socket, string>): void {
  const reader = new FrameReader();
  const peer = credentialsOf(socket);
  let name: { readonly client: string; readonly casual: boolean } | undefined;
  // One after the other, in the order of the requests.
  let last: Promise<void> = Promise.resolve();
  const send = (message: Message): void => {
    if (!socket.destroyed) socket.write(encodeFrame(message));
  };
  const signOn = (message: Message, facts: ApiFacts): void => {
    const verdict =
      peer === undefined
        ? ({ ok: false, reason: 'nobody knows who you are' } as const)
        : authorize(message, peer, sources.apiauth());
    if (!verdict.ok) {
      send(refusal('signon', verdict.reason));
      return;
    }
    name = verdict;
    clients.set(socket, verdict.client);
    if (!verdict.casual) socket.setTimeout(0);
    send(welcome(facts));
  };
  const handle = async (message: Message): Promise<void> => {
    const request = textOf(message, 'reqtype') ?? '';
    const facts = await sources.facts(new Set(clients.values()));
    if (textOf(message, 't') !== 'hbapi-req') {
      if (name !== undefined && !name.casual) sources.clusterMessage(name.client, message);
    } else if (facts === undefined || !facts.status.communicationUp) {
      send(refusal(request, 'communication is not up yet'));
    } else if (request === 'signon') {
      signOn(message, facts);
    } else if (name === undefined) {
      send(refusal(request, 'client not signed on'));
    } else {
      for (const answer of answerRequest(message, facts)) send(answer);
      if (request === 'signoff') socket.end();
    }
  };
  socket.setTimeout(IDLE_LIMIT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    const messages = reader.push(chunk);
    if (typeof messages === 'string') {
      socket.destroy();
      return;
    }
    for (const message of messages) last = last.then(() => handle(message));
  });
}
