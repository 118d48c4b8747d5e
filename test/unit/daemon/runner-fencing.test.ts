/** The runner's hands at the devices: numbers, a loop that is away, checks at the start. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { FENCING_FOLDERS } from '../../../src/actions/fencing/call.js';
import type { ClusterConfig } from '../../../src/config/types.js';
import type { FenceCommand } from '../../../src/core/fencing/types.js';
import type { ToLoop } from '../../../src/daemon/mailbox.js';
import { createFencing, type RunnerFencing } from '../../../src/daemon/runner/fencing.js';
import { sampleConfig } from '../../support/configuration.js';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'heartbeat-runner-fencing-'));
});
after(() => rmSync(folder, { recursive: true }));

interface Bench {
  readonly fencing: RunnerFencing;
  readonly told: ToLoop[];
  /** False: no loop process hears what is told. */
  hears: boolean;
  config: ClusterConfig;
  until(condition: () => boolean): Promise<void>;
  calls(): readonly string[];
}

function bench(name: string, body: string): Bench {
  const script = join(folder, name);
  writeFileSync(script, `#!/bin/sh\necho "$@" >>${script}.calls\n${body}\n`);
  chmodSync(script, 0o755);
  writeFileSync(`${script}.calls`, '');
  const told: ToLoop[] = [];
  const made: Bench = {
    told,
    hears: true,
    config: sampleConfig({ stonith: [{ type: 'script', parameters: script, line: 1 }] }),
    fencing: createFencing({
      stateDir: folder,
      context: { folders: FENCING_FOLDERS, workingDirectory: folder, log: () => undefined },
      config: () => made.config,
      log: () => undefined,
      tell: (message) => {
        if (made.hears) told.push(message);
        return made.hears;
      },
    }),
    until: async (condition) => {
      for (let left = 500; left > 0 && !condition(); left--)
        await new Promise((resolve) => setTimeout(resolve, 20));
      assert.ok(condition(), JSON.stringify(told));
    },
    calls: () => readFileSync(`${script}.calls`, 'utf8').trim().split('\n'),
  };
  return made;
}

const command = (id: number): FenceCommand => ({ id, node: 'node2', device: 0, deadlineMs: 5000 });

it('the same number again is the same attempt: its outcome is told again, the device is not asked twice', async () => {
  const { fencing, told, until, calls } = bench('again', 'exit 0');
  fencing.start(command(1));
  fencing.start(command(1));
  await until(() => told.length === 1);
  fencing.start(command(1));
  assert.deepEqual(told, [
    { kind: 'fenceDone', commandId: 1, result: { ok: true } },
    { kind: 'fenceDone', commandId: 1, result: { ok: true } },
  ]);
  assert.deepEqual(calls(), ['reset node2']);
});

it('an outcome that no loop process heard is told to the one that asks for it', async () => {
  const one = bench('unheard', 'exit 1');
  one.hears = false;
  one.fencing.start(command(3));
  await one.until(() => one.calls()[0] === 'reset node2');
  await new Promise((resolve) => setTimeout(resolve, 200));
  one.hears = true;
  one.fencing.start(command(3));
  await one.until(() => one.told.length === 1);
  const [message] = one.told;
  assert.equal(message?.kind === 'fenceDone' && message.result.ok, false);
  assert.equal(one.calls().length, 1);
});

it('a cancelled attempt ends at once, and what it did is not known', async () => {
  const { fencing, told, until, calls } = bench('cancel', 'sleep 60');
  fencing.start(command(1));
  await until(() => calls()[0] === 'reset node2');
  fencing.cancel(1);
  await until(() => told.length === 1);
  const [message] = told;
  assert.ok(message?.kind === 'fenceDone' && !message.result.ok && !message.result.certain);
});

it('a new run asks anew: numbers of the former one mean nothing', async () => {
  const { fencing, told, until, calls } = bench('reset', 'exit 0');
  fencing.start(command(1));
  await until(() => told.length === 1);
  fencing.reset();
  fencing.start(command(1));
  await until(() => told.length === 2);
  assert.equal(calls().length, 2);
});

it('devices are checked when the loop is ready, and again only for another configuration', async () => {
  const one = bench('check', 'echo "no answer"; exit 1');
  one.fencing.attend();
  one.fencing.attend();
  await one.until(() => one.told.length === 1);
  assert.deepEqual(one.told[0], {
    kind: 'fencingReadiness',
    checked: [{ device: 0, ok: false, detail: 'script status returned 1: no answer' }],
  });
  one.config = { ...one.config };
  one.fencing.attend();
  await one.until(() => one.told.length === 2);
  assert.deepEqual(one.calls(), ['status', 'status']);
  one.fencing.stop();
});
