import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { runInit } from '../../../src/cli/init.js';
import { type Interface, interfaceFor, pingSummary } from '../../../src/cli/init-machine.js';
import {
  authkeysText,
  deadtimeFor,
  haCfText,
  haresourcesText,
  missingForSafety,
  nextSteps,
  type Plan,
} from '../../../src/cli/init-plan.js';
import { writeFiles } from '../../../src/cli/init-write.js';
import { recordedOutput, temporaryPaths } from '../../support/control.js';
import { repositoryRoot } from '../../support/root.js';
import { temporaryFolder } from '../../support/scripts.js';
import { judge } from '../config/support.js';

const plan: Plan = {
  self: 'alpha',
  peer: 'beta',
  interfaces: ['eth0', 'eth1'],
  serialDevices: ['/dev/ttyS0'],
  resources: ['192.0.2.10/24/eth0'],
  deadtimeS: 7,
  deadtimeReason: 'as wanted',
  autoFailback: 'off',
  key: 'ab'.repeat(32),
};

test('what init writes is accepted without a warning on both nodes', () => {
  for (const self of ['alpha', 'beta']) {
    const { accepted, diagnostics, config } = judge({
      haCf: haCfText(plan),
      haresources: haresourcesText(plan),
      authkeys: authkeysText(plan),
      hostname: self,
      facts: {
        interfaces: { eth0: ['192.0.2.1/24'], eth1: ['198.51.100.1/24'] },
        ttyDevices: ['/dev/ttyS0'],
      },
    });
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity !== 'info'),
      [],
    );
    assert.ok(accepted);
    assert.equal(config?.deadtimeMs, 7000);
    assert.equal(config?.media.length, 3);
  }
});

test('the deadtime follows from what was measured, and is stated where nothing was', () => {
  const seconds = (lost: number, slowestMs: number, lateMs: number): number =>
    deadtimeFor({ probes: 50, lost, slowestMs, lateMs }).seconds;
  assert.equal(seconds(0, 0.4, 1), 5);
  assert.equal(seconds(0, 300, 100), 7);
  // A tenth is lost: six in a row have the chance of one in a million.
  assert.equal(seconds(5, 1, 1), 7);
  assert.equal(deadtimeFor(undefined).seconds, 10);
  assert.match(deadtimeFor(undefined).reason, /not measured/);
  const silent = deadtimeFor({ probes: 50, lost: 50, slowestMs: 0, lateMs: 0 });
  assert.equal(silent.seconds, 10);
  assert.match(silent.reason, /did not answer/);
});

test('the end of what ping says is read, with and without an answer', () => {
  const good =
    '50 packets transmitted, 49 received, 2% packet loss, time 1002ms\nrtt min/avg/max/mdev = 0.021/0.045/1.250/0.101 ms\n';
  assert.deepEqual(pingSummary(good), { probes: 50, lost: 1, slowestMs: 1.25 });
  const silent = '50 packets transmitted, 0 received, +3 errors, 100% packet loss, time 1002ms\n';
  assert.deepEqual(pingSummary(silent), { probes: 50, lost: 50, slowestMs: 0 });
});

test('an address belongs to the interface whose network holds it', () => {
  const interfaces: Interface[] = [
    { name: 'eth0', addresses: ['192.0.2.1/24'], carrier: true },
    { name: 'eth1', addresses: ['10.1.0.1/16'], carrier: true },
  ];
  assert.deepEqual(interfaceFor('192.0.2.200', interfaces), { name: 'eth0', prefix: 24 });
  assert.deepEqual(interfaceFor('10.1.255.1', interfaces), { name: 'eth1', prefix: 16 });
  assert.equal(interfaceFor('10.2.0.1', interfaces), undefined);
});

test('what is missing for safety is said, and the commands for the other node', () => {
  const single = { ...plan, interfaces: ['eth0'], serialDevices: [] };
  assert.match(
    missingForSafety(single, { watchdog: '/dev/watchdog' }).join('\n'),
    /one link only[\s\S]*no fencing[\s\S]*watchdog \/dev\/watchdog/,
  );
  assert.doesNotMatch(missingForSafety(plan, { watchdog: undefined }).join('\n'), /one link|watchdog/);
  assert.ok(
    nextSteps(plan, '/etc/ha.d').includes(
      '  scp -p /etc/ha.d/ha.cf /etc/ha.d/haresources /etc/ha.d/authkeys root@beta:/etc/ha.d/',
    ),
  );
});

test('files are written whole, secrets readable by nobody else, and existing ones only by force, with a copy', (t) => {
  const folder = join(temporaryFolder(t), 'ha.d');
  const files = [
    { name: 'ha.cf', text: 'new\n', mode: 0o644 },
    { name: 'authkeys', text: 'secret\n', mode: 0o600 },
  ];
  assert.deepEqual(writeFiles(folder, files, false, '1'), { ok: true, backups: [] });
  assert.equal(statSync(join(folder, 'authkeys')).mode & 0o777, 0o600);
  const again = writeFiles(folder, files, false, '2');
  assert.ok(
    !again.ok && /ha\.cf, .*authkeys are there already, and nothing was written/.test(again.sentence),
  );
  const changed = [{ name: 'ha.cf', text: 'newer\n', mode: 0o644 }];
  const forced = writeFiles(folder, changed, true, '3');
  assert.deepEqual(forced, { ok: true, backups: [join(folder, 'ha.cf.before-3')] });
  assert.equal(readFileSync(join(folder, 'ha.cf'), 'utf8'), 'newer\n');
  assert.equal(readFileSync(join(folder, 'ha.cf.before-3'), 'utf8'), 'new\n');
  // A copy that cannot be made: nothing is replaced, nothing is left over.
  const failed = writeFiles(folder, [{ name: 'ha.cf', text: 'x', mode: 0o644 }], true, '3');
  assert.equal(failed.ok, false);
  assert.equal(readFileSync(join(folder, 'ha.cf'), 'utf8'), 'newer\n');
  assert.deepEqual(readdirSync(folder).sort(), ['authkeys', 'ha.cf', 'ha.cf.before-3']);
});

test('every mistake in the flags is one sentence, and nothing is written', async (t) => {
  const paths = temporaryPaths(t);
  mkdirSync(paths.configDir, { recursive: true });
  const good = ['--peer', 'beta', '--address', '192.0.2.10/24/lo'];
  const rows: readonly (readonly [argv: readonly string[], code: number, said: RegExp])[] = [
    [['--peers', 'x'], 2, /--peers/],
    [['--address', '192.0.2.10/24/lo'], 2, /the name of the other node is not known: give --peer/],
    [['--peer', hostname(), '--address', '192.0.2.10'], 2, /is this node/],
    [['--peer', 'a b', '--address', '192.0.2.10'], 2, /is no node name/],
    [['--peer', 'beta', '--address', '192.0.2'], 2, /is no address to move/],
    [['--peer', 'beta', '--address', '192.0.2.10/33'], 2, /is no prefix/],
    [['--peer', 'beta', '--address', '203.0.113.99'], 2, /is in the network of no interface here/],
    [[...good, '--force', '--link', 'lo', '--deadtime', 'soon'], 2, /A deadtime of soon is not possible/],
    [[...good, '--force', '--link', 'e h'], 2, /is no interface/],
    [[...good, '--force', '--link', 'lo', '--service', 'a b'], 2, /is no word of haresources/],
    [[...good, '--force', '--link', 'nothing9', '--peer-address', '127.0.0.1'], 6, /nothing was written/],
  ];
  for (const [argv, code, said] of rows) {
    const output = recordedOutput();
    assert.equal(await runInit(argv, paths, output), code, argv.join(' '));
    assert.match(output.stderr.join('\n'), said, argv.join(' '));
    assert.equal(existsSync(join(paths.configDir, 'ha.cf')), false);
  }
  writeFileSync(join(paths.configDir, 'ha.cf'), 'of the administrator\n');
  const output = recordedOutput();
  assert.equal(await runInit([...good, '--link', 'lo', '--peer-address', '127.0.0.1'], paths, output), 1);
  assert.match(output.stderr.join('\n'), /is there already, and nothing was written/);
  assert.equal(readFileSync(join(paths.configDir, 'ha.cf'), 'utf8'), 'of the administrator\n');
});

test('on a terminal it asks for what is not given, with what it found as the proposal', async (t) => {
  const folder = temporaryFolder(t);
  const main = join(repositoryRoot(), 'bin', 'heartbeat');
  // script(1) gives the command a terminal.
  const child = spawn('script', ['-qec', `${main} init --config-dir=${folder}/ha.d`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const answers: readonly (readonly [question: RegExp, answer: string])[] = [
    [/Name of the other node[^\n]*: $/, 'beta'],
    [/Address that moves[^\n]*: $/, '192.0.2.210/24/lo'],
    [/Services that move[^\n]*: $/, ''],
    [/Interfaces for heartbeats[^\n]*: $/, 'lo'],
    [/Serial line[^\n]*: $/, 'none'],
    [/Silence after which[^\n]*\[10\][^\n]*: $/, '12'],
  ];
  let said = '';
  let unanswered = '';
  const asked = new Set<RegExp>();
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    said += text;
    unanswered += text;
    // A terminal's own sequences stand between the words.
    const plain = stripVTControlCharacters(unanswered);
    const found = answers.find(([question]) => question.test(plain));
    if (found === undefined) return;
    unanswered = '';
    asked.add(found[0]);
    child.stdin.write(`${found[1]}\r`);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0, said);
  assert.ok(asked.size >= 5, said);
  const haCf = readFileSync(join(folder, 'ha.d', 'ha.cf'), 'utf8');
  assert.match(haCf, /^# as wanted; proposed were 10 s \(not measured[^\n]*\ndeadtime 12$/m);
  assert.match(haCf, /^bcast lo$/m);
  assert.match(readFileSync(join(folder, 'ha.d', 'haresources'), 'utf8'), / 192\.0\.2\.210\/24\/lo$/m);
});
