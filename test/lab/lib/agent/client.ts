import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import { isIPv6 } from 'node:net';
import { nowMs } from '../clock.js';
import { type ClientCalls, type ClientEntry, type ClientTarget, ECHO_PORT } from '../protocol.js';
import { type Handlers, serve, tell } from './serve.js';

interface Running {
  readonly log: ClientEntry[];
  stop(): void;
}

const clients: Running[] = [];

type Unfinished = { -readonly [Field in keyof ClientEntry]: ClientEntry[Field] };

/** Asks the echo server of whoever owns the address. The answer ends with the machine's name. */
function askByUdp(target: ClientTarget, log: Unfinished[]): () => void {
  const url = new URL(target.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? ECHO_PORT : Number(url.port);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('error', () => {});
  socket.on('message', (datagram, sender) => {
    const receivedAtMs = nowMs();
    // An answer from another address than the one asked would not reach a connected client.
    if (!isIPv6(host) && sender.address !== host) return;
    const [number, from] = datagram.toString('latin1').split(' ');
    const entry = log[Number(number)];
    if (entry === undefined || entry.receivedAtMs !== undefined) return;
    if (receivedAtMs - entry.sentAtMs > target.timeoutMs) return;
    entry.receivedAtMs = receivedAtMs;
    entry.status = 200;
    if (from !== undefined) entry.from = from;
    delete entry.error;
  });
  const timer = setInterval(() => {
    const entry: Unfinished = { sentAtMs: nowMs(), error: 'timeout' };
    const number = log.push(entry) - 1;
    socket.send(String(number), port, host, (error) => {
      const code = (error as NodeJS.ErrnoException | null)?.code;
      if (code !== undefined) entry.error = code;
    });
  }, target.everyMs);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

/** Asks for a page, each time on a connection of its own. */
function askByHttp(target: ClientTarget, log: Unfinished[], machines: readonly string[]): () => void {
  const ask = (): void => {
    const entry: Unfinished = { sentAtMs: nowMs(), error: 'timeout' };
    log.push(entry);
    const asked = request(target.url, { agent: false, headers: { connection: 'close' } });
    const deadline = setTimeout(() => asked.destroy(new Error('timeout')), target.timeoutMs);
    asked.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline);
      if (entry.receivedAtMs === undefined) entry.error = error.code ?? error.message;
    });
    asked.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('error', () => {});
      response.on('end', () => {
        clearTimeout(deadline);
        entry.receivedAtMs = nowMs();
        entry.status = response.statusCode ?? 0;
        entry.body = body.slice(0, 200);
        const from = machines.find((name) => body.includes(name));
        if (from !== undefined) entry.from = from;
        delete entry.error;
      });
    });
    asked.end();
  };
  const timer = setInterval(ask, target.everyMs);
  return () => clearInterval(timer);
}

const handlers: Handlers<ClientCalls> = {
  start: ({ target, machines }) => {
    // A name that is the start of another is looked for after it.
    const longestFirst = [...machines].sort((a, b) => b.length - a.length);
    const log: Unfinished[] = [];
    const protocol = new URL(target.url).protocol;
    const stop = protocol === 'udp:' ? askByUdp(target, log) : askByHttp(target, log, longestFirst);
    clients.push({ log, stop });
    return { client: clients.length - 1 };
  },
  log: ({ client }) => ({ entries: clients[client]?.log ?? [] }),
  newest: ({ client }) => ({
    entry: clients[client]?.log.findLast((entry) => entry.receivedAtMs !== undefined) ?? null,
  }),
  stop: ({ client }) => {
    clients[client]?.stop();
    return null;
  },
};

/** Runs the client: a process in the client machine's network that asks on its own clock. */
export function runClient(): void {
  serve(handlers);
  tell({ event: 'ready', testPid: 0 });
}
