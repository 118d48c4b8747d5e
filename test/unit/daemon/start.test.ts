import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask } from '../../../src/daemon/control/client.js';
import { controlSocketPath } from '../../../src/daemon/paths.js';
import { readDaemonState } from '../../../src/daemon/runner/pid-file.js';
import { temporaryPaths } from '../../support/control.js';
import { until } from '../../support/scripts.js';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const DAEMON_CONTROL = new URL('../../../src/cli/daemon-control.js', import.meta.url).href;
const RUNNER = fileURLToPath(new URL('../../../src/daemon/runner/main.js', import.meta.url));
const FAKE_LOOP = fileURLToPath(new URL('../../support/fake-loop.js', import.meta.url));

function node(t: TestContext, haCf: string) {
  const paths = temporaryPaths(t);
  mkdirSync(paths.configDir, { recursive: true });
  writeFileSync(join(paths.configDir, 'ha.cf'), haCf);
  writeFileSync(join(paths.configDir, 'haresources'), '');
  writeFileSync(join(paths.configDir, 'authkeys'), 'auth 1\n1 sha1 secret\n');
  chmodSync(join(paths.configDir, 'authkeys'), 0o600);
  const directories = [
    `--config-dir=${paths.configDir}`,
    `--state-dir=${paths.stateDir}`,
    `--run-dir=${paths.runDir}`,
  ];
  const run = (entry: string, args: readonly string[]) => {
    const done = spawnSync(process.execPath, [entry, ...args, ...directories], {
      encoding: 'utf8',
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  };
  const heartbeat = (...args: string[]) => run(MAIN, ['heartbeat', ...args]);
  t.after(() => {
    const state = readDaemonState(paths);
    if (state.kind === 'running' && state.pid !== process.pid) process.kill(state.pid, 'SIGKILL');
  });
  return { paths, heartbeat, run };
}

const good = (log: string): string =>
  `logfile ${log}\nkeepalive 1\ndeadtime 5\nauto_failback off\nbcast lo\nnode ${hostname()} other\n`;
const root = process.geteuid?.() === 0;
const skip = root ? false : 'starting the daemon needs root';

test('a bad configuration ends with 6 and every diagnostic, before anything is started', { skip }, (t) => {
  const { paths, heartbeat } = node(t, 'keepalve 1\ndeadtime never\nnode someone\n');
  const done = heartbeat();
  assert.equal(done.code, 6);
  assert.match(done.stderr, /ha\.cf:1:\d+: /);
  assert.match(done.stderr, /ha\.cf:2:\d+: /);
  assert.match(done.stderr, /ERROR: Configuration error, heartbeat not started\.\n$/);
  assert.equal(existsSync(paths.stateDir), false);
  assert.equal(existsSync(paths.runDir), false);
});

test('start, status, a second start, a restart of the loop, and stop: codes, files and log', {
  skip,
}, async (t) => {
  const log = join(temporaryPaths(t).programDir, 'ha-log');
  const { paths, heartbeat } = node(t, good(log));
  const options = { foreground: false, debug: 0, realtime: false, manageResources: true, verbose: false };
  assert.equal(heartbeat('-s').code, 3);
  const call = [options, paths, { out: null, err: null, terminal: false }, [`--loop-entry=${FAKE_LOOP}`]];
  const program = `
    import { startDaemon } from ${JSON.stringify(DAEMON_CONTROL)};
    const [options, paths, output, more] = ${JSON.stringify(call)};
    const say = (text) => process.stderr.write(text + '\\n');
    process.exitCode = await startDaemon(options, paths, { ...output, out: say, err: say }, more);`;
  const started = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(started.status, 0, `the command ends by itself once the daemon runs: ${started.stderr}`);
  const status = heartbeat('-s');
  assert.equal(status.code, 0);
  assert.match(status.stdout, /^heartbeat OK \[pid \d+ et al\] is running on \S+ \[\S+\]\.\.\.\n$/);
  const second = heartbeat();
  assert.equal(second.code, 0);
  assert.match(second.stderr, /already running \[pid \d+\]/);
  assert.match(readFileSync(join(paths.stateDir, 'hb_generation'), 'latin1'), /^\d+ +\n$/);
  // The second half of -R; the first wants a loop that can start a runner (test/lab/renew.test.ts).
  const restarted = await ask(controlSocketPath(paths), { kind: 'restart' });
  assert.ok(restarted.ok && restarted.response.kind === 'reply' && restarted.response.ok);
  const boots = (): number =>
    readFileSync(join(paths.stateDir, 'told'), 'utf8').split('"kind":"boot"').length - 1;
  await until(() => boots() === 2, 'the loop is replaced');
  assert.equal(heartbeat('-r').code, 0);
  const logged = (): string => readFileSync(log, 'utf8');
  await until(() => logged().includes('Configuration unchanged.'), 'the reload is logged');
  assert.equal(heartbeat('-k').code, 0);
  assert.equal(heartbeat('-s').code, 3);
  for (const line of [
    'Configuration validated. Starting heartbeat',
    'Heartbeat generation: ',
    'Restarting heartbeat.',
  ]) {
    assert.ok(logged().includes(line), line);
  }
});

test('a runner whose loop cannot begin reports the reason and leaves no pid file', { skip }, (t) => {
  const { paths, run } = node(t, good('/dev/null'));
  mkdirSync(paths.stateDir, { recursive: true });
  writeFileSync(join(paths.stateDir, 'refuse'), '');
  const done = run(RUNNER, [`--loop-entry=${FAKE_LOOP}`]);
  assert.equal(done.code, 1);
  assert.match(done.stderr, /(^|\n)no link could be opened\n$/);
  assert.equal(readDaemonState(paths).kind, 'never');
});

test('a state directory that cannot be written ends the start with one sentence and code 1', {
  skip,
}, (t) => {
  const { paths, run } = node(t, good('/dev/null'));
  writeFileSync(paths.stateDir, 'a file is in the way');
  const done = run(RUNNER, [`--loop-entry=${FAKE_LOOP}`]);
  assert.equal(done.code, 1);
  assert.match(done.stderr, /^Cannot create .*cores\/root: .*\n$/);
  assert.equal(readDaemonState(paths).kind, 'never');
});
