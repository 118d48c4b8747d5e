import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { labAbility } from './lib/index.js';
import { GROUP, VIP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

/** A service that lets nobody stop it. */
const STUCK = `#!/bin/sh
case $1 in
  start) touch /run/stuck.up ;;
  stop) [ -e /run/stuck.up ] && { echo "still in use" >&2; exit 1; } ;;
  status) if [ -e /run/stuck.up ]; then echo running; else echo stopped; fi ;;
esac
`;

/** The lab's machines may have no such program; the system call is the same. */
function rebootProgram(): string {
  const koffi = join(repositoryRoot(), 'node_modules', 'koffi');
  const call = `require("${koffi}").load(null).func("int reboot(int)")(0x01234567)`;
  return `#!/bin/sh\nexec '${process.execPath}' -e '${call}'\n`;
}

test(
  'what cannot be stopped is never offered: the node reboots itself, and the other one takes over after it is silent',
  options,
  async () => {
    await withCluster({ haresources: [`node1 ${GROUP} stuck`] }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      for (const node of [node1, node2]) {
        await node.write('/etc/ha.d/resource.d/stuck', STUCK, 0o755);
        await node.write('/root/bin/reboot', rebootProgram(), 0o755);
      }
      const observer = await lab.observe([VIP]);
      const start = 'PATH=/root/bin:$PATH exec "$1"';
      const heartbeat = join(repositoryRoot(), 'bin', 'heartbeat');
      await Promise.all([node1, node2].map((node) => node.run(['sh', '-c', start, 'sh', heartbeat])));
      await cluster.owns(node1);
      const ended = new Promise<string>((resolve) => node1.onEnd(({ reason }) => resolve(reason)));
      await node1.run([join(repositoryRoot(), 'bin', 'hb_standby'), 'all']).catch(() => undefined);
      assert.equal(await ended, 'reboot');
      const log = await node1.log();
      assert.equal(log.split('Retrying failed stop operation [stuck]').length - 1, 11);
      assert.match(log, /CRIT: Resource STOP failure\. Reboot required! stuck cannot be stopped\./);
      assert.match(log, /CRIT: Killing heartbeat ungracefully!/);
      assert.equal((await cluster.status(node2))?.groups[0]?.owner, 'node1', 'not before it is silent');
      await cluster.owns(node2);
      assert.deepEqual(await observer.overlaps(VIP), []);
    });
  },
);
