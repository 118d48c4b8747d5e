import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runClStatus } from '../../../src/cli/cl-status.js';
import { fakeDaemon, recordedOutput, sampleSnapshot, temporaryPaths } from '../../support/control.js';

type Row = readonly [command: string, code: number, stdout: readonly string[]];

const ROWS: readonly Row[] = [
  ['hbstatus', 0, ['Heartbeat is running on this machine.']],
  ['-m hbstatus', 0, ['Heartbeat is running on this machine.']],
  ['listnodes', 0, ['10.0.0.254', 'node2', 'node1']],
  ['listnodes -n', 0, ['node2', 'node1']],
  ['listnodes -p', 0, ['10.0.0.254']],
  ['listnodes -np', 0, ['10.0.0.254', 'node2', 'node1']],
  ['-m listnodes -p', 0, ['The nodes are as follow:', '10.0.0.254']],
  [
    'listnodes -v -n',
    0,
    [
      '',
      'node2\tdead\t(nodetype: normal)',
      '\teth1\tdead',
      '\teth0\tup',
      '',
      'node1\tactive\t(nodetype: normal)',
      '\teth1\tup',
      '\teth0\tup',
    ],
  ],
  ['nodestatus node1', 0, ['active']],
  ['nodestatus NODE1', 0, ['active']],
  ['nodestatus node1 -m', 0, ['The cluster node node1 is active']],
  ['nodestatus node2', 1, ['dead']],
  ['nodestatus 10.0.0.254', 0, ['ping']],
  ['nodestatus nosuch', 11, []],
  ['nodestatus', 11, []],
  ['nodetype 10.0.0.254', 0, ['ping']],
  ['nodetype -m node1', 0, ["The node node1's type: normal"]],
  ['nodetype nosuch', 11, []],
  ['nodeweight node1', 0, ['100']],
  ['nodesite node1', 0, ['']],
  ['listhblinks node2', 0, ['\teth1', '\teth0']],
  ['listhblinks node2 -v', 0, ['\teth1\tdead', '\teth0\tup']],
  ['listhblinks node2 -m', 0, ['\tthis node has the following heartbeat links:', '\teth1', '\teth0']],
  ['listhblinks nosuch', 13, []],
  ['hblinkstatus node2 eth0', 0, ['up']],
  ['hblinkstatus node2 eth0 -m', 0, ["The node node2's heartbeat link eth0 is up"]],
  ['hblinkstatus node2 eth1', 1, ['dead']],
  ['hblinkstatus node2 eth9', 13, []],
  ['hblinkstatus nosuch eth0', 13, []],
  ['hblinkstatus node2', 11, []],
  ['clientstatus node1 ipfail', 1, ['offline']],
  ['clientstatus nosuch ipfail 100', 13, []],
  ['rscstatus', 0, ['local']],
  ['rscstatus -m', 0, ['This node is holding local resources.']],
  ['hbparameter -p keepalive', 0, ['2']],
  ['hbparameter -m -p keepalive', 0, ["Heartbeat parameter keepalive's value: 2"]],
  ['hbparameter -p nosuch', 1, []],
  ['hbparameter', 11, []],
  ['parameter -p keepalive', 11, []],
  ['nodestatus node1 -x', 11, []],
  ['', 11, []],
];

test('every sub-command prints what the original prints and exits as it does', async (t) => {
  const paths = temporaryPaths(t);
  await fakeDaemon(t, paths, (request) => {
    if (request.kind === 'snapshot') return sampleSnapshot;
    if (request.kind !== 'hbparameter') return undefined;
    return { kind: 'hbparameter', value: request.name === 'keepalive' ? '2' : null };
  });
  for (const [command, code, stdout] of ROWS) {
    const output = recordedOutput();
    const words = command === '' ? [] : command.split(' ');
    assert.equal(await runClStatus(words, paths, output), code, command);
    assert.deepEqual(output.stdout, stdout, command);
    if (code >= 11) assert.notEqual(output.stderr.length, 0, `${command} says what is wrong`);
  }
});

test('without a daemon: hbstatus says stopped, the others that they cannot sign on, exit 1', async (t) => {
  const paths = temporaryPaths(t);
  const stopped = recordedOutput();
  assert.equal(await runClStatus(['hbstatus'], paths, stopped), 1);
  assert.deepEqual(stopped.stdout, ['Heartbeat is stopped on this machine.']);
  const other = recordedOutput();
  assert.equal(await runClStatus(['rscstatus'], paths, other), 1);
  assert.deepEqual(other.stderr, [
    'ERROR: Cannot signon with heartbeat',
    'REASON: Heartbeat is not running on this machine.',
  ]);
});

test('an unknown sub-command is named in the words of the original', async (t) => {
  const output = recordedOutput();
  assert.equal(await runClStatus(['nodestate', 'x'], temporaryPaths(t), output), 11);
  assert.equal(output.stderr[0], 'ERROR: nodestate: invalid sub-command.');
});

test('a daemon that cannot answer is an API failure, exit 13', async (t) => {
  const paths = temporaryPaths(t);
  await fakeDaemon(t, paths, () => undefined);
  const output = recordedOutput();
  assert.equal(await runClStatus(['rscstatus'], paths, output), 13);
  assert.deepEqual(output.stderr, ['ERROR: not in this test']);
});
