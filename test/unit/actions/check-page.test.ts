import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer as createTls, type TLSSocket } from 'node:tls';
import { runCheck } from '../../../src/actions/checks/check.js';
import { createPageReader } from '../../../src/actions/checks/page.js';
import { type ClientTls, readClientTls } from '../../../src/actions/checks/tls-files.js';
import type { CheckResult } from '../../../src/actions/checks/types.js';
import type { CheckerKind } from '../../../src/config/virtual-server-types.js';
import { repositoryRoot } from '../../support/root.js';

const TLS = join(repositoryRoot(), 'test', 'fixtures', 'director', 'tls');

/** The page that these bytes are, in one piece and byte by byte: "STATUS BODY", or why they are none. */
function read(text: string, ends = true): string {
  const shown = (pieces: readonly Buffer[]): string => {
    const reader = createPageReader();
    for (const piece of pieces) {
      const found = reader.push(piece);
      if (typeof found === 'string') return found;
      if (found !== undefined) return `${found.status} ${found.body}`;
    }
    if (!ends) return 'more is to come';
    const found = reader.end();
    return typeof found === 'string' ? found : `${found.status} ${found.body}`;
  };
  const whole = Buffer.from(text, 'latin1');
  const one = shown([whole]);
  assert.equal(shown([...whole].map((byte) => Buffer.from([byte]))), one, 'however it is cut');
  return one;
}

const PAGES: readonly (readonly [what: string, text: string, page: string, ends?: boolean])[] = [
  ['a body up to the end of the connection', 'HTTP/1.0 200 OK\r\nA: b\r\n\r\nwell', '200 well'],
  ['a body of a length', 'HTTP/1.1 404 No\r\ncontent-LENGTH: 4\r\n\r\nwellmore', '404 well', false],
  [
    'a length that is not reached',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwell',
    'the answer broke off',
  ],
  [
    'chunks, with an extension and a trailer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nwe\r\n2\r\nll\r\n0\r\nX: y\r\n\r\n',
    '200 well',
    false,
  ],
  [
    'a chunk that looks like the end',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n',
    '200 \r\n\r\n',
    false,
  ],
  [
    'chunks without a last one',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwe\r\n',
    'the answer broke off',
  ],
  ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n', '204 ', false],
  ['a status without words', 'HTTP/1.0 503\n\nill', '503 ill'],
  ['nothing at all', '', 'connection closed'],
  ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'no HTTP answer'],
  ['half of the head', 'HTTP/1.0 200 OK\r\nA:', 'no HTTP answer'],
];

for (const [what, text, page, ends] of PAGES) {
  test(`an HTTP answer: ${what}`, () => assert.equal(read(text, ends), page));
}

test('an HTTP answer: endless headers are given up, an endless body is cut', () => {
  const head = createPageReader();
  let found: unknown;
  for (let count = 0; count < 70 && found === undefined; count++) found = head.push(Buffer.alloc(1024, 'a'));
  assert.equal(found, 'no end of the headers');
  const body = createPageReader();
  let page = body.push(Buffer.from('HTTP/1.0 200 OK\r\n\r\n'));
  for (let count = 0; count < 100 && page === undefined; count++) page = body.push(Buffer.alloc(65_536));
  assert.ok(typeof page === 'object' && page.truncated);
});

/** Answers each connection with a page and ends it; what it was asked, and the certificate it was shown. */
async function askOf(
  server: Server,
  check: Partial<Extract<CheckerKind, { readonly kind: 'http' | 'https' }>>,
  tls?: ClientTls,
): Promise<{ result: CheckResult; asked: string; shown: string }> {
  let asked = '';
  let shown = '';
  const serve = (socket: Socket): void => {
    socket.on('error', () => undefined);
    if ('getPeerCertificate' in socket)
      shown = String((socket as TLSSocket).getPeerCertificate().subject?.CN);
    socket.once('data', (bytes) => {
      asked = bytes.toString('latin1');
      socket.end('HTTP/1.0 200 OK\r\n\r\nwell');
    });
  };
  server.on(check.kind === 'https' ? 'secureConnection' : 'connection', serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = { path: '/state?of=all ones', statusCodes: [], virtualHost: 'www.lab' };
  const result = await runCheck(
    {
      check: { kind: 'http', urls: [url], httpVersion: '1.0', ...check },
      target: { address: '127.0.0.1', port, connectTimeoutMs: 5000 },
      ...(tls === undefined ? {} : { tls }),
    },
    new AbortController().signal,
  );
  await new Promise((resolve) => server.close(resolve));
  return { result, asked, shown };
}

test('a page is asked for with HTTP/1.0 and the name that keepalived gives, or as http_protocol says', async () => {
  const plain = await askOf(createServer(), { userAgent: 'KeepAliveClient' });
  assert.equal(plain.result.ok, true);
  assert.equal(
    plain.asked,
    'GET /state?of=all%20ones HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: www.lab\r\n\r\n',
  );
  const head = async (httpVersion: '1.0C' | '1.1'): Promise<string[]> =>
    (await askOf(createServer(), { httpVersion })).asked.split('\r\n').slice(0, 3);
  const rest = ['User-Agent: heartbeat', 'Connection: close'];
  assert.deepEqual(await head('1.0C'), ['GET /state?of=all%20ones HTTP/1.0', ...rest]);
  assert.deepEqual(await head('1.1'), ['GET /state?of=all%20ones HTTP/1.1', ...rest]);
});

test('SSL_GET shows the certificate of the SSL block, and takes any of the server', async () => {
  const [certificate, key] = [join(TLS, 'cert.pem'), join(TLS, 'key.pem')];
  const server = (): Server =>
    createTls({
      key: readFileSync(key),
      cert: readFileSync(certificate),
      passphrase: 'secret',
      requestCert: true,
      rejectUnauthorized: false,
    });
  assert.deepEqual((await askOf(server(), { kind: 'https' })).shown, 'undefined');
  const read = readClientTls({ certificate, key, ca: certificate, password: 'secret' });
  assert.ok(read.ok);
  const { result, shown } = await askOf(server(), { kind: 'https' }, read.tls);
  assert.equal(result.ok, true, result.detail);
  assert.equal(shown, 'director');
  assert.match(JSON.stringify(read.tls), /^"[0-9a-f]{64}"$/);

  const wrong = readClientTls({ certificate, key, password: 'wrong-one' });
  assert.ok(!wrong.ok);
  assert.match(wrong.reason, /^SSL_GET works without its certificate \(.*key\.pem\): /);
  assert.doesNotMatch(wrong.reason, /wrong-one/);
  const absent = readClientTls({ certificate: '/nowhere/cert.pem' });
  assert.ok(!absent.ok);
  assert.match(absent.reason, /\/nowhere\/cert\.pem: /);
});
