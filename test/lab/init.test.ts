import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { createLab, labAbility } from './lib/index.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');

test(
  'heartbeat init on one node, its files copied as it says, and the pair serves the address',
  options,
  async () => {
    const lab = await createLab({ nodes: ['node1', 'node2'], links: ['eth0', 'eth1'] });
    try {
      const [node1, node2] = [lab.node('node1'), lab.node('node2')];
      const flags = ['--peer', 'node2', '--peer-address', '10.77.0.2', '--peer-address', '10.78.0.2'];
      const { code, stdout, stderr } = await node1.exec(
        [HEARTBEAT, 'init', ...flags, '--address', '10.77.0.100', '--auto-failback', 'on'],
        { timeoutMs: 60_000 },
      );
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /Found eth0: 10\.77\.0\.1\/24\.\nFound eth1/);
      assert.match(stdout, /deadtime \d+ s: 100 probes, \d+ lost, slowest answer [\d.]+ ms/);
      assert.match(stdout, /Missing for safety: There is no fencing/);
      assert.doesNotMatch(stdout, /one link only/);
      const haCf = await node1.read('/etc/ha.d/ha.cf');
      assert.match(haCf, /^bcast eth0\nbcast eth1\nnode node1 node2$/m);
      assert.equal(
        await node1.read('/etc/ha.d/haresources').then((text) => text.split('\n').at(-2)),
        'node1 10.77.0.100/24/eth0',
      );
      assert.match(await node1.run(['stat', '-c', '%a %U', '/etc/ha.d/authkeys']), /^600 /);
      assert.doesNotMatch(stdout, /[0-9a-f]{64}/);

      // A second time nothing is touched.
      const again = await node1.exec([HEARTBEAT, 'init', ...flags, '--address', '10.77.0.100']);
      assert.equal(again.code, 1);
      assert.equal(await node1.read('/etc/ha.d/ha.cf'), haCf);

      for (const [name, mode] of [
        ['ha.cf', 0o644],
        ['haresources', 0o644],
        ['authkeys', 0o600],
      ] as const)
        await node2.write(`/etc/ha.d/${name}`, await node1.read(`/etc/ha.d/${name}`), mode);
      for (const node of [node1, node2]) {
        assert.equal((await node.exec([HEARTBEAT, 'check'])).code, 0);
        await node.run([HEARTBEAT]);
      }
      const client = await lab.client('udp://10.77.0.100');
      await lab.until(() => client.firstAnswerFrom('node1'), {
        withinMs: 60_000,
        what: 'the address to answer',
      });
      const somebody = await node2.exec([
        HEARTBEAT,
        'init',
        '--config-dir=/tmp/other',
        '--peer',
        'node1',
        '--address',
        '10.77.0.100',
      ]);
      assert.equal(somebody.code, 1);
      assert.match(somebody.stderr, /somebody answers for 10\.77\.0\.100 already/);
    } finally {
      await lab.destroy();
    }
  },
);
