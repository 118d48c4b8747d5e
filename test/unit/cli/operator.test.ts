import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCleanup, runMaintenance } from '../../../src/cli/operator.js';
import { fakeDaemon, recordedOutput, temporaryPaths } from '../../support/control.js';

test('maintenance and cleanup hand one command over and print the answer', async (t) => {
  const paths = temporaryPaths(t);
  const requests = await fakeDaemon(t, paths, () => ({ kind: 'reply', ok: true, text: 'done.' }));
  const rows = [
    [runMaintenance, ['on'], { kind: 'maintenance', on: true, force: false }],
    [runMaintenance, ['off'], { kind: 'maintenance', on: false, force: false }],
    [runMaintenance, ['off', '--force'], { kind: 'maintenance', on: false, force: true }],
    [runCleanup, ['10.0.0.10'], { kind: 'cleanup', group: '10.0.0.10' }],
  ] as const;
  for (const [run, argv, command] of rows) {
    requests.length = 0;
    const output = recordedOutput();
    assert.equal(await run(argv, paths, output), 0);
    assert.deepEqual(requests, [{ kind: 'command', command }]);
    assert.deepEqual(output.stdout, ['done.']);
  }
});

test('maintenance and cleanup say how they are used', async (t) => {
  const paths = temporaryPaths(t);
  for (const argv of [[], ['maybe'], ['on', 'off'], ['--force']]) {
    const output = recordedOutput();
    assert.equal(await runMaintenance(argv, paths, output), 2);
    assert.match(output.stderr.join(), /^usage: heartbeat maintenance on\|off/);
  }
  for (const argv of [[], ['a', 'b'], ['--all']]) {
    const output = recordedOutput();
    assert.equal(await runCleanup(argv, paths, output), 2);
    assert.match(output.stderr.join(), /^usage: heartbeat cleanup GROUP/);
  }
});

test('a refusal is told with exit code 1, as is the absence of a daemon', async (t) => {
  const paths = temporaryPaths(t);
  const without = recordedOutput();
  assert.equal(await runMaintenance(['on'], paths, without), 1);
  assert.deepEqual(without.stderr, ['Heartbeat is not running on this machine.']);
  await fakeDaemon(t, paths, () => ({ kind: 'reply', ok: false, text: 'there is no group web.' }));
  const refused = recordedOutput();
  assert.equal(await runCleanup(['web'], paths, refused), 1);
  assert.deepEqual(refused.stderr, ['Refused: there is no group web.']);
});
