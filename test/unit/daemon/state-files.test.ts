import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pidFilePath } from '../../../src/daemon/paths.js';
import { readDaemonState, removePidFile, writePidFile } from '../../../src/daemon/runner/pid-file.js';
import {
  nextGeneration,
  nodeUuid,
  readMaintenance,
  readPeerGenerations,
  writeMaintenance,
  writePeerGenerations,
} from '../../../src/daemon/runner/state-files.js';
import { temporaryPaths } from '../../support/control.js';
import { temporaryFolder, until } from '../../support/scripts.js';

test('the generation is the stored one plus one, the time when none can be read, in the file of the original', (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'hb_generation');
  const rows: readonly (readonly [string | undefined, 'file' | 'time', number])[] = [
    [undefined, 'file', 1000],
    ['41             \n', 'file', 42],
    ['2000\n', 'file', 2001],
    ['rubbish', 'file', 1000],
    ['', 'file', 1000],
    ['-5', 'file', 1000],
    ['41             \n', 'time', 1000],
  ];
  for (const [stored, method, expected] of rows) {
    if (stored !== undefined) writeFileSync(file, stored);
    assert.equal(nextGeneration(folder, method, 1000), expected, JSON.stringify(stored));
    assert.equal(readFileSync(file, 'latin1'), `${String(expected).padEnd(15)}\n`);
    assert.equal(statSync(file).size, 16);
  }
  assert.deepEqual(readdirSync(folder), ['hb_generation'], 'no temporary file is left');
});

test('the uuid is made once and kept as 16 raw bytes', (t) => {
  const folder = temporaryFolder(t);
  const first = nodeUuid(folder);
  assert.match(first, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  assert.equal(nodeUuid(folder), first);
  assert.equal(readFileSync(join(folder, 'hb_uuid')).toString('hex'), first);
  writeFileSync(join(folder, 'hb_uuid'), 'short');
  assert.notEqual(nodeUuid(folder), first);
});

test('generations of the peers survive, and a damaged file counts as empty', (t) => {
  const folder = temporaryFolder(t);
  assert.deepEqual(readPeerGenerations(folder), {});
  writePeerGenerations(folder, { node2: 7 });
  assert.deepEqual(readPeerGenerations(folder), { node2: 7 });
  writeFileSync(join(folder, 'peer_generations'), '{"node2":-1,"node3":"x","node4":4');
  assert.deepEqual(readPeerGenerations(folder), {});
});

/** Runs the three writers in a mount namespace of its own with a small or read-only file system on FOLDER. */
function inMountNamespace(folder: string, mount: string): string {
  const module = fileURLToPath(new URL('../../../src/daemon/runner/state-files.js', import.meta.url));
  const program = `
    import { nextGeneration } from ${JSON.stringify(module)};
    try { console.log(nextGeneration(${JSON.stringify(folder)}, 'file', 1000)); }
    catch (error) { console.log(error.name + ': ' + error.message); }`;
  const script = `${mount} && exec "$0" --input-type=module -e "$1"`;
  const run = spawnSync('unshare', ['-m', 'sh', '-c', script, process.execPath, program], {
    encoding: 'utf8',
  });
  return run.status === 0 ? run.stdout.trim() : `failed: ${run.stderr}`;
}

const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0;
const skip = mayMount ? false : 'mount namespaces need root';

test('a full state directory is said in one sentence and the old generation stays', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const mount = `mount -t tmpfs -o size=4k tmpfs ${folder} && printf '41             \\n' > ${folder}/hb_generation && ! cat /dev/zero > ${folder}/full 2>/dev/null; cp ${folder}/hb_generation /dev/null`;
  assert.equal(
    inMountNamespace(folder, mount),
    `StateFileError: Cannot write ${folder}/hb_generation: the disk is full; make room there.`,
  );
});

test('a read-only state directory is said in one sentence', { skip }, (t) => {
  const folder = temporaryFolder(t);
  assert.equal(
    inMountNamespace(folder, `mount -t tmpfs -o ro tmpfs ${folder}`),
    `StateFileError: Cannot write ${folder}/hb_generation: the file system is read-only; mount it writable or name another directory with --state-dir.`,
  );
});

test('the pid file has ten digits and a newline; running, stale and never started are told apart', (t) => {
  const paths = temporaryPaths(t);
  assert.deepEqual(readDaemonState(paths), { kind: 'never' });
  assert.equal(writePidFile(paths), true);
  assert.equal(readFileSync(pidFilePath(paths), 'latin1'), `${String(process.pid).padStart(10)}\n`);
  assert.deepEqual(readDaemonState(paths), { kind: 'running', pid: process.pid });
  assert.equal(writePidFile(paths), false, 'a second daemon does not get it');
  removePidFile(paths);
  assert.deepEqual(readDaemonState(paths), { kind: 'never' });
  for (const text of ['   4194305\n', 'rubbish', '']) {
    writeFileSync(pidFilePath(paths), text);
    assert.equal(readDaemonState(paths).kind, 'stale', JSON.stringify(text));
  }
  assert.equal(writePidFile(paths), true, 'a stale file is replaced');
});

test('a pid that went to another program is stale, not ours', async (t) => {
  const paths = temporaryPaths(t);
  const other = spawn('sleep', ['60'], { stdio: 'ignore' });
  t.after(() => other.kill('SIGKILL'));
  mkdirSync(dirname(pidFilePath(paths)), { recursive: true });
  writeFileSync(pidFilePath(paths), `${String(other.pid).padStart(10)}\n`);
  await until(() => readFileSync(`/proc/${other.pid}/cmdline`, 'latin1').startsWith('sleep'), 'sleep runs');
  assert.deepEqual(readDaemonState(paths), { kind: 'stale', pid: other.pid });
  // The same number with our record of an earlier life of it.
  writePidFile(paths, true);
  const record = join(paths.runDir, 'daemon.json');
  writeFileSync(record, readFileSync(record, 'utf8').replace(/"startTicks":"\d+"/, '"startTicks":"1"'));
  assert.deepEqual(readDaemonState(paths), { kind: 'stale', pid: process.pid });
});

test('what is known of maintenance outlives the daemon; a file that is none counts as never changed', (t) => {
  const folder = temporaryFolder(t);
  assert.equal(readMaintenance(folder), 0);
  writeMaintenance(folder, 7);
  assert.equal(readMaintenance(folder), 7);
  writeFileSync(join(folder, 'maintenance'), 'on please');
  assert.equal(readMaintenance(folder), 0);
});
