/** `heartbeat realserver`: no answer by ARP for the address of the director, and everything as before afterwards. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { createLab, labAbility } from './lib/index.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const VIP = '10.77.0.100';
const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');
const SYSCTLS = ['all/arp_ignore', 'all/arp_announce', 'lo/arp_ignore', 'lo/arp_announce'];

test(
  'a real server has the address and is silent about it; stop restores every setting',
  options,
  async () => {
    const lab = await createLab({ nodes: ['real'], links: ['eth0'] });
    try {
      const node = lab.node('real');
      const observer = await lab.observe([VIP]);
      const sysctls = async (): Promise<string> =>
        (await node.exec(['sh', '-c', `cd /proc/sys/net/ipv4/conf && grep -H . ${SYSCTLS.join(' ')}`]))
          .stdout;
      const addresses = async (): Promise<string> =>
        (await node.exec(['ip', '-o', 'address', 'show', 'lo'])).stdout;
      const call = (verb: string, ...vips: string[]) => node.exec([HEARTBEAT, 'realserver', verb, ...vips]);
      await node.exec(['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/lo/arp_announce']);
      await node.exec(['ip', 'address', 'add', '10.77.0.102/32', 'dev', 'lo']);
      const before = [await sysctls(), await addresses()];

      // As it goes wrong without: the address on lo is answered for.
      await node.exec(['ip', 'address', 'add', `${VIP}/32`, 'dev', 'lo']);
      await lab.until(async () => (await observer.ownersNow(VIP)).includes('real'), {
        withinMs: 20_000,
        what: 'the answer of a machine that is not quiet',
      });
      await node.exec(['ip', 'address', 'del', `${VIP}/32`, 'dev', 'lo']);

      const start = await call('start', VIP, 'fd77::100');
      assert.equal(start.code, 0, start.stderr);
      assert.equal(
        (await call('start', VIP, '10.77.0.102')).code,
        0,
        'again, with one that was there before',
      );
      assert.equal((await call('status', VIP, 'fd77::100')).code, 0);
      assert.match(await addresses(), new RegExp(` ${VIP}/32 `));
      assert.match(await addresses(), / fd77::100\/128 /);
      assert.equal(
        await sysctls(),
        'all/arp_ignore:1\nall/arp_announce:2\nlo/arp_ignore:1\nlo/arp_announce:2\n',
      );
      const answers = (await observer.answers()).length;
      const asked = await observer.requests();
      await lab.until(async () => (await observer.requests()) >= asked + 300, {
        withinMs: 60_000,
        what: 'three hundred questions more',
      });
      assert.equal((await observer.answers()).length, answers);

      assert.equal((await call('stop', VIP, 'fd77::100')).code, 0);
      assert.match(await sysctls(), /all\/arp_ignore:1/, 'another address is still there');
      assert.equal((await call('stop', '10.77.0.102')).code, 0);
      assert.deepEqual([await sysctls(), await addresses()], before);
      assert.equal((await call('stop', VIP)).code, 0);
      assert.equal((await call('status', VIP)).code, 3);
      assert.deepEqual([await sysctls(), await addresses()], before);
    } finally {
      await lab.destroy();
    }
  },
);
