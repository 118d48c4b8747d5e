/** A row of the bench: what is measured, for whom, and what must be reached. */
import { createLab, type Lab, type LabClient, nowMs, Sleeper } from '../../lab/lib/index.js';
import type { Contender, ContenderName, Setup } from './contender.js';

/** One run of a measurement: one or several figures of the row's unit. */
export type Measured = Readonly<Record<string, number>>;

export interface Row {
  /** A short word to choose it by. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Which programs can be measured at all. */
  readonly contenders: readonly ContenderName[];
  /** For each figure the bound that the median must reach, for this program. */
  readonly bounds: Readonly<Record<string, number>>;
  /** Runs unless the command says otherwise. */
  readonly runs: number;
  /** A row whose runs are long or busy by design is not repeated when the machine was late. */
  readonly noisy?: true;
  measure(contender: Contender, run: RunContext): Promise<Measured>;
}

/** What a run gets. */
export interface RunContext {
  /** Starts watching for lateness of the measuring process: called when the setup is over. */
  begin(): Promise<void>;
  /** Length of the rows that watch for a while, in seconds. */
  readonly seconds: number;
}

export interface Figures {
  readonly row: Row;
  readonly contender: ContenderName;
  /** One entry a run. */
  readonly runs: readonly Measured[];
  /** Runs that were repeated because the machine was late. */
  readonly repeated: number;
  /** Why there are no figures. */
  readonly failed?: string;
}

/** Runs in which the measuring process was later than this are repeated. */
export const LATE_MAX_MS = 5;
/** After so many repetitions for each wanted run what there is counts, marked. */
const REPEAT_FACTOR = 2;

/** Measures a row for one contender. `onRun` is told of each run as it ends. */
export async function measureRow(
  row: Row,
  contender: Contender,
  options: { runs: number; seconds: number },
  onRun: (measured: Measured, lateMs: number, repeated: boolean) => void,
): Promise<Figures> {
  const runs: Measured[] = [];
  const late: Measured[] = [];
  let repeated = 0;
  while (runs.length < options.runs && repeated <= REPEAT_FACTOR * options.runs) {
    const sleeper = new Sleeper(true);
    try {
      const begin = async (): Promise<void> => {
        while (sleeper.worstMs() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        sleeper.reset();
      };
      const measured = await row.measure(contender, { begin, seconds: options.seconds });
      const lateMs = sleeper.worstMs();
      const again = row.noisy === undefined && lateMs > LATE_MAX_MS;
      onRun(measured, lateMs, again);
      if (again) {
        repeated += 1;
        late.push(measured);
      } else runs.push(measured);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { row, contender: contender.name, runs, repeated, failed: why };
    } finally {
      await sleeper.stop();
    }
  }
  // A machine that is never quiet: the late runs fill up, and the table says how many were late.
  return { row, contender: contender.name, runs: [...runs, ...late].slice(0, options.runs), repeated };
}

/** A lab with the contender set up on it and a client at the first address. */
export async function withPair<T>(
  contender: Contender,
  setup: Setup,
  story: (pair: { lab: Lab; client: LabClient }) => Promise<T>,
): Promise<T> {
  const lab = await createLab({
    nodes: setup.nodes ?? ['node1', 'node2'],
    links: ['eth0', 'eth1'],
    realtime: true,
  });
  try {
    const [address] = setup.addresses;
    await contender.prepare(lab, setup);
    if (address === undefined) throw new Error('a pair needs an address');
    const client = await lab.client(`udp://${address}`, { everyMs: 2 });
    return await story({ lab, client });
  } finally {
    await lab.destroy();
  }
}

/** Starts both nodes and waits until node1 serves and everything is settled. */
export async function serve(
  contender: Contender,
  setup: Setup,
  lab: Lab,
  client: LabClient,
): Promise<{ serviceMs: number }> {
  const begunMs = nowMs();
  const nodes = (setup.nodes ?? ['node1', 'node2']).map((name) => lab.node(name));
  const [served, ...others] = nodes;
  if (contender.name === 'keepalived' && served !== undefined) {
    // With nopreempt whoever is first stays master.
    await contender.start(served);
    await lab.until(() => client.firstAnswerFrom('node1', begunMs), { withinMs: 30_000, what: 'the master' });
    await Promise.all(others.map((node) => contender.start(node)));
  } else await Promise.all(nodes.map((node) => contender.start(node)));
  const first = await lab.until(() => client.firstAnswerFrom('node1', begunMs), {
    withinMs: 90_000,
    what: 'node1 to serve',
  });
  await settle(contender, setup);
  return { serviceMs: (first.receivedAtMs ?? 0) - begunMs };
}

/** Waits until a program has said all it says after a change: the original goes on for seconds. */
export function settle(contender: Contender, setup: Setup): Promise<void> {
  const waitMs = contender.name === 'original' ? 8000 : Math.max(1500, 4 * setup.keepaliveMs);
  return new Promise((resolve) => setTimeout(resolve, waitMs));
}

/** The longest time without an answer from a moment until this node has answered for a second. */
export async function outageUntil(
  lab: Lab,
  client: LabClient,
  node: string,
  sinceMs: number,
  withinMs = 60_000,
): Promise<number> {
  const found = await lab.until(() => client.firstAnswerFrom(node, sinceMs), {
    withinMs,
    what: `${node} to answer`,
  });
  const untilMs = (found.receivedAtMs ?? 0) + 1000;
  await lab.until(() => nowMs() > untilMs, { withinMs: 5000, what: 'a second more' });
  return (await client.outage({ fromMs: sinceMs - 100, toMs: untilMs })).outageMs;
}
