/** dopd: two of ours, and ours beside the original's dopd and handler, with a drbdadm that notes its calls. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLab, type Lab, labAbility } from '../lab/lib/index.js';
import { repositoryRoot } from '../support/root.js';
import { type Kind, type Machine, machineOf } from './support/machines.js';
import { ORIGINAL, originalAbsent } from './support/original-node.js';

const ability = labAbility();
const skip = ability.possible ? false : ability.reason;
const skipMixed = skip === false ? (originalAbsent() ?? false) : skip;

const OUR_HANDLER = join(repositoryRoot(), 'bin', 'drbd-peer-outdater');
const ORIGINAL_HANDLER = '/usr/libexec/heartbeat/drbd-peer-outdater';
const ORIGINAL_DOPD = '/usr/libexec/heartbeat/dopd';
const DRBDADM = `#!/bin/sh
echo "$*" >>/tmp/drbdadm.calls
exit "$(cat /etc/drbdadm.code)"
`;

const MINE = `logfile /var/log/ha-log
keepalive 200ms
deadtime 4
initdead 10
auto_failback off
bcast eth0
node node1 node2
`;

async function pair(
  kinds: readonly [Kind, Kind],
  story: (lab: Lab, machines: readonly Machine[]) => Promise<void>,
) {
  const lab = await createLab({ nodes: ['node1', 'node2'], links: ['eth0'] });
  const machines = [machineOf(kinds[0], lab.node('node1')), machineOf(kinds[1], lab.node('node2'))];
  try {
    for (const machine of machines) {
      const { node, kind } = machine;
      await machine.prepare();
      const original = `apiauth dopd gid=haclient uid=hacluster\nrespawn hacluster ${ORIGINAL_DOPD}\n`;
      await node.write('/etc/ha.d/ha.cf', kind === 'ours' ? MINE : MINE + original);
      if (kind === 'ours') await node.write('/etc/ha.d/heartbeat.ini', '[clients]\ndopd = yes\n');
      await node.write('/etc/ha.d/haresources', '');
      await node.write('/etc/ha.d/authkeys', 'auth 1\n1 sha1 a-secret\n', 0o600);
      await node.write('/var/bin/drbdadm', DRBDADM, 0o755);
      await node.write('/etc/drbdadm.code', '0\n');
      await node.run(['chmod', '755', '/var', '/var/bin']);
      const daemon = kind === 'ours' ? join(repositoryRoot(), 'bin', 'heartbeat') : ORIGINAL;
      await node.run(['sh', '-c', 'PATH=/var/bin:$PATH exec "$1"', 'sh', daemon]);
    }
    await story(lab, machines);
  } catch (error) {
    for (const { node } of machines) console.error(`--- log of ${node.name}\n${await node.log()}`);
    throw error;
  } finally {
    await lab.destroy();
  }
}

/** Asks until the peer is known (the original's dopd dies of each answer, and comes back a second later). */
async function asks(lab: Lab, from: Machine, handler: string, code: number, resource: string): Promise<void> {
  const peer = from.name === 'node1' ? 'node2' : 'node1';
  let last: number | null = null;
  await lab.until(
    async () => {
      last = (await from.node.exec([handler, '-p', peer, '-r', resource, '-t', '5'])).code;
      return last === code;
    },
    { withinMs: 40_000, everyMs: 500, what: `${from.name} to be told ${code} for ${resource}` },
  );
}

const called = async (machine: Machine): Promise<string> =>
  (await machine.node.exec(['cat', '/tmp/drbdadm.calls'])).stdout;

test('DRBD on one node of ours has its peer outdated by the other, and hears of every outcome', {
  skip,
}, async () => {
  await pair(['ours', 'ours'], async (lab, [node1, node2]) => {
    assert.ok(node1 !== undefined && node2 !== undefined);
    await asks(lab, node1, OUR_HANDLER, 4, 'r0');
    assert.match(await called(node2), /^outdate r0$/m);
    await node2.node.write('/etc/drbdadm.code', '17\n');
    await asks(lab, node1, OUR_HANDLER, 6, 'r1');
    const { code } = await node1.node.exec([OUR_HANDLER, '-t', '5'], {
      env: { DRBD_PEER: 'node2', DRBD_RESOURCE: 'r2' },
    });
    assert.equal(code, 6);
    assert.equal((await node1.node.exec([OUR_HANDLER, '-p', 'node9', '-r', 'r0'])).code, 5);
    assert.equal((await node1.node.exec([OUR_HANDLER, '-r', 'r0'])).code, 1);
    await node2.powerOff();
    await asks(lab, node1, OUR_HANDLER, 5, 'r3');
    await node1.stop();
    assert.equal((await node1.node.exec([OUR_HANDLER, '-p', 'node2', '-r', 'r0', '-t', '5'])).code, 5);
  });
});

test("beside the original's dopd each outdates for the other, and its handler works with ours", {
  skip: skipMixed,
}, async () => {
  await pair(['ours', 'original'], async (lab, [ours, original]) => {
    assert.ok(ours !== undefined && original !== undefined);
    await asks(lab, ours, OUR_HANDLER, 4, 'from-ours');
    assert.match(await called(original), /^outdate from-ours$/m);
    await asks(lab, ours, ORIGINAL_HANDLER, 4, 'old-handler');
    assert.match(await called(original), /^outdate old-handler$/m);
    await ours.node.write('/etc/drbdadm.code', '5\n');
    await asks(lab, original, ORIGINAL_HANDLER, 3, 'from-original');
    assert.match(await called(ours), /^outdate from-original$/m);
  });
});
