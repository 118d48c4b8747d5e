/** Plays a scenario with real daemons in the lab; what an observer sees of the addresses is what is judged. */
import { isAboutAll, judgeNow } from '../../../src/sim/scenario/judge.js';
import type { Names } from '../../../src/sim/scenario/names.js';
import { readScenario, type Statement } from '../../../src/sim/scenario/parse.js';
import { Watch } from '../../../src/sim/scenario/watch.js';
import type { Observation } from '../lib/index.js';
import type { Cluster } from './cluster.js';
import { LabStage } from './lab-stage.js';

const LOOK_MS = 50;

export interface PlayedInLab {
  readonly watch: Watch;
  /** Expectations that were not met, with what was seen. */
  readonly unmet: readonly string[];
}

/**
 * Plays it to its end, or with `endsWhenMet` until its last statement is done. Throws when it is not understood, or uses
 * what the lab has not.
 */
export async function playInLab(
  text: string,
  names: Names,
  cluster: Cluster,
  observer: Observation,
  { endsWhenMet = false }: { endsWhenMet?: boolean } = {},
): Promise<PlayedInLab> {
  const read = readScenario(text, names);
  if (!read.ok)
    throw new Error(read.complaints.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
  const { statements, untilMs } = read.scenario;
  const stage = new LabStage(cluster);
  const watch = new Watch(names.groups.map(({ key }) => key));
  const beganMs = performance.now();
  const nowMs = (): number => performance.now() - beganMs;
  const unmet: string[] = [];
  const atEnd: Extract<Statement, { kind: 'expect' }>[] = [];
  const scene = { names, watch, isRunning: () => true };

  const look = async (): Promise<void> => {
    for (const { key } of names.groups) {
      const owners = await ownersOf(observer, key.split('/')[0] ?? key);
      watch.see(nowMs(), key, [...owners].sort(), [...owners].sort());
    }
  };
  const waitUntil = async (atMs: number): Promise<void> => {
    do {
      await look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    } while (nowMs() < atMs);
  };
  const judge = async (statement: Extract<Statement, { kind: 'expect' }>): Promise<void> => {
    const { expectation, values, text: said, line } = statement;
    const fromMs = nowMs();
    const limitMs = fromMs + Number(values.get('time') ?? 0);
    let verdict = judgeNow(scene, expectation, values, fromMs, nowMs());
    while (verdict !== true && nowMs() < limitMs) {
      await waitUntil(nowMs() + LOOK_MS);
      verdict = judgeNow(scene, expectation, values, fromMs, nowMs());
    }
    if (verdict !== true) unmet.push(`line ${line}: ${said}: ${verdict}`);
  };
  for (const statement of statements) {
    await waitUntil(statement.atMs);
    if (statement.kind === 'act') {
      await (statement.undoes
        ? statement.verb.undo?.(stage, statement.values)
        : statement.verb.act(stage, statement.values));
    } else if (isAboutAll(statement.expectation)) atEnd.push(statement);
    else await judge(statement);
  }
  await waitUntil(endsWhenMet ? nowMs() : untilMs);
  for (const statement of atEnd) await judge(statement);
  return { watch, unmet };
}

/** A handover within the last few questions is no time of two owners: then the newest question that was answered counts. */
async function ownersOf(observer: Observation, address: string): Promise<string[]> {
  const recent = await observer.ownersNow(address);
  if (recent.length < 2) return recent;
  const answers = (await observer.answers()).filter((answer) => answer.address === address);
  const newest = Math.max(...answers.slice(-20).map(({ request }) => request));
  return [...new Set(answers.filter(({ request }) => request === newest).map(({ node }) => node))];
}
