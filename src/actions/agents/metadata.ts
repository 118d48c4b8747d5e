/** What an OCF agent says of itself with `meta-data` (OCF resource agent API 1.0): parameters, and times of its actions. */
import { statSync } from 'node:fs';
import { runScript } from '../scripts-process.js';
import type { Agent, AgentVerb } from './agent.js';
import { readXml, type XmlElement } from './xml.js';

export type AdvisedMs = Partial<Record<AgentVerb, number>>;

export interface AgentParameter {
  readonly name: string;
  readonly required: boolean;
  readonly hasDefault: boolean;
}

export interface AgentMetadata {
  readonly parameters: readonly AgentParameter[];
  /** Timeouts that the agent advises; what is not understood is left out. */
  readonly advisedMs: AdvisedMs;
}

export type MetadataResult =
  | { readonly ok: true; readonly metadata: AgentMetadata }
  /** Sentences about the agent, e.g. `Its meta-data is no XML: line 3: ...`. */
  | { readonly ok: false; readonly sentence: string };

/** An agent that takes longer to describe itself is not waited for. */
const DEADLINE_MS = 10_000;
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

/** Understands the XML that an agent printed. Never throws. */
export function parseMetadata(xml: string): MetadataResult {
  const read = readXml(xml.trimStart());
  if (!read.ok) return { ok: false, sentence: `Its meta-data is no XML: line ${read.line}: ${read.reason}.` };
  const { root } = read;
  if (root.name !== 'resource-agent') {
    return { ok: false, sentence: `Its meta-data describes no resource-agent, but ${root.name}.` };
  }
  const parameters = below(root, 'parameters', 'parameter').flatMap(parameterOf);
  return { ok: true, metadata: { parameters, advisedMs: advised(below(root, 'actions', 'action')) } };
}

function below(root: XmlElement, list: string, item: string): readonly XmlElement[] {
  return root.children
    .filter(({ name }) => name === list)
    .flatMap(({ children }) => children.filter(({ name }) => name === item));
}

function parameterOf({ attributes, children }: XmlElement): AgentParameter[] {
  const name = attributes.get('name');
  if (name === undefined) return [];
  const content = children.find((child) => child.name === 'content');
  const required = ['1', 'true', 'yes'].includes(attributes.get('required') ?? '');
  return [{ name, required, hasDefault: content?.attributes.has('default') === true }];
}

function advised(actions: readonly XmlElement[]): AdvisedMs {
  const found: AdvisedMs = {};
  for (const { attributes } of actions) {
    const verb = verbOf(attributes.get('name'));
    const timeoutMs = milliseconds(attributes.get('timeout') ?? '');
    if (verb === undefined || timeoutMs === undefined) continue;
    // Several monitors of different depth: the most patient one.
    found[verb] = Math.max(found[verb] ?? 0, timeoutMs);
  }
  return found;
}

function verbOf(action: string | undefined): AgentVerb | undefined {
  if (action === 'start' || action === 'stop') return action;
  return action === 'monitor' ? 'status' : undefined;
}

function milliseconds(text: string): number | undefined {
  const [, digits, unit = ''] = /^\s*(\d{1,9})\s*([a-z]*)\s*$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (digits === undefined || factor === undefined || Number(digits) === 0) return undefined;
  return Math.min(Number(digits) * factor, LONGEST_MS);
}

interface Known {
  readonly version: string;
  readonly result: Promise<MetadataResult>;
}

const known = new Map<string, Known>();

/**
 * What the agent says of itself: it is asked once, and again only when its file has changed. Undefined: it is of a
 * kind that says nothing. Never rejects.
 */
export async function metadataOf(
  agent: Agent,
  environment: Readonly<Record<string, string>>,
  workingDirectory: string,
): Promise<MetadataResult | undefined> {
  const { metadataArgs, path } = agent;
  if (metadataArgs === undefined) return undefined;
  const version = fileVersion(path);
  const earlier = known.get(path);
  if (earlier?.version === version) return await earlier.result;
  const variables = { ...environment, ...agent.environment('status') };
  const result = ask(path, metadataArgs, variables, workingDirectory);
  known.set(path, { version, result });
  return await result;
}

function fileVersion(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? '' : `${status.ino} ${status.size} ${status.mtimeMs}`;
}

async function ask(
  path: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  workingDirectory: string,
): Promise<MetadataResult> {
  const outcome = await runScript({ path, args, environment, workingDirectory, deadlineMs: DEADLINE_MS });
  for (const capture of outcome.captures) capture.close();
  const { end } = outcome;
  if (end.kind === 'deadline') {
    return { ok: false, sentence: `It did not tell its meta-data within ${DEADLINE_MS} ms.` };
  }
  if (end.kind !== 'exit' || end.code !== 0) {
    return {
      ok: false,
      sentence: `"meta-data" ${end.kind === 'exit' ? `returned ${end.code}` : 'did not end well'}.`,
    };
  }
  if (outcome.omittedBytes > 0) return { ok: false, sentence: 'Its meta-data is longer than 64 KiB.' };
  return parseMetadata(outcome.stdout);
}
