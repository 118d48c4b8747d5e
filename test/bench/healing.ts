/**
 * Measures the healing of a silent partition and the waking of a paused node, as the observer and the client see them:
 * `node dist/test/bench/healing.js [RUNS]`. Never part of `npm test`.
 */
import { nowMs } from '../lab/lib/index.js';
import { createCluster, VIP } from '../lab/support/cluster.js';

const runs = Number(process.argv[2] ?? '5');

async function heal(): Promise<string> {
  const cluster = await createCluster({
    keepalive: '100ms',
    deadtime: '1',
    initdead: '10',
    autoFailback: 'off',
  });
  const { lab, node1, node2 } = cluster;
  try {
    await cluster.start();
    await cluster.owns(node1);
    const client = await lab.client(`udp://${VIP}`, { everyMs: 2 });
    await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 10_000, what: 'service' });
    await lab.silence('node1');
    await cluster.owns(node2);
    await lab.until(() => client.firstAnswerFrom('node2'), { withinMs: 10_000, what: 'the other owner' });
    const observer = await lab.observe([VIP]);
    const healedMs = nowMs();
    await lab.heal();
    const served = await lab.until(() => client.firstAnswerFrom('node1', healedMs), {
      withinMs: 10_000,
      what: 'node1',
    });
    await lab.until(() => nowMs() > healedMs + 1500, { withinMs: 5000, what: 'the dust to settle' });
    const last = (await observer.answers())
      .filter(({ node, atMs }) => node === 'node2' && atMs > healedMs)
      .at(-1);
    const oneOwnerMs = (last?.atMs ?? healedMs) - healedMs;
    const wrong = (await client.log())
      .filter((entry) => entry.sentAtMs > healedMs && entry.from === 'node2')
      .at(-1);
    const overlap = (await observer.overlaps(VIP, { fromMs: healedMs })).map(
      ({ fromMs, toMs }) => toMs - fromMs,
    );
    return `healed: one owner after ${oneOwnerMs.toFixed(0)} ms, client at the owner after ${((served?.receivedAtMs ?? 0) - healedMs).toFixed(0)} ms (last wrong answer ${((wrong?.sentAtMs ?? healedMs) - healedMs).toFixed(0)} ms), both answered for ${Math.max(0, ...overlap).toFixed(0)} ms after healing`;
  } finally {
    await lab.destroy();
  }
}

async function wake(deadtime: string, pauseMs: number): Promise<string> {
  const cluster = await createCluster({ keepalive: '100ms', deadtime, initdead: '10', autoFailback: 'off' });
  const { lab, node1, node2 } = cluster;
  try {
    const observer = await lab.observe([VIP]);
    await cluster.start();
    await cluster.owns(node1);
    const pausedMs = nowMs();
    await node1.pause();
    await cluster.owns(node2);
    await lab.until(() => nowMs() > pausedMs + pauseMs, { withinMs: 30_000, what: 'the pause to end' });
    const before = (await observer.overlaps(VIP)).map(({ fromMs, toMs }) => toMs - fromMs);
    const wokenMs = nowMs();
    await node1.resume();
    await lab.until(() => nowMs() > wokenMs + 2000, { withinMs: 5000, what: 'two seconds awake' });
    const last = (await observer.answers())
      .filter(({ node, atMs }) => node === 'node1' && atMs > wokenMs)
      .at(-1);
    return `woken after ${pauseMs} ms (deadtime ${deadtime} s): last answer of the woken node ${((last?.atMs ?? wokenMs) - wokenMs).toFixed(0)} ms after waking; two answered during the pause for ${Math.max(0, ...before).toFixed(0)} ms`;
  } finally {
    await lab.destroy();
  }
}

async function join(): Promise<string> {
  const cluster = await createCluster({ keepalive: '100ms', deadtime: '1', initdead: '10' });
  const { lab, node1, node2 } = cluster;
  try {
    const client = await lab.client(`udp://${VIP}`, { everyMs: 2 });
    await cluster.start();
    await cluster.owns(node1);
    await node1.powerOff();
    await cluster.owns(node2);
    await node1.powerOn();
    const begunMs = nowMs();
    await cluster.start(node1);
    const served = await lab.until(() => client.firstAnswerFrom('node1', begunMs), {
      withinMs: 20_000,
      what: 'node1',
    });
    const gap = await client.outage({ fromMs: begunMs });
    return `joined a running peer: serves its own ${((served?.receivedAtMs ?? 0) - begunMs).toFixed(0)} ms after the start; failback outage ${gap.outageMs.toFixed(1)} ms`;
  } finally {
    await lab.destroy();
  }
}

for (let index = 0; index < runs; index++) {
  console.log(await heal());
  console.log(await wake('1', 3000));
  console.log(await wake('4', 12_000));
  console.log(await join());
}
