/** Two whole machines joined by emulated UARTs and one network: power, cables, and a machine that stands still. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { findMaterials, type Guest, type Materials, type VirtualSwitch } from './lib/index.js';
import { log, serving, status, VIP } from './support/node.js';
import { type VirtualPair, withPair } from './support/pair.js';

const materials = findMaterials();
const skip = typeof materials === 'string' ? materials : false;

const MEDIA = ['serial /dev/ttyS1', 'baud 19200', 'bcast eth0'];
const ASK_EVERY_MS = 20;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function bothActive(node: Guest): Promise<void> {
  await node.until(
    '[ $(/opt/heartbeat/bin/cl_status nodestatus node1)$(/opt/heartbeat/bin/cl_status nodestatus node2) = activeactive ]',
    60_000,
  );
}

/** When each node answered for the address, from a moment on. */
function answersOf(network: VirtualSwitch, node: string, sinceMs: number): number[] {
  return network.heard
    .filter(({ from, address, atMs }) => from === node && address === VIP && atMs >= sinceMs)
    .map(({ atMs }) => atMs);
}

async function until(condition: () => boolean, limitMs: number, what: string): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > untilMs) assert.fail(`not within ${limitMs} ms: ${what}`);
    await pause(20);
  }
}

/**
 * The active machine stands still for three deadtimes and goes on. Its own clock stood still with it, so it knows of
 * nothing: it goes on serving until it hears the peer, and the two settle it as after a partition.
 */
async function stopAndContinue(pair: VirtualPair, deadtimeMs: number, t: TestContext): Promise<void> {
  const { network, node1, node2 } = pair;
  const stopAsking = network.askEvery(VIP, ASK_EVERY_MS);
  try {
    const uptimeBefore = Number(await node1.run("cut -d' ' -f1 /proc/uptime"));
    await node1.monitor.stop();
    const stoppedMs = performance.now();
    await until(() => answersOf(network, 'node2', stoppedMs).length > 0, deadtimeMs * 4, 'node2 takes over');
    const takenMs = answersOf(network, 'node2', stoppedMs)[0] ?? 0;
    await pause(Math.max(0, 3 * deadtimeMs - (performance.now() - stoppedMs)));
    assert.equal(answersOf(network, 'node1', stoppedMs + 500).length, 0, 'what stands still answers nothing');
    const beforeMs = performance.now();
    await node1.monitor.continue();
    const wokenMs = performance.now();
    const uptimeAfter = Number(await node1.run("cut -d' ' -f1 /proc/uptime"));
    await pause(deadtimeMs);
    const lastOf = (name: string): number =>
      (answersOf(network, name, beforeMs).at(-1) ?? beforeMs) - wokenMs;
    const early = answersOf(network, 'node1', beforeMs).filter((atMs) => atMs < wokenMs + 200).length;
    const settledMs = Math.min(lastOf('node1'), lastOf('node2'));
    const owner = lastOf('node1') > lastOf('node2') ? node1 : node2;
    t.diagnostic(
      `deadtime ${deadtimeMs} ms: taken over ${(takenMs - stoppedMs).toFixed(0)} ms after the stop, woken after ${(wokenMs - stoppedMs).toFixed(0)} ms (its own clock went on by ${(uptimeAfter - uptimeBefore).toFixed(1)} s)`,
    );
    t.diagnostic(
      `in its first 200 ms awake it answered for the address ${early} times; one owner (${owner.name}) ${settledMs.toFixed(0)} ms after waking`,
    );
    assert.ok(settledMs < deadtimeMs / 2, `two machines answered for ${settledMs} ms`);
    const loser = owner === node1 ? node2 : node1;
    await loser.until(`[ ! -e /run/svc ] && ! ip addr show eth0 | grep -q ${VIP}/`, 30_000);
    await owner.run(`[ -e /run/svc ] && ip addr show eth0 | grep -q ${VIP}/`);
  } finally {
    stopAsking();
  }
}

describe('two machines with a serial cable and a network between them', { skip }, () => {
  it('a dead network moves nothing and is said once; a machine that stood still leaves one owner; power loss is taken over', async (t) => {
    const haCf = ['keepalive 1', 'deadtime 10', 'initdead 40', ...MEDIA];
    const deadtimeMs = 10_000;
    await withPair(materials as Materials, { haCf }, async (pair) => {
      const { node1, node2, network } = pair;
      await serving(node1);
      await bothActive(node2);

      pair.setNetwork(false);
      await node1.until("grep -q 'Link node2:eth0 dead' /var/log/ha-log", 40_000);
      await pause(deadtimeMs);
      await node1.run('[ -e /run/svc ]');
      await node2.run('[ ! -e /run/svc ]');
      for (const [node, other] of [
        [node1, 'node2'],
        [node2, 'node1'],
      ] as const) {
        const dead = (await log(node)).split('\n').filter((line) => line.includes('dead'));
        assert.equal(dead.length, 1, dead.join('\n'));
        assert.match(
          dead[0] ?? '',
          new RegExp(`Link ${other}:eth0 dead\\. ${other} is still heard on .*ttyS1; no service moves`),
        );
      }
      const seen = await status(node2);
      assert.equal(seen.nodes.find(({ name }) => name === 'node1')?.status, 'active');
      pair.setNetwork(true);
      await node2.until("grep -c 'Link node1:eth0 up' /var/log/ha-log | grep -q 2", 40_000);

      await stopAndContinue(pair, deadtimeMs, t);

      await bothActive(node1);
      await bothActive(node2);
      const serves = (await node1.exec('[ -e /run/svc ]')).code === 0;
      const [active, standby] = serves ? [node1, node2] : [node2, node1];
      const stopAsking = network.askEvery(VIP, ASK_EVERY_MS);
      const { atMs } = await active.powerOff();
      await serving(standby, deadtimeMs * 4);
      await until(() => answersOf(network, standby.name, atMs).length > 0, 10_000, 'the other one answers');
      stopAsking();
      const outageMs = (answersOf(network, standby.name, atMs)[0] ?? 0) - atMs;
      t.diagnostic(
        `power loss: the other machine answers ${outageMs.toFixed(0)} ms later (deadtime ${deadtimeMs} ms)`,
      );
      assert.ok(outageMs < deadtimeMs + 3000, `${outageMs} ms`);
    });
  });

  it('a machine that stood still leaves one owner also where the deadtime is too short for kernel lifetimes', async (t) => {
    const haCf = ['keepalive 500ms', 'deadtime 3', 'initdead 40', ...MEDIA];
    await withPair(
      materials as Materials,
      { haCf, haresources: 'node1 10.99.0.100/24/eth0 svc' },
      async (pair) => {
        await serving(pair.node1);
        await bothActive(pair.node2);
        await stopAndContinue(pair, 3000, t);
      },
    );
  });

  it('a machine that is not heard any more and cannot stop its service is reset before the other one starts it', async (t) => {
    const deadtimeMs = 10_000;
    const haCf = ['keepalive 1', 'deadtime 10', 'initdead 40', 'bcast eth0', 'watchdog /dev/watchdog'];
    const story = async (pair: VirtualPair): Promise<void> => {
      const { node1, node2 } = pair;
      await serving(node1);
      await bothActive(node2);
      await node1.run("sed -i 's/stop) /stop) sleep 1000; /' /etc/ha.d/resource.d/svc");
      pair.muteNode1();
      const mutedMs = performance.now();
      const started = node2
        .run('while [ ! -e /run/svc ]; do sleep 0.05; done', 60_000)
        .then(() => performance.now());
      const end = await Promise.race([node1.ended, pause(40_000).then(() => undefined)]);
      assert.ok(end !== undefined, 'node1 was not reset');
      const startedMs = await started;
      t.diagnostic(
        `not heard any more, stop hangs: reset ${(end.atMs - mutedMs).toFixed(0)} ms later, service on the other machine ${(startedMs - mutedMs).toFixed(0)} ms later (deadtime ${deadtimeMs} ms)`,
      );
      assert.equal(end.code, 0);
      assert.ok(end.atMs < startedMs, `reset ${end.atMs - startedMs} ms after the start on node2`);
    };
    const watchdog = ['-device', 'i6300esb', '-action', 'watchdog=reset'];
    await withPair(materials as Materials, { haCf }, story, { modules: ['i6300esb'] }, watchdog);
  });
});
