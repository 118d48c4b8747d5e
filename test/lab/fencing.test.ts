/** Fencing with real daemons: a power switch of the lab, whatever the cables are like, and who answers for the address. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility, nowMs } from './lib/index.js';
import { type Cluster, type ClusterOptions, VIP, withCluster } from './support/cluster.js';
import { installPowerSwitch, POWER_LINE, type PowerSwitch } from './support/power-switch.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

const SECOND = '10.77.0.101';
const KEYS = [`${VIP}/24/eth0`, `${SECOND}/24/eth0`] as const;

/** Heartbeats run over eth1 in two ways, so that the observer sees the addresses on eth0 whatever is cut. */
async function withPower(
  settings: string,
  story: (cluster: Cluster, power: PowerSwitch) => Promise<void>,
  more: ClusterOptions = {},
): Promise<void> {
  const media = ['bcast eth1', 'mcast eth1 239.0.0.1 695 1 0', POWER_LINE];
  const haresources = [`node1 ${KEYS[0]}`, `node2 ${KEYS[1]}`];
  await withCluster({ media, haresources, settings, ...more }, async (cluster) => {
    const power = await installPowerSwitch(cluster);
    try {
      await story(cluster, power);
    } finally {
      await power.stop();
    }
  });
}

test(
  'every heartbeat link cut: one node survives, and the other is off before its address moves',
  options,
  async (context) => {
    await withPower('', async (cluster, power) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP, SECOND]);
      await cluster.start();
      await cluster.owns(node1, [KEYS[0]]);
      await cluster.owns(node2, [KEYS[1]]);
      const cutMs = nowMs();
      await lab.silence('node1', 'eth1');
      await cluster.owns(node1, KEYS);
      assert.equal(node2.isOn, false);
      assert.equal(power.requests.length, 1, JSON.stringify(power.requests));
      const [request] = power.requests;
      assert.deepEqual([request?.by, request?.verb, request?.target], ['node1', 'reset', 'node2']);
      await lab.until(async () => (await observer.ownersNow(SECOND)).includes('node1'), {
        withinMs: 10_000,
        what: 'the observer to be answered by node1',
      });
      const first = (await observer.answers()).find(
        ({ address, node, atMs }) => address === SECOND && node === 'node1' && atMs > cutMs,
      );
      assert.ok(
        first !== undefined && request?.offMs != null && first.atMs > request.offMs,
        'off before it moved',
      );
      for (const address of [VIP, SECOND]) assert.deepEqual(await observer.overlaps(address), []);
      context.diagnostic(
        `cut at 0, node2 off after ${(request.offMs - cutMs).toFixed(0)} ms, node1 answers for its address after ${(first.atMs - cutMs).toFixed(0)} ms`,
      );
      const log = await node1.log();
      assert.match(log, /Resetting node node2 with \[script\]/);
      assert.match(log, /node node2 now reset\./);
    });
  },
);

test('a device that fails: nothing is taken over, loudly; fence-confirm goes on', options, async () => {
  const settings = '[fencing]\nretry = 1\nattempts = 2\ndelay = 0\n';
  await withPower(settings, async (cluster, power) => {
    const { lab, node1, node2 } = cluster;
    power.behaviour = 'fails';
    const observer = await lab.observe([VIP]);
    await cluster.start();
    await cluster.owns(node1, [KEYS[0]]);
    const { atMs } = await node1.powerOff();
    await lab.until(() => power.requests.length >= 2, { withinMs: 20_000, what: 'two attempts' });
    await lab.until(async () => /STONITH of node1 failed: no device could reset it/.test(await node2.log()), {
      withinMs: 10_000,
      what: 'the loud stop',
    });
    assert.match(await node2.log(), /Host node1 not reset!/);
    assert.match(await node2.log(), /STONITH of node1 failed. {2}Retrying\.\.\./);
    const waiting = await cluster.status(node2);
    assert.equal(waiting?.fencing?.target?.node, 'node1');
    assert.equal(waiting?.groups.find(({ key }) => key === KEYS[0])?.owner, null);
    assert.deepEqual(await observer.owners(VIP, { fromMs: atMs + 500 }), []);
    const wrong = await cluster.heartbeat(node2, 'fence-confirm', 'node9');
    assert.notEqual(wrong.code, 0);
    const { code, stderr } = await cluster.heartbeat(node2, 'fence-confirm', 'node1');
    assert.equal(code, 0, stderr);
    await cluster.owns(node2, KEYS);
    assert.match(await node2.log(), /An operator says that node1 is off/);
  });
});

test(
  'a paused node is off before its services start elsewhere, and comes back clean',
  options,
  async (context) => {
    await withPower('', async (cluster, power) => {
      const { lab, node1, node2 } = cluster;
      const observer = await lab.observe([VIP]);
      await cluster.start();
      await cluster.owns(node1, [KEYS[0]]);
      const pausedMs = nowMs();
      await node1.pause();
      await cluster.owns(node2, KEYS);
      assert.deepEqual(
        power.requests.map(({ target }) => target),
        ['node1'],
      );
      const taken = (await observer.answers()).find(({ node, atMs }) => node === 'node2' && atMs > pausedMs);
      const [request] = power.requests;
      context.diagnostic(
        `paused at 0, off after ${((request?.offMs ?? Number.NaN) - pausedMs).toFixed(0)} ms, node2 answers after ${((taken?.atMs ?? Number.NaN) - pausedMs).toFixed(0)} ms`,
      );
      await node1.powerOn();
      await cluster.start(node1);
      await cluster.owns(node1, [KEYS[0]]);
      assert.deepEqual(await observer.overlaps(VIP), []);
    });
  },
);

test(
  'a slow device, and the loop process killed while it works: its end is awaited, it is asked once',
  options,
  async () => {
    await withPower('[fencing]\ndelay = 0\n', async (cluster, power) => {
      const { lab, node1, node2 } = cluster;
      power.delayMs = 6000;
      await cluster.start();
      await cluster.owns(node1, [KEYS[0]]);
      await node1.powerOff();
      await lab.until(async () => (await cluster.status(node2))?.fencing?.target?.phase === 'command', {
        withinMs: 20_000,
        what: 'the device to be asked',
      });
      const loop = node2.procs().find(({ command }) => command.includes('daemon/loop/main.js'));
      assert.ok(loop !== undefined);
      await node2.run(['kill', '-KILL', String(loop.pid)]);
      await cluster.owns(node2, KEYS);
      assert.equal(power.requests.length, 1, JSON.stringify(power.requests));
    });
  },
);

test(
  'the runner killed while a device works: its successor asks again, and the takeover follows',
  options,
  async () => {
    await withPower('[fencing]\ndelay = 0\n', async (cluster, power) => {
      const { lab, node1, node2 } = cluster;
      power.delayMs = 3000;
      await cluster.start();
      await cluster.owns(node1, [KEYS[0]]);
      await node1.powerOff();
      await lab.until(async () => (await cluster.status(node2))?.fencing?.target?.phase === 'command', {
        withinMs: 20_000,
        what: 'the device to be asked',
      });
      const pid = (await node2.read('/run/heartbeat.pid')).trim();
      await node2.run(['kill', '-KILL', pid]);
      await cluster.owns(node2, KEYS);
      assert.ok(power.requests.length <= 2, JSON.stringify(power.requests));
      assert.match(await node2.log(), /The runner process died/);
    });
  },
);

test('a device that would not work is said at the start and in the status', options, async () => {
  await withPower('', async (cluster) => {
    const { lab, node1 } = cluster;
    await node1.write('/var/power/broken', 'x');
    await cluster.start();
    await lab.until(async () => (await cluster.status(node1))?.fencing?.devices[0]?.state === 'failed', {
      withinMs: 20_000,
      what: 'the failed device in the status',
    });
    const { stdout } = await cluster.heartbeat(node1, 'status');
    assert.match(stdout, /FENCING DEVICE/);
    assert.match(stdout, /the fencing device \[script\] does not work: .*no answer from the power switch/);
    assert.match(await node1.log(), /STONITH status operation failed\./);
    await lab.until(
      async () => (await cluster.status(cluster.node2))?.fencing?.devices[0]?.state === 'ready',
      { withinMs: 20_000, what: 'the ready device in the status of the other node' },
    );
  });
});
