import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../../support/root.js';
import { temporaryFolder } from '../../support/scripts.js';

const SCRIPTS = join(repositoryRoot(), 'resource.d');

/** Runs shell lines in a network namespace of its own, where eth0 is 10.0.0.1/24. */
function inNamespace(lines: string): string {
  const prelude =
    'ip link add eth0 type veth peer name eth1 && ip address add 10.0.0.1/24 dev eth0 && ip link set eth0 up && ip link set eth1 up';
  const run = spawnSync('unshare', ['-n', 'sh', '-c', `${prelude}\ncd ${SCRIPTS}\n${lines}`], {
    encoding: 'utf8',
  });
  return `${run.stdout}${run.stderr}`.trim();
}

const probe = inNamespace('echo ready');
const skip = probe === 'ready' ? false : 'a network namespace with a pair of devices needs root';
const list = 'ip -o -4 address show dev eth0 | sed -n "s/.* inet \\(10.0.0.10.*\\) scope.*eth0/\\1 eth0/p"';

test('IPaddr2 and IPaddr set, show and remove an address in each of its spellings', { skip }, () => {
  const words: readonly (readonly [string, RegExp])[] = [
    ['10.0.0.10', /^10\.0\.0\.10\/24 brd 10\.0\.0\.255/],
    ['10.0.0.10/25', /^10\.0\.0\.10\/25 brd 10\.0\.0\.127/],
    ['10.0.0.10/24/eth0', /^10\.0\.0\.10\/24/],
    ['10.0.0.10/24/eth0:5', /eth0:5/],
    ['10.0.0.10/24/10.0.0.200', /brd 10\.0\.0\.200/],
    ['10.0.0.10/24/eth0/10.0.0.200', /brd 10\.0\.0\.200/],
  ];
  for (const [word, expected] of words) {
    for (const script of ['IPaddr', 'IPaddr2']) {
      const output = inNamespace(
        `./${script} ${word} status; ./${script} ${word} start; ./${script} ${word} start; echo $?; ./${script} ${word} status; ${list}; ./${script} ${word} stop; ./${script} ${word} stop; echo $?; ./${script} ${word} status; echo $?`,
      ).split('\n');
      assert.deepEqual(
        [output[0], output[1], output[2]],
        ['10.0.0.10 is not running', '0', '10.0.0.10 is running'],
        word,
      );
      assert.match(output[3] ?? '', expected, word);
      assert.deepEqual(output.slice(4), ['0', '10.0.0.10 is not running', '3'], word);
    }
  }
});

test('IPaddr2 names what is wrong with its word', { skip }, () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['10.0.0 start', /"10\.0\.0" is not an IPv4 address/],
    ['10.0.0.10/x start', /prefix length "x" is not a number/],
    ['10.0.0.10/24/eth9 start', /there is no interface eth9/],
    ['192.168.7.7 start', /no interface leads to 192\.168\.7\.7/],
    ['10.0.0.10', /^usage: IPaddr2 ADDRESS/],
    ['10.0.0.10 dance', /^usage: IPaddr2 ADDRESS/],
  ];
  for (const [words, expected] of rows) assert.match(inNamespace(`./IPaddr2 ${words}`), expected, words);
});

test('Delay takes its time once and says whether it runs', (t) => {
  const environment = { ...process.env, HA_RUN_DIR: temporaryFolder(t) };
  const call = (...args: string[]) => {
    const run = spawnSync(join(SCRIPTS, 'Delay'), args, { env: environment, encoding: 'utf8' });
    return `${run.status} ${run.stdout.trim()}`;
  };
  assert.equal(call('0.01', 'status'), '3 not running');
  assert.equal(call('0.01', 'start'), '0 ');
  assert.equal(call('0.01', 'status'), '0 running');
  assert.equal(call('0.01', 'stop'), '0 ');
  assert.equal(call('0.01', 'status'), '3 not running');
  assert.equal(call('often', 'start'), '1 ');
});
