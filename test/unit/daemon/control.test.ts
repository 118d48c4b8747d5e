import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask } from '../../../src/daemon/control/client.js';
import { parseRequest } from '../../../src/daemon/control/protocol.js';
import { fakeDaemon, temporaryPaths } from '../../support/control.js';
import { until } from '../../support/scripts.js';

test('only well-formed requests pass', () => {
  const good: readonly unknown[] = [
    { kind: 'snapshot' },
    { kind: 'restart' },
    { kind: 'events', count: 20 },
    { kind: 'hbparameter', name: 'keepalive' },
    { kind: 'command', command: { kind: 'standby', set: 'all' } },
    { kind: 'command', command: { kind: 'shutdown' } },
  ];
  for (const request of good) assert.deepEqual(parseRequest(request), request);
  const bad: readonly unknown[] = [
    null,
    7,
    {},
    { kind: 'reboot' },
    { kind: 'events' },
    { kind: 'events', count: 0 },
    { kind: 'events', count: 1e9 },
    { kind: 'hbparameter', name: 1 },
    { kind: 'command' },
    { kind: 'command', command: { kind: 'standby', set: 'most' } },
    { kind: 'command', command: { kind: 'takeover' } },
    { kind: 'command', command: { kind: 'format' } },
  ];
  for (const request of bad) assert.equal(typeof parseRequest(request), 'string', JSON.stringify(request));
});

test('the control socket is for root alone and a bad request is answered', async (t) => {
  const paths = temporaryPaths(t);
  await fakeDaemon(t, paths, () => ({ kind: 'events', events: [] }));
  const path = join(paths.runDir, 'control.sock');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(paths.runDir).mode & 0o777, 0o750);
  assert.deepEqual(await ask(path, { kind: 'events', count: 0 }), {
    ok: true,
    response: { kind: 'refused', reason: 'Bad request: count is not a number from 1 to 500.' },
  });
});

test('a client that sends an endless line is cut off', async (t) => {
  const paths = temporaryPaths(t);
  await fakeDaemon(t, paths, () => undefined);
  const socket = connect(join(paths.runDir, 'control.sock'));
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => undefined);
  socket.write('x'.repeat(200_000));
  await until(() => closed, 'the server hangs up');
});

test('asking where nobody listens says that heartbeat does not run', async (t) => {
  const answer = await ask(join(temporaryPaths(t).runDir, 'control.sock'), { kind: 'snapshot' });
  assert.deepEqual(answer, {
    ok: false,
    cause: 'stopped',
    reason: 'Heartbeat is not running on this machine.',
  });
});
