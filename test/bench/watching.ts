/**
 * Measures how long a killed web server is away that is watched every 500 ms: `node dist/test/bench/watching.js [RUNS]`.
 * The bound is the interval and the server's own start time, which is measured too. Never part of `npm test`.
 */
import { nowMs } from '../lab/lib/index.js';
import { createCluster, GROUP, VIP } from '../lab/support/cluster.js';
import { killWeb, WEB, writeWebService } from '../lab/support/web-service.js';

const INTERVAL_MS = 500;
const runs = Number(process.argv[2] ?? '10');

const cluster = await createCluster({
  haresources: [`node1 ${GROUP} ${WEB}`],
  settings: `[monitor]\nrestarts = 1000\n[monitor ${WEB}]\ninterval = ${INTERVAL_MS}ms\n`,
});
const { lab, node1, node2 } = cluster;
try {
  for (const node of [node1, node2]) await writeWebService(node);
  const page = await lab.client(`http://${VIP}/`, { everyMs: 5 });
  await cluster.start();
  await cluster.owns(node1);
  /** From `fromMs` until the page answers again. */
  const awayMs = async (fromMs: number): Promise<number> => {
    const first = await lab.until(() => page.firstAnswerFrom('node1', fromMs), {
      withinMs: 20_000,
      what: 'the page',
      everyMs: 20,
    });
    return (first?.receivedAtMs ?? Number.NaN) - fromMs;
  };
  const script = `/etc/ha.d/resource.d/${WEB}`;
  await awayMs(nowMs());
  const starts: number[] = [];
  await cluster.heartbeat(node1, 'maintenance', 'on');
  for (let index = 0; index < 5; index++) {
    await node1.run([script, 'stop']);
    const fromMs = nowMs();
    await node1.run([script, 'start']);
    starts.push(await awayMs(fromMs));
  }
  await cluster.heartbeat(node1, 'maintenance', 'off');
  const away: number[] = [];
  for (let index = 0; index < runs; index++) {
    await new Promise((resolve) => setTimeout(resolve, 700 + 137 * index));
    const fromMs = nowMs();
    await killWeb(node1);
    // An answer that was on its way does not count.
    const killedMs = nowMs();
    away.push((await awayMs(killedMs)) + killedMs - fromMs);
  }
  for (const list of [starts, away]) list.sort((a, b) => a - b);
  const shown = (list: readonly number[]): string =>
    `min ${list[0]?.toFixed(0)}, median ${list[list.length >> 1]?.toFixed(0)}, max ${list.at(-1)?.toFixed(0)} ms`;
  console.log(`start of the server by hand, until the page answers: ${shown(starts)}`);
  console.log(
    `killed, watched every ${INTERVAL_MS} ms, until the page answers: ${shown(away)} (${runs} runs)`,
  );
} finally {
  await lab.destroy();
}
