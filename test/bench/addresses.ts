/**
 * Measures the takeover of one group of many addresses after a loss of power: `node dist/test/bench/addresses.js
 * [ADDRESSES] [RUNS]`. Runs in which the lab's own 5 ms sleeper overslept by more than 10 ms are marked. What counts is the last of them, as a client sees it, beyond deadtime. The original needed 13.4 s
 * beyond deadtime for 100 (heartbeat-admin.md 11.2). Never part of `npm test`.
 */
import { nowMs, Sleeper } from '../lab/lib/index.js';
import { createCluster } from '../lab/support/cluster.js';

const DEADTIME_MS = 1000;
const NOISE_MAX_MS = 10;
const ORIGINAL_BEYOND_MS = 13_400;
const count = Number(process.argv[2] ?? '100');
const wanted = Number(process.argv[3] ?? '5');

const addresses = Array.from({ length: count }, (_, index) => `10.77.0.${100 + index}`).map(
  (address, index) => (index < 90 ? address : `10.77.1.${index}`),
);

interface Run {
  readonly beyondMs: number;
  readonly worstSleepMs: number;
}

async function run(): Promise<Run> {
  const line = `node1 ${addresses.map((address) => `${address}/16/eth0`).join(' ')}`;
  const cluster = await createCluster({
    keepalive: '100ms',
    deadtime: '1',
    initdead: '10',
    haresources: [line],
  });
  const { lab, node1, node2 } = cluster;
  try {
    const asked = [addresses[0], addresses[count >> 1], addresses.at(-1)].filter((one) => one !== undefined);
    await lab.node('client').run(['ip', 'addr', 'add', '10.77.5.1/16', 'dev', 'eth0']);
    const clients = await Promise.all(asked.map((address) => lab.client(`udp://${address}`, { everyMs: 2 })));
    await cluster.start();
    await cluster.owns(node1);
    const sleeper = new Sleeper();
    await lab.until(() => sleeper.worstMs() > 0, { withinMs: 5000, what: 'the sleeper to run' });
    sleeper.reset();
    const off = await node1.powerOff();
    const answers = await Promise.all(
      clients.map((client) =>
        lab.until(() => client.firstAnswerFrom('node2', off.atMs), { withinMs: 20_000, what: 'takeover' }),
      ),
    );
    const worstSleepMs = sleeper.worstMs();
    await sleeper.stop();
    const there = new Set((await node2.addresses()).map(({ address }) => address));
    const absent = addresses.filter((address) => !there.has(address));
    if (absent.length > 0) throw new Error(`node2 answers, but lacks ${absent.join(', ')}`);
    const lastMs = Math.max(...answers.map((answer) => answer?.receivedAtMs ?? Number.NaN));
    return { beyondMs: lastMs - off.atMs - DEADTIME_MS, worstSleepMs };
  } finally {
    await lab.destroy();
  }
}

const all: Run[] = [];
for (let index = 0; index < wanted; index++) {
  const begunMs = nowMs();
  const one = await run();
  all.push(one);
  const took = ((nowMs() - begunMs) / 1000).toFixed(1);
  const noise = one.worstSleepMs > NOISE_MAX_MS ? ', noisy' : '';
  console.log(
    `last of ${count} addresses ${one.beyondMs.toFixed(1)} ms beyond deadtime (sleeper ${one.worstSleepMs.toFixed(1)} ms${noise}; ${took} s)`,
  );
}
const sorted = all.map(({ beyondMs }) => beyondMs).sort((a, b) => a - b);
const median = sorted[sorted.length >> 1] ?? Number.NaN;
const ratio = (ORIGINAL_BEYOND_MS + DEADTIME_MS) / (median + DEADTIME_MS);
console.log(
  `${count} addresses, last one beyond deadtime: min ${sorted[0]?.toFixed(1)}, median ${median.toFixed(1)}, max ${sorted.at(-1)?.toFixed(1)} ms (bound 100 ms); ` +
    `the original needed ${ORIGINAL_BEYOND_MS} ms for 100, its outage is ${ratio.toFixed(1)} times as long`,
);
