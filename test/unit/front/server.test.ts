import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { loadMetrics } from '../../../src/front/metrics.js';
import { CONNECTIONS_MAX, isOurName, openPageServer, type PageServer } from '../../../src/front/server.js';
import { STREAMS_MAX } from '../../../src/front/streams.js';
import { fullPicture } from '../../support/pictures.js';

const metrics = await loadMetrics();

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

async function opened(t: { after(task: () => void): void }): Promise<PageServer & { readonly at: number }> {
  const server = openPageServer(['node1'], metrics);
  t.after(() => server.close());
  await new Promise<void>((resolve, reject) =>
    server.listen('127.0.0.1', 0, { onListening: resolve, onError: reject }),
  );
  const at = server.port ?? 0;
  return Object.assign(server, { at });
}

function get(
  port: number,
  path: string,
  options: { method?: string; host?: string; body?: string } = {},
): Promise<Got> {
  const { method = 'GET', host = '127.0.0.1', body } = options;
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path, method, headers: { host }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Sends bytes and waits for the end of the connection. */
function raw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let got = '';
    socket.on('data', (piece) => {
      got += piece.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got));
  });
}

const connected = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once('connect', resolve));

test('the page, its data and its metrics are read with GET and HEAD; nothing else is answered', async (t) => {
  const server = await opened(t);
  assert.equal((await get(server.at, '/status.json')).status, 503);
  server.show(fullPicture(), Date.now());
  for (const path of ['/', '/page.css', '/page.js', '/icon.svg', '/status.json', '/metrics', '/?a=b'])
    assert.equal((await get(server.at, path)).status, 200, path);
  assert.equal((await get(server.at, '/', { method: 'HEAD' })).body, '');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])
    assert.equal((await get(server.at, '/', { method })).status, 405, method);
  for (const path of ['/etc/passwd', '/../authkeys', '/%2e%2e/x', '/__proto__', '/toString', '//evil', '*'])
    assert.ok([400, 404].includes((await get(server.at, path)).status), path);
  assert.equal((await get(server.at, `/${'a'.repeat(300)}`)).status, 414);
});

test('every answer forbids scripts of elsewhere, frames and guessing of types', async (t) => {
  const server = await opened(t);
  server.show(fullPicture(), Date.now());
  for (const path of ['/', '/status.json', '/metrics', '/nothing']) {
    const { headers } = await get(server.at, path);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.equal(headers['cache-control'], 'no-store');
  }
});

test('a name that is not of this node is refused (DNS rebinding); addresses and its own names are not', async (t) => {
  const server = await opened(t);
  server.show(fullPicture(), Date.now());
  const rows: readonly (readonly [string, boolean])[] = [
    ['127.0.0.1:8694', true],
    ['[::1]:8694', true],
    ['localhost', true],
    ['NODE1:8694', true],
    ['evil.example', false],
    ['node1.evil.example', false],
    ['node1:8694:1', false],
    ['[::1', false],
    ['', false],
    ['__proto__', false],
  ];
  for (const [host, ours] of rows) {
    assert.equal(isOurName(host, new Set(['localhost', 'node1'])), ours, host);
    if (host !== '')
      assert.equal((await get(server.at, '/status.json', { host })).status, ours ? 200 : 421, host);
  }
  assert.match(await raw(server.at, 'GET /status.json HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 421 /);
});

test('garbage, endless headers, bodies and smuggling end the connection without an answer that tells anything', async (t) => {
  const server = await opened(t);
  server.show(fullPicture(), Date.now());
  const host = 'Host: 127.0.0.1\r\n';
  const rows = [
    Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 31) % 256)),
    `\u0016\u0003\u0001\u0002\u0000${'x'.repeat(500)}`,
    `GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(20_000)}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${host}${'X-More: aaaa\r\n'.repeat(3000)}\r\n`,
    `GET / HTTP/9.9\r\n${host}\r\n`,
    `GET / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ];
  for (const [at, bytes] of rows.entries())
    assert.doesNotMatch(await raw(server.at, bytes), /200 OK|node2/, `row ${at}`);
  const withBody = await raw(server.at, `GET / HTTP/1.1\r\n${host}Content-Length: 999999\r\n\r\nabc`);
  assert.match(withBody, /Connection: close/i);
  assert.equal((await get(server.at, '/')).status, 200);
});

test('who says nothing is dropped, and holding all connections keeps nobody out', async (t) => {
  const server = await opened(t);
  server.show(fullPicture(), Date.now());
  const idle = Array.from({ length: CONNECTIONS_MAX + 20 }, () => {
    const socket = connect(server.at, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  });
  t.after(() => {
    for (const socket of idle) socket.destroy();
  });
  await Promise.all(idle.map(connected));
  assert.equal((await get(server.at, '/')).status, 200);
  assert.ok(server.connections <= CONNECTIONS_MAX, `${server.connections} connections are held`);
  // Slowloris: a header line now and then is not enough to stay.
  const slow = connect(server.at, '127.0.0.1');
  slow.on('error', () => undefined);
  slow.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  const dripping = setInterval(() => slow.write('X: y\r\n'), 500);
  await new Promise((resolve) => slow.on('close', resolve));
  clearInterval(dripping);
});

test('a watcher gets all sections, then what changed; one that does not read is dropped, one too many replaces the oldest', async (t) => {
  const server = await opened(t);
  server.show(fullPicture(), Date.now());
  const messages: Record<string, string>[] = [];
  const watcher = connect(server.at, '127.0.0.1', () =>
    watcher.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  );
  watcher.on('error', () => undefined);
  let text = '';
  let closed = false;
  watcher.on('close', () => {
    closed = true;
  });
  const arrived = async (what: (all: typeof messages) => boolean): Promise<void> => {
    while (!what(messages)) await new Promise((resolve) => watcher.once('data', resolve));
  };
  watcher.on('data', (piece) => {
    text += piece.toString('utf8');
    messages.length = 0;
    for (const [, data] of text.matchAll(/^data: (\{.*\})$/gm)) messages.push(JSON.parse(data ?? '{}'));
  });
  await arrived((all) => all.length > 0);
  assert.ok('verdict' in (messages[0] ?? {}) && 'history' in (messages[0] ?? {}));
  server.show(fullPicture({ warnings: ['something new'] }), Date.now());
  await arrived((all) => all.some((one) => one.verdict?.includes('something new')));
  const changed = messages.find((one) => one.verdict?.includes('something new'));
  assert.equal(changed !== undefined && 'vrrp' in changed, false, 'what is as before is not told again');
  const others = Array.from({ length: STREAMS_MAX }, () => {
    const socket = connect(server.at, '127.0.0.1', () =>
      socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    );
    socket.on('error', () => undefined);
    return socket;
  });
  t.after(() => {
    for (const socket of [watcher, ...others]) socket.destroy();
  });
  if (!closed) await new Promise((resolve) => watcher.once('close', resolve));
});
