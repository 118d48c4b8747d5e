import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runScriptOperation, type ScriptContext, type ScriptRequest } from '../../../src/actions/scripts.js';
import { createCaptureKeeper } from '../../../src/actions/scripts-capture.js';
import { scriptEnvironment } from '../../../src/actions/scripts-environment.js';
import { findScript } from '../../../src/actions/scripts-lookup.js';
import { killGroup } from '../../../src/actions/scripts-process.js';
import { judgeStatus } from '../../../src/actions/scripts-status.js';
import { sampleConfig } from '../../support/configuration.js';
import { temporaryFolder, until, writeScript } from '../../support/scripts.js';

interface Bench {
  readonly configDir: string;
  readonly context: ScriptContext;
  readonly logged: string[];
  readonly printed: string[];
  request(verb: ScriptRequest['verb'], word: string, deadlineMs?: number): ScriptRequest;
  /** The verbs that scripts noted in $HA_DIR/calls. */
  calls(): readonly string[];
}

function bench(t: TestContext): Bench {
  const configDir = temporaryFolder(t);
  const logged: string[] = [];
  const printed: string[] = [];
  const paths = { configDir, stateDir: configDir, runDir: configDir, programDir: join(configDir, 'program') };
  const context: ScriptContext = {
    folders: { ...paths, initDir: join(configDir, 'init.d') },
    environment: (own) => scriptEnvironment(sampleConfig(), paths, process.env, own),
    workingDirectory: configDir,
    statusDeadlineMs: 5000,
    log: (level, _code, text) => logged.push(`${level}: ${text}`),
    output: (line) => printed.push(line),
    captures: createCaptureKeeper(),
  };
  return {
    configDir,
    context,
    logged,
    printed,
    request: (verb, word, deadlineMs = 10_000) => {
      const [type = '', ...args] = word.split('::');
      return { verb, deadlineMs, environment: {}, resource: { word, type, args } };
    },
    calls: () => {
      const file = join(configDir, 'calls');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    },
  };
}

/** Notes every call; runs when $HA_DIR/up exists. */
const WELL_BEHAVED = `#!/bin/sh
echo "$@" >> "$HA_DIR/calls"
for verb; do :; done
case $verb in
  status) if [ -e "$HA_DIR/up" ]; then echo "it is running"; else echo "not running"; exit 3; fi ;;
  start) touch "$HA_DIR/up" ;;
  stop) rm -f "$HA_DIR/up" ;;
esac
`;

test('status is judged by its text: "not running" first, then "running" or "OK"', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['running', 'running'],
    ['httpd (pid 12) is Running...', 'running'],
    ['INFO:  Running OK', 'running'],
    ['OK', 'running'],
    ['ok', 'stopped'],
    ['', 'stopped'],
    ['stopped', 'stopped'],
    ['not running', 'stopped'],
    ['Not Running', 'stopped'],
    ['not   running', 'stopped'],
    ['notrunning', 'stopped'],
    ['is not running but OK', 'stopped'],
    ['RUNNING', 'stopped'],
  ];
  for (const [output, status] of rows) assert.equal(judgeStatus(output), status, output);
});

test('start asks for the status first and starts only what does not run', async (t) => {
  const b = bench(t);
  writeScript(b.configDir, 'web', WELL_BEHAVED);
  const start = b.request('start', 'web::a::b c');
  assert.deepEqual(await runScriptOperation(start, b.context), { ok: true });
  assert.deepEqual(await runScriptOperation(start, b.context), { ok: true, alreadyActive: true });
  assert.deepEqual(b.calls(), ['a b c status', 'a b c start', 'a b c status']);
  assert.deepEqual(b.logged, [`info: Running ${b.configDir}/resource.d/web a b c start`]);
});

test('stop always runs stop; release stops only what runs', async (t) => {
  const b = bench(t);
  writeScript(b.configDir, 'web', WELL_BEHAVED);
  await runScriptOperation(b.request('stop', 'web'), b.context);
  await runScriptOperation(b.request('release', 'web'), b.context);
  await runScriptOperation(b.request('start', 'web'), b.context);
  await runScriptOperation(b.request('release', 'web'), b.context);
  assert.deepEqual(b.calls(), ['stop', 'status', 'status', 'start', 'status', 'stop']);
});

test('monitor asks for the status and changes nothing', async (t) => {
  const b = bench(t);
  writeScript(b.configDir, 'web', WELL_BEHAVED);
  const stopped = await runScriptOperation(b.request('monitor', 'web'), b.context);
  assert.deepEqual(stopped, {
    ok: false,
    detail: `${b.configDir}/resource.d/web status says that it does not run`,
  });
  await runScriptOperation(b.request('start', 'web'), b.context);
  assert.deepEqual(await runScriptOperation(b.request('monitor', 'web'), b.context), { ok: true });
  assert.deepEqual(b.calls(), ['status', 'status', 'start', 'status']);
});

test('a failing start carries its code and last words', async (t) => {
  const b = bench(t);
  const path = writeScript(
    b.configDir,
    'bad',
    '#!/bin/sh\n[ $1 = start ] && { echo no disk >&2; exit 7; }\n:',
  );
  const result = await runScriptOperation(b.request('start', 'bad'), b.context);
  assert.deepEqual(result, { ok: false, detail: `${path} start returned 7: no disk` });
  assert.deepEqual(b.logged, [`info: Running ${path} start`, `error: Return code 7 from ${path}`]);
});

test('a script that hangs is killed with its children at the deadline', async (t) => {
  const b = bench(t);
  writeScript(
    b.configDir,
    'hang',
    '#!/bin/sh\n[ $1 = start ] || exit 0\ntrap "" TERM\nsleep 300 &\necho $! > "$HA_DIR/child"\nwait; sleep 300',
  );
  const groups: number[] = [];
  const began = performance.now();
  const result = await runScriptOperation(b.request('start', 'hang', 500), b.context, {
    onStarted: (group) => groups.push(group),
  });
  assert.ok(performance.now() - began < 10_000);
  assert.equal(result.ok, false);
  assert.match(result.ok ? '' : result.detail, /did not end within \d+ ms and was killed/);
  const child = Number(readFileSync(join(b.configDir, 'child'), 'utf8'));
  await until(() => !alive(child), 'the child of the hanging script is gone');
  assert.equal(groups.length, 2, 'status and start each say their process group');
});

test('a daemon that keeps the standard output of its script delays nothing and survives', async (t) => {
  const b = bench(t);
  writeScript(
    b.configDir,
    'forks',
    '#!/bin/sh\n[ $1 = start ] || exit 0\n(while :; do echo tick; sleep 0.01; done) &\necho $! > "$HA_DIR/child"',
  );
  const result = await runScriptOperation(b.request('start', 'forks', 8000), b.context);
  assert.deepEqual(result, { ok: true });
  const child = Number(readFileSync(join(b.configDir, 'child'), 'utf8'));
  t.after(() => alive(child) && process.kill(child, 'SIGKILL'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(alive(child), 'writing goes on without SIGPIPE');
});

test('a missing script and one without run bit are named with what to do', async (t) => {
  const b = bench(t);
  const path = writeScript(b.configDir, 'plain', '#!/bin/sh\n', 0o644);
  mkdirSync(join(b.configDir, 'resource.d', 'folder'));
  const find = (name: string): string => {
    const found = findScript(name, b.context.folders);
    return found.found ? found.path : found.sentence;
  };
  assert.match(find('absent'), /^Cannot locate resource script absent\. It is in none of .*resource\.d, /);
  assert.match(find('plain'), new RegExp(`${path} is not executable; run "chmod 755 ${path}"`));
  assert.match(find('folder'), /is not a regular file/);
  assert.match(find('../plain'), /this is no file name/);
  const result = await runScriptOperation(b.request('start', 'plain'), b.context);
  assert.equal(result.ok, false);
  assert.deepEqual(await runScriptOperation(b.request('release', 'absent'), b.context), { ok: true });
});

test('the configuration directory wins over /etc/init.d, which wins over the program', (t) => {
  const b = bench(t);
  const shipped = writeScript(join(b.configDir, 'program'), 'x', '#!/bin/sh\n');
  const found = () => {
    const lookup = findScript('x', b.context.folders);
    return lookup.found ? lookup.path : lookup.sentence;
  };
  assert.equal(found(), shipped);
  const own = writeScript(b.configDir, 'x', '#!/bin/sh\n');
  assert.equal(found(), own);
});

test('Latin-1 output survives as text and one megabyte of it does no harm', async (t) => {
  const b = bench(t);
  writeScript(
    b.configDir,
    'loud',
    Buffer.from(
      '#!/bin/sh\n[ $1 = start ] || exit 0\necho gr\xfc\xdfe\nhead -c 1048576 /dev/zero | tr "\\0" x\n',
      'latin1',
    ),
  );
  assert.deepEqual(await runScriptOperation(b.request('start', 'loud'), b.context), { ok: true });
  assert.equal(b.printed[0], 'loud: grüße');
  assert.match(b.printed.at(-1) ?? '', /\(\d+ more bytes of output are not shown\)/);
  assert.ok(b.printed.join('').length < 70_000);
});

test('a script without "#!" line is run by the shell, and /dev/stderr can be written', async (t) => {
  const b = bench(t);
  writeScript(b.configDir, 'bare', '[ $1 = start ] || exit 0\necho hello > /dev/stderr\n');
  assert.deepEqual(await runScriptOperation(b.request('start', 'bare'), b.context), { ok: true });
  assert.deepEqual(b.printed, ['bare: hello']);
});

test('a cancelled operation ends its script', async (t) => {
  const b = bench(t);
  writeScript(b.configDir, 'slow', '#!/bin/sh\n[ $1 = start ] || exit 0\nexec sleep 300\n');
  const cancel = new AbortController();
  let group = 0;
  const running = runScriptOperation(b.request('start', 'slow'), b.context, {
    cancel: cancel.signal,
    onStarted: (started) => {
      group = started;
    },
  });
  await until(() => b.logged.length === 1 && group > 0, 'the start runs');
  cancel.abort();
  const result = await running;
  assert.match(result.ok ? '' : result.detail, /was cancelled/);
  assert.equal(killGroup(group, 'SIGKILL'), false);
});

test('scripts get the whitelisted environment and nothing else of the daemon', async (t) => {
  const b = bench(t);
  process.env.SECRET_OF_THE_DAEMON = 'x';
  t.after(() => delete process.env.SECRET_OF_THE_DAEMON);
  writeScript(
    b.configDir,
    'env',
    '#!/bin/sh\n[ $1 = start ] || exit 0\nenv > "$HA_DIR/env"; pwd > "$HA_DIR/pwd"\n',
  );
  const request = { ...b.request('start', 'env'), environment: { HA_DONTASK: 'yes', 'BAD-NAME': 'x' } };
  await runScriptOperation(request, b.context);
  const seen = readFileSync(join(b.configDir, 'env'), 'utf8');
  for (const line of [
    'HA_CURHOST=node1',
    'HA_keepalive=200ms',
    'LC_ALL=C',
    'HA_NICEFAILBACK=yes',
    'HA_DONTASK=yes',
  ]) {
    assert.match(seen, new RegExp(`^${line}$`, 'm'));
  }
  assert.doesNotMatch(seen, /SECRET_OF_THE_DAEMON|BAD-NAME/);
  assert.equal(readFileSync(join(b.configDir, 'pwd'), 'utf8').trim(), b.configDir);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
