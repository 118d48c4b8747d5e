import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Channel, openChannel } from '../../../src/daemon/channel.js';
import type { AdoptRunner, Boot, ToLoop, ToRunner } from '../../../src/daemon/mailbox.js';
import { pidFilePath } from '../../../src/daemon/paths.js';
import { readDaemonState } from '../../../src/daemon/runner/pid-file.js';
import { prepareStateDirectory } from '../../../src/daemon/runner/state-files.js';
import { emptyCheckpoint } from '../../support/checkpoint.js';
import { sampleConfig, sampleKeys } from '../../support/configuration.js';
import { temporaryPaths } from '../../support/control.js';
import { until, writeScript } from '../../support/scripts.js';

const RUNNER = fileURLToPath(new URL('../../../src/daemon/runner/main.js', import.meta.url));
const FAKE_LOOP = fileURLToPath(new URL('../../support/fake-loop.js', import.meta.url));

const boot: Boot = {
  config: sampleConfig({ log: { logfile: '/dev/null', debug: 0 } }),
  authKeys: sampleKeys,
  program: '4.0.0',
  generation: 5,
  uuid: '00112233445566778899aabbccddeeff',
  nonce: '0011223344556677',
  seed: 1,
  peerGenerations: {},
  realtime: false,
  runnerPid: 1,
};
const checkpoint = emptyCheckpoint({ generation: 7 });

function gone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

test('a new runner ends the orphaned script, runs it again, and later replaces the loop from its checkpoint', async (t) => {
  const paths = temporaryPaths(t);
  prepareStateDirectory(paths.stateDir);
  writeScript(paths.configDir, 'web', '#!/bin/sh\necho "$1" >> "$HA_STATE_DIR/calls"\n');
  // Stand-ins: the process of the loop, and a script that the dead runner left behind.
  const loop = spawn('sleep', ['300'], { stdio: 'ignore' });
  const orphan = spawn('sleep', ['300'], { stdio: 'ignore', detached: true });
  const args = [RUNNER, '--adopt', `--loop-entry=${FAKE_LOOP}`, `--config-dir=${paths.configDir}`];
  args.push(`--state-dir=${paths.stateDir}`, `--run-dir=${paths.runDir}`);
  const runner = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  t.after(() => [loop, orphan, runner].map((child) => child.kill('SIGKILL')));

  const got: ToLoop[] = [];
  const channel: Channel<ToRunner> = openChannel<ToLoop, ToRunner>(runner.stdio[3] as Duplex, {
    onMessage: (message) => {
      got.push(message);
      if (message.kind === 'ping') channel.send({ kind: 'alive' });
    },
    onEnd: () => undefined,
  });
  const adopt: AdoptRunner = {
    boot,
    loopPid: loop.pid ?? 0,
    operations: [
      {
        processGroup: orphan.pid ?? 0,
        operation: {
          id: 3,
          group: 'web',
          groupLine: 'node1 web',
          verb: 'start',
          target: { kind: 'script', resource: { word: 'web', type: 'web', args: [] } },
          deadlineMs: 10_000,
          environment: {},
        },
      },
    ],
  };
  channel.send({ kind: 'adopt', adopt });
  channel.send({ kind: 'checkpoint', checkpoint });

  await until(() => gone(orphan), 'the orphaned script is ended');
  await until(() => got.some((message) => message.kind === 'operationDone'), 'the operation is done again');
  const done = got.find((message) => message.kind === 'operationDone');
  assert.deepEqual(done, { kind: 'operationDone', operationId: 3, result: { ok: true } });
  assert.equal(readFileSync(join(paths.stateDir, 'calls'), 'utf8'), 'status\nstart\n');
  assert.deepEqual(readDaemonState(paths), { kind: 'running', pid: runner.pid });
  assert.ok(existsSync(join(paths.runDir, 'control.sock')));

  channel.destroy();
  await until(() => gone(loop), 'a loop that closed its channel is ended');
  const told = join(paths.stateDir, 'told');
  await until(() => existsSync(told) && readFileSync(told, 'utf8').includes('\n'), 'a new loop is booted');
  const first = JSON.parse(readFileSync(told, 'utf8').split('\n')[0] ?? '') as { got: { boot: Boot } };
  assert.deepEqual(first.got.boot.checkpoint, checkpoint);
  assert.equal(first.got.boot.nonce, boot.nonce);

  await until(() => readFileSync(told, 'utf8').includes('loadAverage'), 'the new loop is ready');
  process.kill(runner.pid ?? 0, 'SIGTERM');
  await until(() => gone(runner), 'the runner ends');
  assert.equal(runner.exitCode, 0);
  assert.equal(existsSync(pidFilePath(paths)), false);
});
