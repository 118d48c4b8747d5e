/**
 * Failover and healing of VRRP pairs, ours beside the real keepalived in one run: `node dist/test/bench/vrrp.js
 * [--runs N] [--heals N] [--intervals 1,0.1,0.01]`. What a client sees that asks the address every 2 ms. Never part of
 * `npm test`.
 *
 * silent: the master's cable passes nothing, it keeps its carrier; until the first answer of the other node.
 * heal: the cable passes again; until the client reaches the rightful master and stays with it.
 * stop: orderly end of the master; until the first answer of the other node.
 */
import { parseArgs } from 'node:util';
import { type LabClient, nowMs } from '../lab/lib/index.js';
import {
  createPair,
  instanceText,
  type Program,
  realKeepalivedMissing,
  VIP,
  type VrrpPair,
} from '../lab/vrrp/pair.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    heals: { type: 'string', default: '20' },
    intervals: { type: 'string', default: '1,0.1,0.01' },
    programs: { type: 'string', default: 'ours,keepalived' },
  },
});

interface Figures {
  readonly silent: number[];
  readonly heal: number[];
  readonly stop: number[];
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The time of the first answer from this node after which nobody else answers for a while. */
async function settledAnswer(
  pair: VrrpPair,
  client: LabClient,
  node: string,
  sinceMs: number,
): Promise<number> {
  const found = await pair.lab.until(
    async () => {
      const answered = (await client.log()).filter(({ sentAtMs }) => sentAtMs >= sinceMs - 50);
      const lastOther = answered.findLastIndex(({ from }) => from !== undefined && from !== node);
      const after = answered.slice(lastOther + 1).filter(({ from }) => from === node);
      return after.length >= 100 ? after[0] : undefined;
    },
    { withinMs: 90_000, what: `${node} to answer for good`, everyMs: 100 },
  );
  return (found.receivedAtMs ?? 0) - sinceMs;
}

async function firstAnswer(
  pair: VrrpPair,
  client: LabClient,
  node: string,
  sinceMs: number,
): Promise<number> {
  const found = await pair.lab.until(() => client.firstAnswerFrom(node, sinceMs), {
    withinMs: 30_000,
    what: `${node} to answer`,
    everyMs: 50,
  });
  return (found.receivedAtMs ?? 0) - sinceMs;
}

/** Only node1 has the address, and the client reaches it. */
async function quiet(pair: VrrpPair): Promise<LabClient> {
  await pair.gets(pair.node1);
  await pair.lab.until(async () => !(await pair.holds(pair.node2)), {
    withinMs: 20_000,
    what: 'node2 to let go',
  });
  const client = await pair.lab.client(`udp://${VIP}`, { everyMs: 2 });
  await pair.lab.until(async () => (await client.newest())?.from === 'node1', {
    withinMs: 60_000,
    what: 'node1',
  });
  return client;
}

async function measure(program: Program, interval: string, runs: number, heals: number): Promise<Figures> {
  const intervalMs = Number(interval) * 1000;
  const head = interval === '1' ? '' : 'global_defs {\n    vrrp_version 3\n}';
  const text = (priority: number): string =>
    `${head}\n${instanceText({ priority, advertInt: interval, ...(head === '' ? {} : { password: null }) })}`;
  const pair = await createPair(['eth0', 'eth1'], true);
  const figures: Figures = { silent: [], heal: [], stop: [] };
  try {
    await pair.configure(pair.node1, text(100));
    await pair.configure(pair.node2, text(98));
    await pair.start(pair.node1, program);
    await pair.start(pair.node2, program);
    for (let i = 0; i < heals; i++) {
      const client = await quiet(pair);
      await sleep(intervalMs * Math.random());
      const cut = await pair.lab.silence('node1', 'eth0');
      figures.silent.push(await firstAnswer(pair, client, 'node2', cut.atMs));
      // So long that the other node's second burst of announcements may or may not have been.
      await sleep(Math.min(8000, Math.max(1000, 8 * intervalMs)) + 500 * Math.random());
      const healed = await pair.lab.heal('node1', 'eth0');
      figures.heal.push(await settledAnswer(pair, client, 'node1', healed.atMs));
      await client.stop();
    }
    for (let i = 0; i < runs; i++) {
      const client = await quiet(pair);
      const beganMs = nowMs();
      const stopped = pair.stop(pair.node1, program);
      figures.stop.push(await firstAnswer(pair, client, 'node2', beganMs));
      await stopped;
      await client.stop();
      await pair.start(pair.node1, program);
    }
    return figures;
  } finally {
    await pair.lab.destroy();
  }
}

function line(list: readonly number[]): string {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (i: number): string => (sorted[i] ?? Number.NaN).toFixed(1).padStart(9);
  return `${at(0)} / ${at(sorted.length >> 1)} / ${at(sorted.length - 1)}  (${sorted.length})`;
}

const programs = values.programs.split(',') as Program[];
const missing = realKeepalivedMissing();
if (missing !== undefined) process.stderr.write(`${missing}: measuring ours alone.\n`);
process.stdout.write('milliseconds: min / median / max (count)\n');
for (const interval of values.intervals.split(',')) {
  for (const program of programs) {
    if (program === 'keepalived' && missing !== undefined) continue;
    const figures = await measure(program, interval, Number(values.runs), Number(values.heals));
    const boundMs = 1500 * Number(interval);
    const late = figures.heal.filter((ms) => ms > boundMs).length;
    for (const [name, list] of Object.entries(figures)) {
      const note = name === 'heal' ? `  over ${boundMs} ms: ${late}` : '';
      process.stdout.write(
        `${interval.padStart(5)} s  ${program.padEnd(11)} ${name.padEnd(7)}${line(list)}${note}\n`,
      );
    }
  }
}
