/** What a client that asks every 2 ms misses when a node dies, is cut off, hands over or comes back. */
import { nowMs } from '../../lab/lib/index.js';
import type { Contender, Setup } from '../support/contender.js';
import { outageUntil, type Row, serve, settle, withPair } from '../support/row.js';

const VIP = '10.77.0.100';
const USUAL: Setup = {
  keepaliveMs: 100,
  deadtimeMs: 1000,
  initdeadMs: 8000,
  autoFailback: false,
  addresses: [VIP],
};
const BRAVE: Setup = { ...USUAL, keepaliveMs: 10, deadtimeMs: 30, initdeadMs: 3000 };
const SLOW: Setup = { ...USUAL, keepaliveMs: 1000, deadtimeMs: 4000 };
const SECOND = 'node2';

/** keepalived has no deadtime: its outage is given whole. */
function beyond(contender: Contender, setup: Setup, outageMs: number): { ms: number } {
  return { ms: contender.name === 'keepalived' ? outageMs : outageMs - setup.deadtimeMs };
}

type Fault = (
  contender: Contender,
  lab: Parameters<Parameters<typeof withPair>[2]>[0]['lab'],
) => Promise<number>;

function afterFault(setup: Setup, fault: Fault): Row['measure'] {
  return (contender, { begin }) =>
    withPair(contender, setup, async ({ lab, client }) => {
      await serve(contender, setup, lab, client);
      await begin();
      const atMs = await fault(contender, lab);
      return { ms: await outageUntil(lab, client, SECOND, atMs) };
    });
}

const powerOff: Fault = async (_, lab) => (await lab.node('node1').powerOff()).atMs;
const switchAway: Fault = async (contender, lab) => {
  const atMs = nowMs();
  await contender.switchAway(lab.node('node1'));
  return atMs;
};

const failback =
  (setup: Setup): Row['measure'] =>
  (contender, { begin }) =>
    withPair(contender, { ...setup, autoFailback: true }, async ({ lab, client }) => {
      await serve(contender, setup, lab, client);
      const { atMs } = await lab.node('node1').powerOff();
      await outageUntil(lab, client, SECOND, atMs);
      await settle(contender, setup);
      await lab.node('node1').powerOn();
      await contender.prepare(lab, { ...setup, autoFailback: true });
      await begin();
      const startedMs = nowMs();
      await contender.start(lab.node('node1'));
      return { ms: await outageUntil(lab, client, 'node1', startedMs) };
    });

export const OUTAGES: readonly Row[] = [
  {
    key: 'power-loss',
    title: 'power loss, keepalive 100 ms, deadtime 1 s: outage beyond deadtime (keepalived: whole)',
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds: { ms: 5 },
    runs: 10,
    async measure(contender, run) {
      const { ms = Number.NaN } = await afterFault(USUAL, powerOff)(contender, run);
      return beyond(contender, USUAL, ms);
    },
  },
  {
    key: 'power-loss-10ms',
    title: 'power loss, keepalive 10 ms, deadtime 30 ms: outage',
    unit: 'ms',
    contenders: ['ours', 'keepalived'],
    bounds: { ms: 35 },
    runs: 10,
    measure: afterFault(BRAVE, powerOff),
  },
  {
    key: 'kill',
    title: 'all processes of the active daemon killed: outage',
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds: {},
    runs: 5,
    measure: afterFault(USUAL, async (contender, lab) => {
      const atMs = nowMs();
      await contender.kill(lab.node('node1'));
      return atMs;
    }),
  },
  {
    key: 'cable',
    title: 'both cables of the active node pulled: outage beyond deadtime (keepalived: whole)',
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds: {},
    runs: 5,
    async measure(contender, run) {
      const { ms = Number.NaN } = await afterFault(USUAL, async (_, lab) => {
        const atMs = nowMs();
        await lab.cut('node1');
        return atMs;
      })(contender, run);
      return beyond(contender, USUAL, ms);
    },
  },
  {
    key: 'switch',
    title: 'planned switch (hb_standby; keepalived: its stop), keepalive 100 ms: outage',
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds: { ms: 5 },
    runs: 10,
    measure: afterFault(USUAL, switchAway),
  },
  {
    key: 'switch-10ms',
    title: 'planned switch, keepalive 10 ms: outage',
    unit: 'ms',
    contenders: ['ours', 'keepalived'],
    bounds: { ms: 5 },
    runs: 10,
    measure: afterFault(BRAVE, switchAway),
  },
  {
    key: 'switch-1s',
    title: 'planned switch, keepalive 1 s: outage',
    unit: 'ms',
    contenders: ['ours', 'keepalived'],
    bounds: { ms: 5 },
    runs: 5,
    measure: afterFault(SLOW, switchAway),
  },
  {
    key: 'failback',
    title: 'failback, auto_failback on, keepalive 100 ms: outage',
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds: { ms: 5 },
    runs: 10,
    measure: failback(USUAL),
  },
  {
    key: 'failback-10ms',
    title: 'failback, keepalive 10 ms: outage',
    unit: 'ms',
    contenders: ['ours', 'keepalived'],
    bounds: { ms: 5 },
    runs: 10,
    measure: failback(BRAVE),
  },
  {
    key: 'start',
    title: 'both nodes started until the client is served',
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds: { ms: 1000 },
    runs: 10,
    measure: (contender, { begin }) =>
      withPair(contender, USUAL, async ({ lab, client }) => {
        await begin();
        return { ms: (await serve(contender, USUAL, lab, client)).serviceMs };
      }),
  },
  {
    key: 'healing',
    title: 'silent partition healed until the client is served for good',
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds: { ms: 100 },
    runs: 10,
    measure: (contender, { begin }) =>
      withPair(contender, USUAL, async ({ lab, client }) => {
        await serve(contender, USUAL, lab, client);
        const { atMs } = await lab.silence('node1');
        await outageUntil(lab, client, SECOND, atMs);
        await settle(contender, USUAL);
        await begin();
        const healedMs = nowMs();
        await lab.heal();
        return { ms: await servedForGood(lab, client, healedMs) };
      }),
  },
];

/** No silence shall be longer than this once it is over; keepalived can leave a client alone for 48 s. */
const WATCH_HEALING_MS = 60_000;
const CALM_MS = 3000;

/** Until the client's answers come from one node without a gap of 20 ms or more, for three seconds. */
async function servedForGood(
  lab: Parameters<Fault>[1],
  client: Parameters<Parameters<typeof withPair>[2]>[0]['client'],
  healedMs: number,
): Promise<number> {
  return lab.until(
    async () => {
      const answers = (await client.log()).filter(({ receivedAtMs }) => (receivedAtMs ?? -1) >= healedMs);
      const newest = answers.at(-1);
      if (newest === undefined || nowMs() - (newest.receivedAtMs ?? 0) > 100) return undefined;
      let begun = answers.length - 1;
      while (begun > 0) {
        const gapMs = (answers[begun]?.receivedAtMs ?? 0) - (answers[begun - 1]?.receivedAtMs ?? 0);
        if (answers[begun - 1]?.from !== newest.from || gapMs > 20) break;
        begun -= 1;
      }
      const sinceMs = answers[begun]?.receivedAtMs ?? 0;
      return nowMs() - sinceMs > CALM_MS ? sinceMs - healedMs : undefined;
    },
    { withinMs: WATCH_HEALING_MS + CALM_MS, what: 'the client to be served for good', everyMs: 100 },
  );
}
