/** Whether what a scenario expects has come; when it has not, what was seen instead. */
import { groupTitle, type Names } from './names.js';
import type { Values } from './pattern.js';
import type { Expectation } from './verbs.js';
import type { Watch } from './watch.js';

export interface Scene {
  readonly names: Names;
  readonly watch: Watch;
  /** Whether the daemon of a node runs. */
  isRunning(node: string): boolean;
}

/** True: as expected; otherwise a sentence with what was seen. */
export type Verdict = true | string;

export const seconds = (ms: number): string => `${(Math.round(ms) / 1000).toFixed(ms < 10_000 ? 3 : 1)} s`;

const text = (values: Values, name: string): string => String(values.get(name) ?? '');

function stands(scene: Scene, group: string): string {
  const { owners, serving } = scene.watch.now(group);
  const title = groupTitle(scene.names.groups, group);
  if (owners.length === 0) return `${title} is on no node`;
  const partly = owners.filter((node) => !serving.includes(node));
  return `${title} is on ${owners.join(' and ')}${partly.length > 0 ? ` (${partly.join(' and ')}: not wholly)` : ''}`;
}

/** Judges by what stands now. `fromMs`: when the expectation was stated. */
export function judgeNow(
  scene: Scene,
  { kind }: Expectation,
  values: Values,
  fromMs: number,
  nowMs: number,
): Verdict {
  const { watch } = scene;
  const group = text(values, 'group');
  const node = text(values, 'node');
  const { owners, serving } = watch.now(group);
  const limitMs = Number(values.get('time') ?? 0);
  switch (kind) {
    case 'owner':
      return (owners.length === 1 && owners[0] === node && serving[0] === node) || `${stands(scene, group)}.`;
    case 'nobody':
      return owners.length === 0 || `${stands(scene, group)}.`;
    case 'oneOwner':
      return (owners.length === 1 && serving.length === 1) || `${stands(scene, group)}.`;
    case 'running':
      return scene.isRunning(node) || `the daemon of ${node} does not run.`;
    case 'off':
      return !scene.isRunning(node) || `the daemon of ${node} runs.`;
    case 'log':
      return saidWhat(scene, values, values.has('within') ? fromMs : 0);
    case 'noLog': {
      const found = watch.lines.find((line) => line.code === text(values, 'code') && isOf(line.node, values));
      return found === undefined || `${found.node} said at ${seconds(found.atMs)}: ${found.text}`;
    }
    case 'neverTwo': {
      const found = watch.groups
        .flatMap((key) => watch.twoOwners(key))
        .filter((one) => (one.untilMs ?? nowMs) - one.fromMs > limitMs);
      const [first] = found;
      if (first === undefined) return true;
      const lastedMs = (first.untilMs ?? nowMs) - first.fromMs;
      return `${groupTitle(scene.names.groups, first.group)} was on ${first.owners.join(' and ')} for ${seconds(lastedMs)} from ${seconds(first.fromMs)}${found.length > 1 ? `, and ${found.length - 1} more times` : ''}.`;
    }
    case 'outage': {
      const groups = values.has('group') ? [group] : watch.groups;
      const worst = groups
        .flatMap((key) => watch.outages(key))
        .map((one) => ({ ...one, lastedMs: (one.untilMs ?? nowMs) - one.fromMs }))
        .sort((a, b) => b.lastedMs - a.lastedMs)[0];
      if (worst === undefined || worst.lastedMs < limitMs) return true;
      return `${groupTitle(scene.names.groups, worst.group)} was down for ${seconds(worst.lastedMs)} from ${seconds(worst.fromMs)}.`;
    }
    case 'unmoved': {
      const moved = watch.groups.find((key) => {
        const last = watch.sights(key).at(-1);
        return last !== undefined && last.atMs > fromMs;
      });
      if (moved === undefined) return true;
      return `${groupTitle(scene.names.groups, moved)} moved at ${seconds(watch.now(moved).atMs)}.`;
    }
  }
}

const isOf = (node: string, values: Values): boolean => !values.has('node') || node === values.get('node');

function saidWhat({ watch }: Scene, values: Values, sinceMs: number): Verdict {
  const code = text(values, 'code');
  const candidates = watch.lines.filter((line) => isOf(line.node, values) && line.atMs >= sinceMs);
  if (candidates.some((line) => line.code === code)) return true;
  const codes = [...new Set(candidates.filter(({ isEvent }) => isEvent).map((line) => line.code))];
  return `nothing of that code was said; events were: ${codes.join(', ') || 'none'}.`;
}

/** Expectations about the whole scenario are judged at its end. */
export function isAboutAll({ kind }: Expectation): boolean {
  return kind === 'neverTwo' || kind === 'outage' || kind === 'noLog';
}
