import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { runCheck, runCheckWithRetries } from '../../../src/actions/checks/check.js';
import { createCheckEngine } from '../../../src/actions/checks/engine.js';
import { askChecks } from '../../../src/actions/checks/of-resource.js';
import type { CheckResult, CheckTarget } from '../../../src/actions/checks/types.js';
import type { HealthCheck } from '../../../src/config/types.js';
import type { CheckerKind, CheckerUrl } from '../../../src/config/virtual-server-types.js';

const never = new AbortController().signal;
const target = (port: number, connectTimeoutMs = 3000): CheckTarget => ({
  address: '127.0.0.1',
  port,
  connectTimeoutMs,
});
const ask = (check: CheckerKind, port: number, connectTimeoutMs?: number): Promise<CheckResult> =>
  runCheck({ check, target: target(port, connectTimeoutMs) }, never);

async function withServer(server: Server, story: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await story((server.address() as AddressInfo).port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  let found = 0;
  await withServer(createServer(), (port) => {
    found = port;
    return Promise.resolve();
  });
  return found;
}

test('a port that takes connections is good, a closed one is refused', async () => {
  await withServer(createServer(), async (port) => {
    assert.deepEqual(await ask({ kind: 'tcp' }, port), { ok: true, detail: 'connected' });
  });
  assert.deepEqual(await ask({ kind: 'tcp' }, await closedPort()), {
    ok: false,
    detail: 'connection refused',
  });
});

test('a page is judged by status, body and digest, and by a server that says nothing', async () => {
  const page = 'the service is well\n';
  const server = createHttp((request, response) => {
    if (request.url === '/silent') return;
    response.statusCode = request.url === '/broken' ? 500 : 200;
    response.end(request.headers.host === 'other.example' ? 'other' : page);
  });
  await withServer(server, async (port) => {
    const get = (url: Partial<CheckerUrl>, limitMs?: number): Promise<CheckResult> =>
      ask(
        { kind: 'http', httpVersion: '1.1', urls: [{ path: '/', statusCodes: [], ...url }] },
        port,
        limitMs,
      );
    const digest = createHash('md5').update(page).digest('hex');
    assert.equal((await get({})).ok, true);
    assert.equal((await get({ digest, regex: 'is w.ll' })).ok, true);
    assert.equal((await get({ path: '/broken', statusCodes: [{ from: 500, to: 599 }] })).ok, true);
    for (const [url, detail] of [
      [{ path: '/broken' }, 'HTTP status 500 on /broken'],
      [{ regex: 'is ill' }, 'a body that does not match on /'],
      [{ regex: 'well', regexNegated: true }, 'a body that matches what must not be there on /'],
      [{ virtualHost: 'other.example', regex: 'well' }, 'a body that does not match on /'],
      [{ digest: '0'.repeat(32) }, `digest ${digest} on /`],
    ] as const) {
      assert.deepEqual(await get(url), { ok: false, detail });
    }
    assert.deepEqual(await get({ path: '/silent' }, 200), {
      ok: false,
      detail: 'no whole answer within 200 ms',
    });
    server.closeAllConnections();
  });
});

test('a mail server has to greet and to answer; one that only takes the connection is bad', async () => {
  const smtp = new SMTPServer({ logger: false, disabledCommands: ['STARTTLS', 'AUTH'] });
  smtp.on('error', () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  const check = { kind: 'smtp', heloName: 'checker.example' } as const;
  assert.deepEqual(await ask(check, port), { ok: true, detail: 'greets and answers' });
  await new Promise<void>((resolve) => smtp.close(resolve));
  const busy = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('421 too busy\r\n');
  });
  await withServer(busy, async (busyPort) => {
    assert.deepEqual(await ask(check, busyPort), { ok: false, detail: 'greeting "421 too busy"' });
  });
  await withServer(
    createServer((socket) => socket.on('error', () => undefined)),
    async (mutePort) => {
      assert.match((await ask(check, mutePort, 200)).detail, /no greeting within 200 ms/);
    },
  );
});

test('a name server has to answer without an error and with a record', async () => {
  let flags = 0x8180;
  let records = 1;
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    const answer = Buffer.from(question);
    answer.writeUInt16BE(flags, 2);
    answer.writeUInt16BE(records, 6);
    // Somebody else's answer must not count.
    const stray = Buffer.from(answer);
    stray.writeUInt16BE((question.readUInt16BE(0) + 1) & 0xffff, 0);
    stray.writeUInt16BE(0x8185, 2);
    server.send(stray, from.port, from.address);
    server.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const check = { kind: 'dns', recordType: 'A', name: 'example.org' } as const;
  const { port } = server.address();
  assert.equal((await ask(check, port)).ok, true);
  flags = 0x8183;
  assert.deepEqual(await ask(check, port), { ok: false, detail: 'the answer is no such name' });
  flags = 0x8180;
  records = 0;
  assert.deepEqual(await ask(check, port), { ok: false, detail: 'an answer without records' });
  assert.equal((await ask({ ...check, mayBeEmpty: true }, port)).ok, true, 'as keepalived asks');
  assert.equal((await ask({ ...check, recordType: 'WHAT' }, port)).ok, false);
  await new Promise<void>((resolve) => server.close(resolve));
});

test('a UDP port is bad when it is refused, or silent where an answer is asked for', async () => {
  const server = createSocket('udp4');
  server.on('message', (message, from) => {
    if (message.toString() === 'ping') server.send('pong', from.port, from.address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const payloadHex = Buffer.from('ping').toString('hex');
  assert.equal((await ask({ kind: 'udp', payloadHex, requireReply: true }, port)).ok, true);
  assert.equal((await ask({ kind: 'udp', requireReply: true }, port, 200)).ok, false);
  const reply = async (more: object): Promise<string> =>
    (await ask({ kind: 'udp', payloadHex, requireReply: true, ...more }, port)).detail;
  assert.equal(await reply({ replyPattern: '70xx6e67' }), 'answer of 4 bytes');
  assert.equal(await reply({ replyPattern: '706f6e6700' }), 'answer of 4 bytes', 'as far as both go');
  assert.equal(await reply({ replyPattern: '706f6f' }), 'an answer that differs in byte 2');
  assert.equal(await reply({ replyMinBytes: 5 }), 'an answer of 4 bytes, not 5 to 255');
  assert.equal(await reply({ replyMaxBytes: 3 }), 'an answer of 4 bytes, not 0 to 3');
  assert.deepEqual(await ask({ kind: 'udp', requireReply: false }, port, 200), {
    ok: true,
    detail: 'not refused',
  });
  await new Promise<void>((resolve) => server.close(resolve));
  assert.deepEqual(await ask({ kind: 'udp', requireReply: false }, port), {
    ok: false,
    detail: 'connection refused',
  });
});

test('a program is good with exit status 0, and with 2 and more where it may set a weight', async () => {
  const run = (script: string, dynamic: boolean, timeoutMs = 5000): Promise<CheckResult> =>
    ask({ kind: 'misc', command: { words: ['/bin/sh', '-c', script] }, timeoutMs, dynamic }, 0);
  assert.equal((await run('exit 0', false)).ok, true);
  assert.equal((await run('exit 3', false)).ok, false);
  assert.equal((await run('exit 3', true)).weight, 1);
  assert.equal((await run('exit 1', true)).ok, false);
  assert.match((await run('sleep 30', false, 200)).detail, /did not end within 200 ms/);
});

const isRoot = process.getuid?.() === 0;
const pingOptions = isRoot ? {} : { skip: 'an ICMP socket needs root' };
test('a host that answers an echo request is good', pingOptions, async () => {
  for (const address of ['127.0.0.1', '::1']) {
    const spec = { check: { kind: 'ping' }, target: { ...target(0, 2000), address } } as const;
    assert.deepEqual(await runCheck(spec, never), { ok: true, detail: 'echo heard' });
  }
});

test('a check that is cancelled ends at once', async () => {
  await withServer(
    createServer((socket) => socket.on('error', () => undefined)),
    async (port) => {
      const abort = new AbortController();
      const spec = { check: { kind: 'smtp', heloName: 'x' }, target: target(port, 60_000) } as const;
      const result = runCheckWithRetries(spec, { retries: 5, delayBeforeRetryMs: 60_000 }, abort.signal);
      abort.abort();
      assert.deepEqual(await result, { ok: false, detail: 'cancelled' });
    },
  );
});

const HEALTH: HealthCheck = {
  name: 'page',
  resource: 'web',
  type: 'http',
  url: '',
  address: '',
  port: 0,
  status: '',
  statusCodes: [],
  match: '',
  digest: '',
  query: '',
  script: '',
  connectTimeoutMs: 2000,
  retries: 0,
  delayMs: 10,
};

test('the checks of a resource are all asked; what is bad is named; a retry may save it', async () => {
  let asked = 0;
  const server = createHttp((_request, response) => {
    asked += 1;
    response.statusCode = asked === 1 ? 503 : 200;
    response.end('well');
  });
  await withServer(server, async (port) => {
    const page = { ...HEALTH, url: `http://127.0.0.1:${port}/health?x=1`, match: 'well' };
    const checks = [{ ...page, retries: 1 }];
    assert.equal(await askChecks(checks, 10_000, never), undefined);
    assert.equal(asked, 2);
    const port2: HealthCheck = { ...HEALTH, name: 'port', type: 'tcp', port: await closedPort() };
    assert.equal(await askChecks([page, port2], 10_000, never), 'check port: connection refused');
  });
});

/** Feeds the engine with these answers and notes what it asks for; resolves when they are used up. */
async function rounds(
  check: CheckerKind,
  answers: readonly boolean[],
): Promise<{ asked: string[]; verdicts: string[]; failures: number[] }> {
  const asked: string[] = [];
  const verdicts: string[] = [];
  const failures: number[] = [];
  const left = [...answers];
  let most = 0;
  let now = 0;
  await new Promise<void>((resolve) => {
    const engine = createCheckEngine({
      concurrency: 2,
      random: () => 0.5,
      run: async (spec) => {
        const answer = left.shift();
        if (answer === undefined) {
          engine.close();
          assert.equal(engine.watched, 0);
          resolve();
          return { ok: true, detail: '' };
        }
        now += 1;
        most = Math.max(most, now);
        asked.push('urls' in spec.check ? spec.check.urls.map(({ path }) => path).join() : spec.check.kind);
        await new Promise((done) => setTimeout(done, 1));
        now -= 1;
        return { ok: answer, detail: String(answers.length - left.length) };
      },
    });
    engine.add({
      spec: { check, target: target(1) },
      times: { connectTimeoutMs: 1, retries: 2, delayBeforeRetryMs: 1, delayLoopMs: 3, warmupMs: 1 },
      onFailure: (_result, attempt) => void failures.push(attempt),
      onVerdict: ({ ok, detail }) => void verdicts.push(`${ok ? 'good' : 'bad'}: ${detail}`),
    });
  });
  assert.equal(most, 1);
  return { asked, verdicts, failures };
}

const [Y, N] = [true, false];

test('a good server is tried again before its verdict is bad, a bad one is asked once a round', async () => {
  const { verdicts, failures } = await rounds({ kind: 'tcp' }, [Y, N, N, Y, N, N, N, N, N, Y, N, N, Y]);
  assert.deepEqual(verdicts, ['good: 1', 'bad: 7', 'good: 10']);
  assert.deepEqual(failures, [1, 2, 1, 2, 3, 1, 1, 1, 2]);
});

test('for the first verdict one failure is enough; SMTP_CHECK alone is always tried again', async () => {
  assert.deepEqual((await rounds({ kind: 'tcp' }, [N, N, Y])).verdicts, ['bad: 1', 'good: 3']);
  const smtp = { kind: 'smtp', heloName: 'lab' } as const;
  const { verdicts, failures } = await rounds(smtp, [N, N, N, N, N, N, Y, N, Y]);
  assert.deepEqual(verdicts, ['bad: 3', 'good: 7']);
  assert.deepEqual(failures, [1, 2, 3, 1, 2, 3, 1]);
});

const urls = (...paths: readonly string[]): CheckerKind => ({
  kind: 'http',
  urls: paths.map((path) => ({ path, statusCodes: [] })),
  httpVersion: '1.0',
});

test('urls are asked one a round, in turn; the one that fails is tried again, then asked until it answers', async () => {
  const { asked, verdicts } = await rounds(urls('/a', '/b', '/c'), [Y, Y, Y, Y, N, N, N, N, Y, Y, Y, Y]);
  assert.deepEqual(asked, ['/a', '/b', '/c', '/a', '/b', '/b', '/b', '/b', '/b', '/c', '/a', '/b']);
  assert.deepEqual(verdicts, ['good: 3 urls are well', 'bad: 7', 'good: 3 urls are well']);
});

test('a failed server is back when every url has answered well one after the other', async () => {
  const { asked, verdicts } = await rounds(urls('/a', '/b'), [Y, N, Y, N, Y, Y, Y, N, Y]);
  assert.deepEqual(asked, ['/a', '/b', '/b', '/a', '/a', '/b', '/a', '/b', '/b']);
  assert.deepEqual(verdicts, ['bad: 2', 'good: 2 urls are well']);
});

test('two thousand checks run a few at a time, each says its verdict, and none is left', async () => {
  let now = 0;
  let most = 0;
  let good = 0;
  const engine = createCheckEngine({
    concurrency: 50,
    random: Math.random,
    run: async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setImmediate(done));
      now -= 1;
      return { ok: true, detail: '' };
    },
  });
  const times = { connectTimeoutMs: 1, retries: 0, delayBeforeRetryMs: 1, delayLoopMs: 60_000, warmupMs: 20 };
  await new Promise<void>((resolve) => {
    for (let count = 0; count < 2000; count++) {
      engine.add({
        spec: { check: { kind: 'tcp' }, target: target(1) },
        times,
        onVerdict: () => {
          good += 1;
          if (good === 2000) resolve();
        },
      });
    }
  });
  assert.ok(most <= 50, `${most} at a time`);
  engine.close();
  assert.equal(engine.watched, 0);
});
