import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusSnapshot } from '../../../src/core/snapshot-types.js';
import type { LoopHandlers } from '../../../src/daemon/runner/loop-process.js';
import { createSupervisor, supervisionTimes } from '../../../src/daemon/runner/supervisor.js';
import { serviceEnvironment, takeServiceManager } from '../../../src/daemon/service-manager.js';
import { createServiceNotifier, serviceSentence } from '../../../src/daemon/service-notify.js';
import { sampleConfig } from '../../support/configuration.js';
import { sampleStatus } from '../../support/control.js';
import { until } from '../../support/scripts.js';

const manager = { socket: '@nobody', watchdogMs: 20 };

function listened(
  parts: { healthy?: () => boolean; status?: () => Promise<StatusSnapshot | undefined> } = {},
) {
  const said: string[] = [];
  const notifier = createServiceNotifier(manager, (text) => said.push(text));
  notifier.begin({ healthy: () => true, status: async () => sampleStatus, ...parts });
  return { said, notifier };
}

test('the variables of a service manager are taken out of the environment, and only a local socket counts', () => {
  const environment: NodeJS.ProcessEnv = {
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '60000000',
    WATCHDOG_PID: '1',
    HOME: '/',
  };
  const found = takeServiceManager(environment);
  assert.deepEqual(found, { socket: '/run/systemd/notify', watchdogMs: 60_000 });
  assert.deepEqual(environment, { HOME: '/' });
  assert.deepEqual(serviceEnvironment(found), {
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '60000000',
  });
  assert.deepEqual(takeServiceManager({ NOTIFY_SOCKET: '@x', WATCHDOG_USEC: '-1' }), { socket: '@x' });
  for (const NOTIFY_SOCKET of ['', '/', 'vsock:2:1234', 'notify'])
    assert.equal(takeServiceManager({ NOTIFY_SOCKET }), undefined);
  assert.deepEqual(serviceEnvironment(undefined), {});
});

test('READY=1 waits for the answer of a loop that has announced the node, and names the main process', async (t) => {
  let answers = 0;
  const { said, notifier } = listened({
    status: async () => {
      answers += 1;
      return answers < 3 ? undefined : sampleStatus;
    },
  });
  t.after(() => notifier.close());
  notifier.loopReady();
  await until(() => said.some((text) => text.includes('READY=1')), 'READY=1');
  assert.equal(answers, 3);
  const ready = said.find((text) => text.includes('READY=1')) ?? '';
  assert.ok(ready.startsWith(`MAINPID=${process.pid}\nREADY=1\nSTATUS=node1 is active`), ready);
});

test('the watchdog is fed at half its time while the daemon is healthy, and not at all otherwise', async (t) => {
  let healthy = true;
  const { said, notifier } = listened({ healthy: () => healthy });
  t.after(() => notifier.close());
  await until(() => said.filter((text) => text === 'WATCHDOG=1').length > 3, 'four meals');
  healthy = false;
  const before = said.length;
  await new Promise((resolve) => setTimeout(resolve, 5 * manager.watchdogMs));
  assert.equal(said.length, before);
});

test('a reload is announced and its end told; a stop is told once and the status line rests', async (t) => {
  const { said, notifier } = listened();
  t.after(() => notifier.close());
  notifier.reloading();
  notifier.reloaded('Configuration unchanged.');
  const told = said.filter((text) => text !== 'WATCHDOG=1');
  assert.match(told[0] ?? '', /^RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=Rereading/);
  assert.equal(told[1], 'READY=1\nSTATUS=Configuration unchanged.');
  await until(() => said.some((text) => text.startsWith('STATUS=node1 is active')), 'the usual line again');
  notifier.stopping();
  notifier.changed();
  notifier.loopReady();
  await new Promise((resolve) => setTimeout(resolve, 700));
  const after = said.slice(said.findIndex((text) => text.startsWith('STOPPING=1')) + 1);
  assert.deepEqual([...new Set(after)], ['WATCHDOG=1']);
});

test('the status line says who holds what, on one line', () => {
  const sentence = serviceSentence(sampleStatus);
  assert.match(sentence, /^node1 is active and holds .*node2 is /);
  assert.ok(!sentence.includes('\n'));
  const idle = { ...sampleStatus, groups: [], maintenance: true };
  assert.match(serviceSentence(idle), /holds nothing; .*maintenance is on/);
});

test('a supervisor is unhealthy only when a silent loop outlives its own bound', async (t) => {
  let handlers: LoopHandlers | undefined;
  let kills = 0;
  const supervisor = createSupervisor(
    (given) => {
      handlers = given;
      return { pid: 1, send: () => true, kill: () => (kills += 1) };
    },
    {
      log: () => undefined,
      onMessage: () => undefined,
      onReady: () => undefined,
      onLost: () => undefined,
      boot: () => ({}) as never,
      release: async () => undefined,
      end: () => undefined,
    },
  );
  t.after(() => supervisor.stop());
  supervisor.start({ ...supervisionTimes(sampleConfig()), pingMs: 10, hangMs: 50, spareDelayMs: 60_000 });
  assert.equal(supervisor.healthy, true);
  setImmediate(() => handlers?.onMessage({ kind: 'ready' }));
  await until(() => supervisor.ready, 'ready');
  const alive = setInterval(() => handlers?.onMessage({ kind: 'alive' }), 10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(supervisor.healthy, true);
  clearInterval(alive);
  await until(() => kills > 0, 'the silent loop is ended');
  // This one cannot be ended: nothing is said of its end.
  await until(() => !supervisor.healthy, 'the supervisor says so');
});
