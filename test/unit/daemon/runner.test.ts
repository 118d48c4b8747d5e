import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ClusterConfig } from '../../../src/config/types.js';
import type { Operation } from '../../../src/core/effect.js';
import type { Boot, ToLoop, ToRunner } from '../../../src/daemon/mailbox.js';
import { freshBoot } from '../../../src/daemon/runner/boot.js';
import type { Loaded } from '../../../src/daemon/runner/configuration.js';
import { loopSpawner } from '../../../src/daemon/runner/loop-process.js';
import { createRunner, type Runner } from '../../../src/daemon/runner/runner.js';
import { type SupervisionTimes, supervisionTimes } from '../../../src/daemon/runner/supervisor.js';
import type { DaemonLog } from '../../../src/log/logger.js';
import { emptyCheckpoint } from '../../support/checkpoint.js';
import { sampleConfig, sampleKeys, scriptGroup } from '../../support/configuration.js';
import { temporaryFolder, until, writeScript } from '../../support/scripts.js';

const FAKE_LOOP = fileURLToPath(new URL('../../support/fake-loop.js', import.meta.url));

interface Told {
  readonly pid: number;
  readonly got: ToLoop;
}

interface Bench {
  readonly folder: string;
  readonly runner: Runner;
  readonly logged: string[];
  readonly ended: { code: number; reason: string }[];
  readonly reboots: string[];
  readonly removed: string[];
  loaded: Loaded;
  start(): Promise<void>;
  told(): readonly Told[];
  boots(): readonly (Boot & { readonly pid: number })[];
  order(...messages: readonly (ToRunner | { kind: 'hang' } | { kind: 'crash' })[]): void;
}

function bench(
  t: TestContext,
  parts: Partial<ClusterConfig> = {},
  times: Partial<SupervisionTimes> = {},
): Bench {
  const folder = temporaryFolder(t);
  const configDir = join(folder, 'etc');
  mkdirSync(configDir);
  const paths = { configDir, stateDir: folder, runDir: join(folder, 'run'), programDir: folder };
  const config = sampleConfig(parts);
  const logged: string[] = [];
  const log: DaemonLog = {
    log: (level, _code, text) => logged.push(`${level}: ${text}`),
    record: (record) => logged.push(`${record.level}: ${record.text}`),
    output: (text) => logged.push(text),
    debugLevel: 0,
    reopen: () => undefined,
    close: async () => undefined,
  };
  const b: Bench = {
    folder,
    logged,
    ended: [],
    reboots: [],
    removed: [],
    loaded: { ok: true, config, authKeys: sampleKeys, diagnostics: [] },
    runner: createRunner({
      paths,
      program: '4.0.0',
      log,
      load: async () => b.loaded,
      spawnLoop: loopSpawner(FAKE_LOOP, { ...process.env, HA_STATE_DIR: folder }),
      scriptDir: folder,
      times: (known) => ({ ...supervisionTimes(known), spareDelayMs: 10, ...times }),
      realtime: false,
      removeAddress: async (address) => {
        b.removed.push(address.address);
        return { ok: true };
      },
      reboot: async (reason) => b.reboots.push(reason),
      onReady: () => undefined,
      onLeave: () => undefined,
      onEnd: (code, reason) => b.ended.push({ code, reason }),
    }),
    async start() {
      const boot = freshBoot({
        config,
        authKeys: sampleKeys,
        program: '4.0.0',
        stateDir: folder,
        realtime: false,
        nowS: 1_800_000_000,
      });
      await b.runner.start(boot);
      await until(() => b.boots().length === 1, 'the loop got its boot message');
    },
    told() {
      const file = join(folder, 'told');
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as Told);
    },
    boots: () => b.told().flatMap(({ pid, got }) => (got.kind === 'boot' ? [{ ...got.boot, pid }] : [])),
    order(...messages) {
      const path = join(folder, 'orders');
      writeFileSync(`${path}.new`, messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
      renameSync(`${path}.new`, path);
    },
  };
  t.after(() => b.runner.stop());
  return b;
}

const checkpoint = emptyCheckpoint({ generation: 7, seqLimit: 99 });

/** The loop hands its checkpoint over, and the runner has taken it. */
async function giveCheckpoint(b: Bench): Promise<void> {
  b.order(
    { kind: 'checkpoint', checkpoint },
    { kind: 'log', level: 'info', code: 'x', text: 'mark', wallMs: 0 },
  );
  await until(() => b.logged.includes('info: mark'), 'the checkpoint has arrived');
}

function operation(id: number, word: string, verb: Operation['verb'] = 'start'): Operation {
  const [type = '', ...args] = word.split('::');
  const resource = { word, type, args };
  return {
    id,
    group: word,
    groupLine: `node1 ${word}`,
    verb,
    target: { kind: 'script', resource },
    deadlineMs: 20_000,
    environment: {},
  };
}

test('a loop that is killed is restarted with its last checkpoint, generation and nonce', async (t) => {
  const b = bench(t);
  await b.start();
  await giveCheckpoint(b);
  const [first] = b.boots();
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await until(() => b.boots().length === 2, 'a second loop is booted');
  const second = b.boots()[1];
  assert.notEqual(second?.pid, first?.pid);
  assert.deepEqual(second?.checkpoint, checkpoint);
  assert.equal(second?.nonce, first?.nonce);
  assert.equal(second?.generation, first?.generation);
  assert.ok(b.logged.some((line) => /The loop process \d+ was ended by SIGKILL. Restarting it/.test(line)));
});

test('a loop that hangs is ended and replaced, and its words on standard error are logged when it crashes', async (t) => {
  const b = bench(t, { deadtimeMs: 60_000 }, { pingMs: 20, hangMs: 300 });
  await b.start();
  b.order({ kind: 'hang' });
  await until(() => b.boots().length === 2, 'a second loop is booted');
  assert.ok(b.logged.includes('crit: The loop process has been silent for 300 ms: ending it.'));
  b.order({ kind: 'crash' });
  await until(() => b.boots().length === 3, 'a third loop is booted');
  assert.ok(b.logged.some((line) => /ended with exit code 1; it said: .*ordered to crash/s.test(line)));
});

test('a loop that does not come back within the lease leaves nothing running, and a new run begins', async (t) => {
  const group = scriptGroup('first', 'second::x');
  const address = { family: 4, address: '10.9.9.9' } as const;
  const resources = [...group.resources, { word: '10.9.9.9', type: 'IPaddr', args: ['10.9.9.9'], address }];
  const b = bench(t, { groups: [{ ...group, resources }] }, { leaseMs: 2000, spareDelayMs: 60_000 });
  const body = (name: string) =>
    `#!/bin/sh\necho "${name} $*" >> "$HA_STATE_DIR/calls"\ncase "$*" in *status) echo running ;; esac\n`;
  writeScript(join(b.folder, 'etc'), 'first', body('first'));
  writeScript(join(b.folder, 'etc'), 'second', body('second'));
  await b.start();
  await giveCheckpoint(b);
  writeFileSync(join(b.folder, 'mute'), '');
  process.kill(b.boots()[0]?.pid ?? 0, 'SIGKILL');
  await until(() => b.boots().length >= 3, 'a new run begins after the release');
  const calls = readFileSync(join(b.folder, 'calls'), 'utf8').trim().split('\n');
  assert.deepEqual(calls, ['second x status', 'second x stop', 'first status', 'first stop']);
  assert.deepEqual(b.removed, ['10.9.9.9']);
  const [first, second, third] = b.boots();
  assert.deepEqual(second?.checkpoint, checkpoint);
  assert.equal(third?.checkpoint, undefined);
  assert.equal(third?.generation, (first?.generation ?? 0) + 1);
  assert.notEqual(third?.nonce, first?.nonce);
  assert.deepEqual(b.reboots, []);
});

test('in maintenance a loop that is lost releases nothing, and the next run and the disk know of maintenance', async (t) => {
  const b = bench(t, { groups: [scriptGroup('web')] }, { leaseMs: 300, spareDelayMs: 60_000 });
  writeScript(join(b.folder, 'etc'), 'web', '#!/bin/sh\necho "$1" >> "$HA_STATE_DIR/calls"\necho running\n');
  await b.start();
  b.order({ kind: 'maintenance', epoch: 3 });
  const file = join(b.folder, 'maintenance');
  await until(() => existsSync(file) && readFileSync(file, 'utf8') === '3\n', 'it is on the disk');
  writeFileSync(join(b.folder, 'mute'), '');
  process.kill(b.boots()[0]?.pid ?? 0, 'SIGKILL');
  await until(
    () => b.logged.some((line) => /maintenance is on: all resources stay/.test(line)),
    'it is said',
  );
  const [first] = b.boots();
  await until(() => b.boots().some(({ generation }) => generation !== first?.generation), 'a new run begins');
  assert.equal(b.boots().at(-1)?.maintenanceEpoch, 3);
  assert.equal(existsSync(join(b.folder, 'calls')), false, 'no script was called');
  assert.deepEqual(b.reboots, []);
});

test('a resource that cannot be released without a loop reboots the machine', async (t) => {
  const b = bench(t, { groups: [scriptGroup('stuck')] }, { leaseMs: 100, spareDelayMs: 60_000 });
  writeScript(
    join(b.folder, 'etc'),
    'stuck',
    '#!/bin/sh\n[ "$1" = status ] && echo running && exit\nexit 1\n',
  );
  await b.start();
  writeFileSync(join(b.folder, 'mute'), '');
  process.kill(b.boots()[0]?.pid ?? 0, 'SIGKILL');
  await until(() => b.reboots.length === 1, 'the reboot is asked for');
  assert.match(b.reboots[0] ?? '', /these resources cannot be stopped: stuck: .* stop returned 1/);
});

test('more than five deaths within a minute: everything is released and the daemon ends with 1', async (t) => {
  const b = bench(t, { deadtimeMs: 60_000 });
  await b.start();
  for (let death = 1; death <= 6; death += 1) {
    const current = b.boots().at(-1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    process.kill(current?.pid ?? 0, 'SIGKILL');
    await until(() => b.boots().length === death + 1 || b.ended.length === 1, 'the next loop or the end');
  }
  await until(() => b.ended.length === 1, 'the daemon ends');
  assert.deepEqual(b.ended[0]?.code, 1);
  assert.match(b.ended[0]?.reason ?? '', /died 6 times within 60 s: heartbeat gives up/);
  assert.ok(b.logged.includes('info: All HA resources relinquished.'));
});

test('a loop that cannot begin ends the start with its own code and reason', async (t) => {
  const b = bench(t);
  writeFileSync(join(b.folder, 'refuse'), '');
  await b.start();
  await until(() => b.ended.length === 1, 'the start fails');
  assert.deepEqual(b.ended[0], { code: 1, reason: 'no link could be opened' });
});

test('shutdown is handed to the loop once and its exit ends the daemon', async (t) => {
  const b = bench(t);
  await b.start();
  await until(() => b.told().some(({ got }) => got.kind === 'loadAverage'), 'the loop is ready');
  b.runner.shutdown();
  b.runner.shutdown();
  await until(() => b.ended.length === 1, 'the daemon ends');
  assert.deepEqual(b.ended[0], { code: 0, reason: 'all resources released' });
  const shutdowns = b.told().filter(({ got }) => got.kind === 'command');
  assert.equal(shutdowns.length, 1);
});

test('operations run side by side, and one on a busy resource waits for it', async (t) => {
  const b = bench(t);
  const etc = join(b.folder, 'etc');
  const body =
    '#!/bin/sh\n[ "$1" = status ] && exit\necho "$0 $1 begin" | sed "s,.*/,," >> "$HA_STATE_DIR/calls"\nsleep 0.2\necho "$0 $1 end" | sed "s,.*/,," >> "$HA_STATE_DIR/calls"\n';
  writeScript(etc, 'one', body);
  writeScript(etc, 'two', body);
  await b.start();
  b.order(
    { kind: 'operation', operation: operation(1, 'one') },
    { kind: 'operation', operation: operation(2, 'one', 'stop') },
    { kind: 'operation', operation: operation(3, 'two') },
  );
  const done = (): readonly number[] =>
    b.told().flatMap(({ got }) => (got.kind === 'operationDone' && got.result.ok ? [got.operationId] : []));
  await until(() => done().length === 3, 'all three end well');
  const calls = readFileSync(join(b.folder, 'calls'), 'utf8').trim().split('\n');
  assert.ok(calls.indexOf('one start end') < calls.indexOf('one stop begin'));
  assert.ok(calls.indexOf('two start begin') < calls.indexOf('one start end'));
  assert.ok(b.told().some(({ got }) => got.kind === 'operationStarted' && got.operationId === 3));
});

test('a restarted loop that asks again for a running operation gets its result, and the script runs once', async (t) => {
  const b = bench(t);
  writeScript(
    join(b.folder, 'etc'),
    'slow',
    '#!/bin/sh\n[ "$1" = status ] && exit\necho x >> "$HA_STATE_DIR/calls"\nwhile [ ! -e "$HA_STATE_DIR/go" ]; do sleep 0.02; done\n',
  );
  await b.start();
  b.order({ kind: 'operation', operation: operation(5, 'slow') });
  await until(() => existsSync(join(b.folder, 'calls')), 'the script runs');
  process.kill(b.boots()[0]?.pid ?? 0, 'SIGKILL');
  await until(() => b.boots().length === 2, 'a second loop is booted');
  b.order({ kind: 'operation', operation: operation(5, 'slow') });
  writeFileSync(join(b.folder, 'go'), '');
  await until(
    () => b.told().some(({ got }) => got.kind === 'operationDone'),
    'the second loop hears the result',
  );
  assert.equal(readFileSync(join(b.folder, 'calls'), 'utf8'), 'x\n');
});

test('reload: unchanged, new keys, a bad file, and a changed ha.cf that keeps groups and checkpoint', async (t) => {
  const b = bench(t, { groups: [scriptGroup('web')] });
  const etc = join(b.folder, 'etc');
  await b.start();
  await until(() => b.told().some(({ got }) => got.kind === 'loadAverage'), 'the loop is ready');
  assert.deepEqual(await b.runner.reload(), { ok: true, text: 'Configuration unchanged.' });

  writeFileSync(join(etc, 'authkeys'), 'changed');
  assert.deepEqual(await b.runner.reload(), { ok: true, text: 'Rereading authentication file.' });
  await until(() => b.told().some(({ got }) => got.kind === 'authKeys'), 'the loop gets the keys');

  const good = b.loaded;
  const wrong = { file: 'ha.cf', line: 3, column: 1, code: 'x', message: 'This is wrong.' };
  b.loaded = { ok: false, diagnostics: [{ ...wrong, severity: 'error' }] };
  writeFileSync(join(etc, 'ha.cf'), 'bad');
  assert.equal((await b.runner.reload()).ok, false);
  assert.ok(b.logged.includes('error: ha.cf:3:1: This is wrong.'));
  assert.equal(b.boots().length, 1);

  await giveCheckpoint(b);
  b.loaded = { ...good, ok: true, config: sampleConfig({ keepaliveMs: 77 }), authKeys: sampleKeys };
  writeFileSync(join(etc, 'ha.cf'), 'good now');
  assert.deepEqual(await b.runner.reload(), { ok: true, text: 'Restarting heartbeat.' });
  await until(() => b.boots().length === 2, 'the loop is replaced');
  const second = b.boots()[1];
  assert.equal(second?.config.keepaliveMs, 77);
  assert.equal(second?.config.groups.length, 1, 'groups stay as they were');
  assert.deepEqual(second?.checkpoint, checkpoint);
  assert.ok(!b.logged.some((line) => line.includes('Restarting it')), 'no death is logged');
});

test('a loop that asks for a new run is replaced by one with the next generation and without the checkpoint', async (t) => {
  const b = bench(t);
  await b.start();
  await giveCheckpoint(b);
  b.order({ kind: 'restartSelf', reason: 'the cluster partition is over' });
  await until(() => b.boots().length === 2, 'the second boot message');
  const [first, second] = b.boots();
  assert.equal(second?.checkpoint, undefined);
  assert.equal(second?.generation, (first?.generation ?? 0) + 1);
  assert.notEqual(second?.nonce, first?.nonce);
  assert.deepEqual(b.ended, []);
});
