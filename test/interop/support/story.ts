/** A story is a cluster and the steps that are taken with it, one after the other; each step is a row of the table. */
import { nowMs } from '../../lab/lib/index.js';
import { type Comparison, compareActs } from './acts.js';
import {
  ADDRESSES,
  createMixed,
  type GroupName,
  type Holding,
  type MixedCluster,
  type MixedOptions,
} from './mixed-cluster.js';
import { type Part, readPart } from './reference.js';

export interface Step {
  readonly name: string;
  readonly act: (cluster: MixedCluster) => Promise<void>;
  /** What node1 and node2 hold at its end: 'a', 'b', 'ab', '-', 'off'. */
  readonly after: After | ((kinds: MixedOptions['kinds']) => After);
  /** Default 40 s. */
  readonly withinMs?: number;
  /** What two originals said there; `silence`: nothing but heartbeats. A function where it depends on who is who. */
  readonly trace?: Trace | ((kinds: MixedOptions['kinds']) => Trace);
  /** Why two originals have two owners here as well. */
  readonly twoOwners?: string;
  /** Bound for the outage of each address (ms); absent: none is stated. */
  readonly outageMaxMs?: number;
  /** Further checks at the end; throws a sentence. */
  readonly check?: (cluster: MixedCluster, sinceMs: number) => Promise<void>;
}

/** undefined: there is no trace of that. */
export type Trace = Part | 'silence' | undefined;
export type After = readonly [node1: string, node2: string];

export interface Story {
  readonly name: string;
  readonly options: Omit<MixedOptions, 'kinds'>;
  readonly steps: readonly Step[];
}

export interface Row {
  readonly story: string;
  readonly step: string;
  readonly kinds: MixedOptions['kinds'];
  readonly setting: string;
  readonly before: Holding;
  readonly after: Holding;
  /** Longest time without an answer for each address, in ms; null: nobody had it before, or nobody after. */
  readonly outageMs: Readonly<Record<GroupName, number | null>>;
  /** Milliseconds with two owners, per address. */
  readonly twoOwnersMs: Readonly<Record<GroupName, number>>;
  readonly twoOwnersWhy?: string;
  readonly wire: Comparison | undefined;
  readonly passed: boolean;
  /** In this step the original lost a message that its own scripts wrote, and said so: nothing can be told from it. */
  readonly originalLost: boolean;
  readonly problems: readonly string[];
  readonly durationMs: number;
}

const NAMES: readonly GroupName[] = ['a', 'b'];
const WITHIN_MS = 40_000;

const ATTEMPTS = 3;

/**
 * Plays a story; gives a row for each step that was begun. After a step that failed the rest is left out. A story in
 * which a step fails while the original loses a message of its own scripts (see LOST_IN_FIFO) is played again.
 */
export async function play(
  story: Story,
  kinds: MixedOptions['kinds'],
  onRow: (row: Row) => void,
  keepLogs: (cluster: MixedCluster, row: Row) => Promise<void> = async () => {},
  onReplay: () => void = () => {},
): Promise<Row[]> {
  for (let attempt = 1; ; attempt++) {
    const rows = await playOnce(story, kinds, onRow, keepLogs);
    const last = rows.at(-1);
    if (attempt === ATTEMPTS || last === undefined || last.passed || !last.originalLost) return rows;
    onReplay();
  }
}

async function playOnce(
  story: Story,
  kinds: MixedOptions['kinds'],
  onRow: (row: Row) => void,
  keepLogs: (cluster: MixedCluster, row: Row) => Promise<void>,
): Promise<Row[]> {
  const rows: Row[] = [];
  const cluster = await createMixed({ ...story.options, kinds });
  try {
    for (const step of story.steps) {
      const row = await take(cluster, story, step, kinds);
      rows.push(row);
      onRow(row);
      if (!row.passed) await keepLogs(cluster, row);
      if (row.problems.some((text) => text.startsWith('not within') || text.startsWith('command'))) break;
    }
  } finally {
    await cluster.destroy();
  }
  return rows;
}

async function take(
  cluster: MixedCluster,
  story: Story,
  step: Step,
  kinds: MixedOptions['kinds'],
): Promise<Row> {
  const before = await cluster.holding();
  const startMs = nowMs();
  const startedAtS = Math.floor(Date.now() / 1000);
  const messagesBefore = cluster.tap.messages().length;
  const lostBefore = await lostInFifo(cluster);
  const problems: string[] = [];
  try {
    const [node1, node2] = typeof step.after === 'function' ? step.after(kinds) : step.after;
    await step.act(cluster);
    await cluster.holds(node1, node2, step.withinMs ?? WITHIN_MS);
    await cluster.quiet();
    await cluster.holds(node1, node2, 1000);
    await step.check?.(cluster, startMs);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    problems.push(text.startsWith('not within') ? text : `command or check failed: ${text}`);
  }
  const endMs = nowMs();
  const after = await cluster.holding();
  const outageMs = {
    a: isHeld(before, 'a') && isHeld(after, 'a') ? await outage(cluster, 'a', startMs) : null,
    b: isHeld(before, 'b') && isHeld(after, 'b') ? await outage(cluster, 'b', startMs) : null,
  };
  const twoOwnersMs = {
    a: await twoOwners(cluster, 'a', startMs),
    b: await twoOwners(cluster, 'b', startMs),
  };
  for (const name of NAMES) {
    if (twoOwnersMs[name] > 0 && step.twoOwners === undefined)
      problems.push(`two owners of ${name} for ${twoOwnersMs[name].toFixed(0)} ms`);
    const lasted = outageMs[name];
    if (step.outageMaxMs !== undefined && lasted !== null && lasted > step.outageMaxMs)
      problems.push(`${name} was away for ${lasted.toFixed(0)} ms, more than ${step.outageMaxMs} ms`);
  }
  const wire = compareWire(cluster, step, messagesBefore, startedAtS);
  if (wire?.verdict === 'differs') problems.push(`wire: ${wire.detail}`);
  const { medium, method, autoFailback } = story.options;
  return {
    story: story.name,
    step: step.name,
    kinds,
    setting: `${medium} ${method} ${autoFailback}`,
    before,
    after,
    outageMs,
    twoOwnersMs,
    ...(step.twoOwners === undefined ? {} : { twoOwnersWhy: step.twoOwners }),
    wire,
    passed: problems.length === 0,
    originalLost: (await lostInFifo(cluster)) > lostBefore,
    problems,
    durationMs: endMs - startMs,
  };
}

async function lostInFifo(cluster: MixedCluster): Promise<number> {
  const counts = await Promise.all(cluster.machines.map((machine) => machine.lostInFifo()));
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Compares what was said in a step with its trace. A message that a node wrote before the step (its `ts`, in seconds of
 * the one clock of this machine) is left out: unicast to a node without power waits in the sender's kernel, which asks
 * for an address, and leaves it when the power is back.
 */
function compareWire(
  cluster: MixedCluster,
  step: Step,
  messagesBefore: number,
  startedAtS: number,
): Comparison | undefined {
  if (step.trace === undefined || cluster.options.medium === 'serial') return undefined;
  const said = cluster.tap
    .messages()
    .slice(messagesBefore)
    .filter(({ fields }) => fields.ts === undefined || Number.parseInt(fields.ts, 16) >= startedAtS);
  const trace = typeof step.trace === 'function' ? step.trace(cluster.options.kinds) : step.trace;
  if (trace === undefined) return undefined;
  const reference =
    trace === 'silence' ? said.filter(({ fields }) => fields.t === 'status') : readPart(trace);
  return compareActs(said, reference, ['node1', 'node2']);
}

function isHeld(holding: Holding, name: GroupName): boolean {
  return [holding.node1, holding.node2].some((held) => held !== 'off' && held.includes(name));
}

async function outage(cluster: MixedCluster, name: GroupName, startMs: number): Promise<number> {
  const newest = await cluster.clients[name].newest();
  const toMs = Math.max(startMs, newest?.receivedAtMs ?? startMs);
  return (await cluster.clients[name].outage({ fromMs: startMs - 100, toMs })).outageMs;
}

async function twoOwners(cluster: MixedCluster, name: GroupName, fromMs: number): Promise<number> {
  const overlaps = await cluster.observation.overlaps(ADDRESSES[name], { fromMs });
  return overlaps.reduce((sum, { fromMs: from, toMs }) => sum + Math.max(1, toMs - from), 0);
}
