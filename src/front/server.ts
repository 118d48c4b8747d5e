/**
 * The HTTP side of the status page: read-only, and prepared for strangers. GET and HEAD of a few fixed paths; small
 * requests, few connections, none that dawdles; a name that is not ours is refused, so that no foreign page can reach
 * this one by a name of its own (DNS rebinding).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { pictureDocument, type StatusPicture } from '../daemon/control/picture.js';
import type { Metrics } from './metrics.js';
import { ICON } from './page/icon.js';
import { renderPage } from './page/page.js';
import { PAGE_SCRIPT } from './page/script.js';
import { renderSections, type ShownPicture } from './page/sections.js';
import { PAGE_STYLE } from './page/style.js';
import { createStreams } from './streams.js';

export interface PageServer {
  /** May be called again after an error. */
  listen(host: string, port: number, handlers: ListenHandlers): void;
  /** The newest picture. */
  show(picture: StatusPicture, takenWallMs: number): void;
  /** Where it listens; undefined: nowhere yet. */
  readonly port: number | undefined;
  /** Connections held now. */
  readonly connections: number;
  close(): void;
}

export interface ListenHandlers {
  onListening(): void;
  onError(error: Error): void;
}

export const CONNECTIONS_MAX = 128;
const URL_MAX = 256;
const HEADER_MAX_BYTES = 8192;
const HEADER_LIMIT_MS = 5000;
const REQUEST_LIMIT_MS = 8000;
const IDLE_LIMIT_MS = 10_000;
const REQUESTS_PER_CONNECTION = 100;
const REFRESH_MS = 1000;

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Nothing listens yet. `names`: what a browser may call this machine, lower-case. */
export function openPageServer(names: readonly string[], metrics: Metrics): PageServer {
  let shown: ShownPicture | undefined;
  let refresh: NodeJS.Timeout | undefined;
  const sockets = new Set<Socket>();
  const streams = createStreams();
  const allowed = new Set(['localhost', ...names]);

  const pages: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/': () => ({ status: 200, type: 'text/html; charset=utf-8', body: renderPage(shown, Date.now()) }),
    '/page.css': () => ({ status: 200, type: 'text/css; charset=utf-8', body: PAGE_STYLE }),
    '/page.js': () => ({ status: 200, type: 'text/javascript; charset=utf-8', body: PAGE_SCRIPT }),
    '/icon.svg': () => ({ status: 200, type: 'image/svg+xml', body: ICON }),
    '/status.json': () =>
      shown === undefined
        ? plain(503, 'The daemon has not said anything yet.')
        : {
            status: 200,
            type: 'application/json',
            body: `${JSON.stringify(pictureDocument(shown.picture, shown.takenWallMs))}\n`,
          },
    '/metrics': async () => ({
      status: 200,
      type: metrics.contentType,
      body: await metrics.text(shown, Date.now()),
    }),
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    // A body is not read: the connection ends with the answer.
    if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined)
      response.setHeader('Connection', 'close');
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      give(response, method, plain(405, 'This page can only be read.'));
      return;
    }
    if (!isOurName(request.headers.host, allowed)) {
      give(
        response,
        method,
        plain(421, 'This name is not one of this node: see [status] names of heartbeat.ini.'),
      );
      return;
    }
    if (url.length > URL_MAX) {
      give(response, method, plain(414, 'No address here is that long.'));
      return;
    }
    const path = url.split('?')[0] ?? '';
    if (path === '/events' && method === 'GET') {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      streams.open(response, renderSections(shown, Date.now()));
      return;
    }
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    give(response, method, page === undefined ? plain(404, 'There is nothing here.') : await page());
  };

  const server = createServer(
    {
      maxHeaderSize: HEADER_MAX_BYTES,
      headersTimeout: HEADER_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      keepAliveTimeout: HEADER_LIMIT_MS,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      request.on('error', () => undefined);
      answer(request, response).catch(() => response.destroy());
    },
  );
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('connection', (socket: Socket) => {
    // Whoever holds connections without a use loses the oldest, not the newcomer his place.
    if (sockets.size >= CONNECTIONS_MAX) {
      const oldest = [...sockets].find((one) => !streams.has(one)) ?? socket;
      sockets.delete(oldest);
      oldest.destroy();
      if (oldest === socket) return;
    }
    sockets.add(socket);
    socket.setTimeout(IDLE_LIMIT_MS, () => {
      if (!streams.has(socket)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });

  return {
    listen(host, port, { onListening, onError }) {
      server.once('error', onError);
      server.listen({ host, port, exclusive: true, backlog: CONNECTIONS_MAX }, () => {
        server.off('error', onError);
        server.on('error', () => undefined);
        refresh ??= setInterval(() => {
          if (streams.count > 0) streams.tell(renderSections(shown, Date.now()));
        }, REFRESH_MS);
        onListening();
      });
    },
    show(picture, takenWallMs) {
      shown = { picture, takenWallMs };
    },
    get port() {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : undefined;
    },
    get connections() {
      return sockets.size;
    },
    close() {
      clearInterval(refresh);
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function plain(status: number, sentence: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${sentence}\n` };
}

function give(response: ServerResponse, method: string, { status, type, body }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** An address, or one of the names that are allowed; the port does not matter. */
export function isOurName(host: string | undefined, allowed: ReadonlySet<string>): boolean {
  if (host === undefined) return false;
  const [, six, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host) ?? [];
  if (six !== undefined) return isIP(six) === 6;
  return name !== undefined && (isIP(name) === 4 || allowed.has(name.toLowerCase()));
}
