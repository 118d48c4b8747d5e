import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { daemonStatus, stopDaemon } from '../../../src/cli/daemon-control.js';
import { takeGlobalOptions } from '../../../src/cli/global-options.js';
import { runHeartbeat } from '../../../src/cli/heartbeat.js';
import { readHeartbeatOptions } from '../../../src/cli/heartbeat-options.js';
import { runNodeCommand } from '../../../src/cli/nodes.js';
import { runMove } from '../../../src/cli/standby.js';
import { statusLines } from '../../../src/cli/status-view.js';
import { nearestWord } from '../../../src/cli/suggest.js';
import { pidFilePath } from '../../../src/daemon/paths.js';
import { fakeDaemon, recordedOutput, sampleSnapshot, temporaryPaths } from '../../support/control.js';

test('hb_standby takes one word of four, "all" by default, and failback means foreign', async (t) => {
  const paths = temporaryPaths(t);
  const requests = await fakeDaemon(t, paths, () => ({ kind: 'reply', ok: true, text: '' }));
  const rows: readonly (readonly [readonly string[], number, string, unknown])[] = [
    [[], 0, 'Going standby [all].', { kind: 'standby', set: 'all' }],
    [['local'], 0, 'Going standby [local].', { kind: 'standby', set: 'local' }],
    [['failback'], 0, 'Going standby [failback].', { kind: 'standby', set: 'foreign' }],
    [['ALL'], 1, 'wrong resources(ALL).', undefined],
    [['toString'], 1, 'wrong resources(toString).', undefined],
    [['all', 'local'], 1, 'usage: hb_standby [all|foreign|local|failback]', undefined],
    [['--help'], 1, 'usage: hb_standby [all|foreign|local|failback]', undefined],
  ];
  for (const [argv, code, first, command] of rows) {
    requests.length = 0;
    const output = recordedOutput();
    assert.equal(await runMove('standby', argv, paths, output), code, argv.join(' '));
    assert.equal([...output.stdout, ...output.stderr][0], first);
    assert.deepEqual(requests[0], command === undefined ? undefined : { kind: 'command', command });
  }
});

test('a refused hb_takeover exits 0 as the original but tells the reason; without daemon exit 1', async (t) => {
  const paths = temporaryPaths(t);
  const without = recordedOutput();
  assert.equal(await runMove('takeover', [], paths, without), 1);
  assert.deepEqual(without.stderr, ['ERROR: Heartbeat is not running on this machine.']);
  await fakeDaemon(t, paths, () => ({ kind: 'reply', ok: false, text: 'local resources in flux.' }));
  const refused = recordedOutput();
  assert.equal(await runMove('takeover', ['foreign'], paths, refused), 0);
  assert.deepEqual(refused.stderr, ['The request was refused: local resources in flux.']);
});

test('hb_addnode and hb_delnode say what to do instead', async (t) => {
  const paths = temporaryPaths(t);
  await fakeDaemon(t, paths, () => sampleSnapshot);
  const say = async (command: 'hb_addnode' | 'hb_delnode', ...argv: string[]): Promise<string> => {
    const output = recordedOutput();
    assert.equal(await runNodeCommand(command, argv, paths, output), 1);
    return output.stderr.join('|');
  };
  assert.match(await say('hb_addnode', 'node9'), /add "node node9" to ha\.cf on every node/);
  assert.match(await say('hb_addnode', 'node2'), /is in the configuration already/);
  assert.match(await say('hb_delnode', 'node1'), /deletion failed: node node1 is not dead/);
  assert.match(await say('hb_delnode', 'NODE2'), /take node2 out of ha\.cf/);
  assert.match(await say('hb_delnode'), /^usage: hb_delnode/);
});

test('the option letters of heartbeat, bundled or apart, and what excludes what', () => {
  const kinds: readonly (readonly [string, string, number?])[] = [
    ['', 'start'],
    ['-f', 'start'],
    ['-dd -l', 'start'],
    ['-k', 'stop'],
    ['-r', 'reload'],
    ['-R', 'reload'],
    ['-R -C local', 'reload'],
    ['-RClocal', 'reload'],
    ['-s', 'status'],
    ['-DW', 'directives'],
    ['-V', 'version'],
    ['--help', 'help'],
    ['-x', 'usage', 2],
    ['-f extra', 'usage', 2],
    ['-C local', 'usage', 1],
    ['-r -R', 'usage', 1],
    ['-R -C sometimes', 'usage', 2],
    ['-W', 'usage', 2],
  ];
  for (const [line, kind, code] of kinds) {
    const call = readHeartbeatOptions(line === '' ? [] : line.split(' '));
    assert.equal(call.kind, kind, line);
    if (call.kind === 'usage') assert.equal(call.code, code, line);
  }
  const call = readHeartbeatOptions(['-dfd', '-lM']);
  assert.deepEqual(call.kind === 'start' && call.options, {
    foreground: true,
    debug: 2,
    realtime: false,
    manageResources: false,
    verbose: false,
  });
});

test('a mistyped sub-command is answered with the nearest one, exit 2', async (t) => {
  const output = recordedOutput();
  assert.equal(await runHeartbeat(['sttaus'], temporaryPaths(t), output), 2);
  assert.deepEqual(output.stderr, [
    'heartbeat: there is no sub-command "sttaus". Did you mean "heartbeat status"?',
  ]);
  assert.equal(nearestWord('zzzzzz', ['status', 'events']), undefined);
});

test('heartbeat -s: 3 never started, 1 with a pid file left behind; -k when stopped is no error', async (t) => {
  const paths = temporaryPaths(t);
  const never = recordedOutput();
  assert.equal(daemonStatus(paths, never), 3);
  assert.deepEqual(never.stdout, ['heartbeat is stopped. No process']);
  mkdirSync(dirname(pidFilePath(paths)), { recursive: true });
  writeFileSync(pidFilePath(paths), '   4194305\n');
  assert.equal(daemonStatus(paths, recordedOutput()), 1);
  const stop = recordedOutput();
  assert.equal(await stopDaemon(paths, stop), 0);
  assert.deepEqual(stop.stderr, ['INFO: Heartbeat already stopped.']);
});

test('heartbeat status without a daemon exits as -s does', async (t) => {
  const paths = temporaryPaths(t);
  const output = recordedOutput();
  assert.equal(await runHeartbeat(['status'], paths, output), 3);
  assert.deepEqual(output.stderr, ['Heartbeat is not running on this machine.']);
  assert.equal(await runHeartbeat(['status', '--jsn'], paths, recordedOutput()), 2);
});

test('heartbeat status shows nodes, groups, warnings and events; --json carries the whole snapshot', async (t) => {
  const paths = temporaryPaths(t);
  const event = { code: 'x', text: 'took over\u001b[31m 10.0.0.10', wallMs: 0 };
  await fakeDaemon(t, paths, (request) => {
    if (request.kind === 'snapshot') return sampleSnapshot;
    return request.kind === 'events' ? { kind: 'events', events: [event] } : undefined;
  });
  const output = recordedOutput();
  assert.equal(await runHeartbeat(['status'], paths, output), 0);
  const text = output.stdout.join('\n');
  assert.match(text, /^heartbeat 4\.0\.0 on node1, running for /);
  assert.match(text, /^node2 +dead +1 min ago +2 s +- +1 of 2 up$/m);
  assert.match(text, /^node2:eth1 +dead +never +- +-$/m);
  assert.match(text, /^10\.0\.0\.10 +running +node1 +node1 +10\.0\.0\.10 httpd \(starting\)$/m);
  assert.match(text, /^WARNING: one link of two to node2 is dead: eth1$/m);
  assert.match(text, / took over \[31m 10\.0\.0\.10$/m);
  const json = recordedOutput();
  assert.equal(await runHeartbeat(['status', '--json'], paths, json), 0);
  const parsed = JSON.parse(json.stdout[0] ?? '') as { schema: number; nodes: unknown[]; events: unknown[] };
  assert.deepEqual([parsed.schema, parsed.nodes.length, parsed.events.length], [1, 3, 1]);
});

test('colours appear only when asked for', () => {
  assert.equal(sampleSnapshot.kind, 'snapshot');
  if (sampleSnapshot.kind !== 'snapshot') return;
  const picture = { snapshot: sampleSnapshot.snapshot, daemon: sampleSnapshot.daemon, events: [] };
  assert.ok(!statusLines(picture, false, 0).join('').includes('\u001b'));
  assert.ok(statusLines(picture, true, 0).join('').includes('\u001b[31m'));
});

test('the directories come from flags, else from the environment, else they are the usual ones', () => {
  const environment = { HA_DIR: '/e/etc', HA_RUN_DIR: '/e/run' };
  const taken = takeGlobalOptions(['--config-dir', '/f/etc', '-f', '--state-dir=/f/state'], environment);
  assert.ok(taken.ok);
  assert.deepEqual(taken.rest, ['-f']);
  assert.equal(taken.paths.configDir, '/f/etc');
  assert.equal(taken.paths.stateDir, '/f/state');
  assert.equal(taken.paths.runDir, '/e/run');
  assert.equal(takeGlobalOptions([], {}).ok && takeGlobalOptions([], {}).ok, true);
  const wrong = takeGlobalOptions(['--run-dir'], {});
  assert.equal(
    wrong.ok ? '' : wrong.sentence,
    '--run-dir needs a directory, for example --run-dir=/tmp/heartbeat.',
  );
});
