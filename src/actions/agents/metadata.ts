/** Timeouts that an OCF agent advises for its actions, from its metadata. Asked for once; foreign text, so read narrowly. */
import { runScript } from '../scripts-process.js';
import type { Agent, AgentVerb } from './agent.js';

export type AdvisedMs = Partial<Record<AgentVerb, number>>;

/** An agent that takes longer to describe itself is not waited for. */
const DEADLINE_MS = 10_000;
const ACTION = /<action\b([^<>]*)>/g;
const ATTRIBUTE = /([A-Za-z_-]+)\s*=\s*"([^"]*)"/g;
const UNITS: Readonly<Record<string, number>> = {
  '': 1000,
  s: 1000,
  sec: 1000,
  ms: 1,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};
/** Nobody's action takes a day. */
const LONGEST_MS = 86_400_000;

/** Timeouts of start, stop and monitor; what is not understood is left out. */
export function advisedTimeouts(xml: string): AdvisedMs {
  const advised: AdvisedMs = {};
  for (const [, attributes = ''] of xml.matchAll(ACTION)) {
    const values = new Map(
      [...attributes.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, value]),
    );
    const verb = verbOf(values.get('name'));
    const timeoutMs = milliseconds(values.get('timeout') ?? '');
    if (verb === undefined || timeoutMs === undefined) continue;
    // Several monitors of different depth: the most patient one.
    advised[verb] = Math.max(advised[verb] ?? 0, timeoutMs);
  }
  return advised;
}

function verbOf(action: string | undefined): AgentVerb | undefined {
  if (action === 'start' || action === 'stop') return action;
  return action === 'monitor' ? 'status' : undefined;
}

function milliseconds(text: string): number | undefined {
  const [, digits, unit = ''] = /^\s*(\d{1,9})\s*([a-z]*)\s*$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (digits === undefined || factor === undefined) return undefined;
  return Math.min(Number(digits) * factor, LONGEST_MS);
}

const known = new Map<string, Promise<AdvisedMs>>();

/** The same from the agent itself; nothing when it has no metadata or does not give them. Never rejects. */
export function timeoutsOf(
  agent: Agent,
  environment: Readonly<Record<string, string>>,
  workingDirectory: string,
): Promise<AdvisedMs> {
  const { metadataArgs } = agent;
  if (metadataArgs === undefined) return Promise.resolve({});
  let timeouts = known.get(agent.path);
  if (timeouts === undefined) {
    timeouts = ask(agent.path, metadataArgs, environment, workingDirectory);
    known.set(agent.path, timeouts);
  }
  return timeouts;
}

async function ask(
  path: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  workingDirectory: string,
): Promise<AdvisedMs> {
  const outcome = await runScript({ path, args, environment, workingDirectory, deadlineMs: DEADLINE_MS });
  for (const capture of outcome.captures) capture.close();
  return outcome.end.kind === 'exit' && outcome.end.code === 0 ? advisedTimeouts(outcome.stdout) : {};
}
