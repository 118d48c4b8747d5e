/** The program sbd of Debian and ours on one loop device: each reads what the other wrote. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FENCING_FOLDERS } from '../../src/actions/fencing/call.js';
import { checkDevice, fenceNode } from '../../src/actions/fencing/device.js';
import { hostsOf } from '../../src/actions/fencing/hosts.js';
import type { FromWatcher } from '../../src/daemon/sbd/messages.js';
import * as tool from '../../src/daemon/sbd/tool.js';
import { watchDisk } from '../../src/daemon/sbd/watcher.js';
import { bootTimeMs } from '../../src/system/clock.js';
import { until } from '../support/scripts.js';

const SBD = '/usr/sbin/sbd';
const TIMES = { watchdogS: 1, allocateS: 1, loopS: 1, msgwaitS: 2 };

const run = (program: string, ...args: string[]): { code: number | null; out: string } => {
  const done = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
  return { code: done.status, out: `${done.stdout ?? ''}${done.stderr ?? ''}` };
};

/** A loop device of its own; detached at the end of the test. */
function loopDevice(t: TestContext, ...options: string[]): { device: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sbd-test-'));
  const file = join(folder, 'disk');
  writeFileSync(file, '');
  truncateSync(file, 4 * 1024 * 1024);
  const { code, out } = run('losetup', '--find', '--show', ...options, file);
  const device = out.trim();
  t.after(() => {
    if (code === 0) run('losetup', '--detach', device);
    rmSync(folder, { recursive: true, force: true });
  });
  assert.equal(code, 0, out);
  return { device, file };
}

function absent(): string | false {
  if (process.geteuid?.() !== 0) return 'loop devices need root';
  if (run(SBD, '-h').code === null) return 'the program sbd is absent (Debian package sbd)';
  const folder = mkdtempSync(join(tmpdir(), 'sbd-test-'));
  writeFileSync(join(folder, 'disk'), Buffer.alloc(512 * 600));
  const { code, out } = run('losetup', '--find', '--show', join(folder, 'disk'));
  const works = code === 0 && run(SBD, '-d', out.trim(), 'create').code === 0;
  if (code === 0) run('losetup', '--detach', out.trim());
  rmSync(folder, { recursive: true, force: true });
  return works ? false : 'there is no loop device that sbd can use';
}

const skip = absent();
const sbd = (device: string, ...words: string[]): { code: number | null; out: string } =>
  run(SBD, '-d', device, ...words);

test('what sbd creates, allocates and writes is read here', { skip }, async (t) => {
  const { device } = loopDevice(t);
  assert.equal(run(SBD, '-1', '3', '-4', '7', '-d', device, 'create').code, 0);
  const { watchdogS, msgwaitS, slots, sectorBytes } = tool.header(device);
  assert.deepEqual([watchdogS, msgwaitS, slots, sectorBytes], [3, 7, 255, 512]);
  assert.equal(sbd(device, 'allocate', 'node1').code, 0);
  assert.match(await tool.allocate(device, 'NODE1'), /has slot 0 already/);
  assert.equal(sbd(device, 'message', 'node1', 'exit').code, 0);
  assert.deepEqual(tool.list(device), [`0\tnode1\texit\t${hostname()}`]);
});

for (const bytes of ['512', '4096']) {
  test(`what is created, allocated and written here is read by sbd, sectors of ${bytes} bytes`, {
    skip,
  }, async (t) => {
    const { device } = loopDevice(t, '--sector-size', bytes);
    tool.create(device, TIMES, false);
    const dump = sbd(device, 'dump').out;
    assert.match(dump, /Number of slots\s+: 255/);
    assert.match(dump, new RegExp(`Sector size\\s+: ${bytes}`));
    assert.match(dump, /Timeout \(msgwait\)\s+: 2/);
    assert.match(dump, new RegExp(tool.header(device).uuid.slice(0, 8)));
    await tool.allocate(device, 'node1');
    assert.equal(sbd(device, 'allocate', 'node2').code, 0);
    assert.deepEqual(tool.tell([device], 'node2', 'test', 'node1'), {
      enough: true,
      problems: [],
      msgwaitS: 2,
    });
    assert.deepEqual(
      sbd(device, 'list')
        .out.trim()
        .split('\n')
        .map((line) => line.trim()),
      ['0\tnode1\tclear', '1\tnode2\ttest\tnode1'],
    );
    assert.throws(() => tool.create(device, TIMES, false), /holds slots of 2 nodes/);
  });
}

test('a watcher obeys what sbd writes, and has cleared it before', { skip }, async (t) => {
  const { device } = loopDevice(t);
  tool.create(device, TIMES, false);
  const said: FromWatcher[] = [];
  const ends: string[] = [];
  const atEnd: string[] = [];
  let over = false;
  const watching = watchDisk(
    { kind: 'watch', device, node: 'node1', fresh: true, realtime: false },
    {
      tell: (message) => void said.push(message),
      nowMs: bootTimeMs,
      sleep: (timeMs) => new Promise((resolve) => setTimeout(resolve, Math.min(timeMs, 50))),
      end: (how) => {
        ends.push(how);
        atEnd.push(...tool.list(device));
        return 'not in a test';
      },
    },
    () => over,
  );
  t.after(() => {
    over = true;
  });
  await until(() => said.some(({ kind }) => kind === 'read'), 'the first reading');
  for (const [word, how] of [
    ['test', undefined],
    ['reset', 'reset'],
    ['off', 'off'],
    ['crashdump', 'crash'],
  ] as const) {
    spawn(SBD, ['-d', device, 'message', 'node1', word], { stdio: 'ignore' });
    const heard = (): boolean =>
      said.some(
        (message) => message.kind === 'message' && message.command === word && message.from === hostname(),
      );
    await until(heard, `the watcher to hear of ${word}`);
    if (how !== undefined) await until(() => ends.at(-1) === how, `the end by ${word}`);
  }
  assert.equal(ends.length, 3);
  assert.ok(
    atEnd.every((line) => line === '0\tnode1\tclear\t'),
    atEnd.join(),
  );
  over = true;
  await watching;
});

test('the device sbd writes what sbd reads, waits msgwait, and needs a slot and a majority', {
  skip,
}, async (t) => {
  const { device } = loopDevice(t);
  const { device: second, file } = loopDevice(t);
  for (const one of [device, second]) {
    tool.create(one, TIMES, false);
    await tool.allocate(one, 'node2');
  }
  const context = { folders: FENCING_FOLDERS, workingDirectory: '/', log: () => undefined };
  const attempt = (parameters: string, node: string) =>
    fenceNode(
      { device: { type: 'sbd', parameters, line: 1 }, node, action: 'reset', deadlineMs: 30_000 },
      context,
    );
  const beganMs = performance.now();
  assert.deepEqual(await attempt(device, 'node2'), { ok: true });
  assert.ok(performance.now() - beganMs >= TIMES.msgwaitS * 1000, 'msgwait');
  assert.equal(sbd(device, 'list').out.trim(), `0\tnode2\treset\t${hostname().toLowerCase()}`);
  const stranger = await attempt(device, 'node9');
  assert.match(stranger.ok ? '' : stranger.detail, /there is no slot for node9/);
  assert.equal(!stranger.ok && stranger.certain && stranger.badHost, true);
  const known = await hostsOf({ type: 'sbd', parameters: device, line: 1 }, context);
  assert.deepEqual(known, ['node2']);
  // A disk that is gone: one of two is no majority to write on.
  truncateSync(file, 0);
  const both = { type: 'sbd', parameters: `${device},${second}`, line: 1 };
  const half = await fenceNode({ device: both, node: 'node2', action: 'reset', deadlineMs: 30_000 }, context);
  assert.match(half.ok ? '' : half.detail, /1 of 2 disks took it, 2 are needed/);
  assert.equal(!half.ok && half.certain, false);
  assert.equal((await checkDevice(both, 'reset', 30_000, context)).ok, false);
  const alone = { type: 'sbd', parameters: device, line: 1 };
  assert.deepEqual(await checkDevice(alone, 'reset', 30_000, context), { ok: true });
  assert.equal((await checkDevice(alone, 'reset', 3000, context)).ok, false, 'msgwait does not fit');
});
