/** What a word of haresources means on this machine, and whether its agent would take its parameters. Changes nothing. */
import type { Resource } from '../../config/types.js';
import { type Agent, type AgentFolders, findAgent } from './agent.js';
import { type AgentMetadata, metadataOf } from './metadata.js';

export interface Examined {
  readonly word: string;
  /** Kind and place in words, e.g. "OCF agent /usr/lib/ocf/resource.d/heartbeat/Dummy". */
  readonly meaning: string;
  /** Absent where the program does it itself, or where there is no agent. */
  readonly kind?: Agent['kind'];
  /** Sentences; empty when all is well. */
  readonly problems: readonly string[];
  /** The time that its agent wants for a stop; absent: it says nothing. */
  readonly advisedStopMs?: number;
}

const KIND_WORDS: Readonly<Record<Agent['kind'], string>> = {
  heartbeat: 'resource script',
  lsb: 'init script',
  ocf: 'OCF agent',
  systemd: 'systemd unit',
};

/** Looks the resource up, and asks an OCF agent for its meta-data. Never rejects. */
export async function examineResource(
  resource: Resource,
  folders: AgentFolders,
  environment: Readonly<Record<string, string>>,
): Promise<Examined> {
  const { word, address } = resource;
  if (address !== undefined) {
    return { word, meaning: 'address, set by the program itself', problems: [] };
  }
  const found = findAgent(resource, folders);
  if (!found.found) return { word, meaning: 'nothing that could be run', problems: [found.sentence] };
  const { agent } = found;
  const { kind } = agent;
  const name = kind === 'systemd' ? (agent.args('start').at(-1) ?? '') : agent.path;
  const known = { word, kind, meaning: `${KIND_WORDS[kind]} ${name}` };
  const told = await metadataOf(agent, environment, '/');
  if (told === undefined) return { ...known, problems: [] };
  if (!told.ok) return { ...known, problems: [`${agent.path} cannot be examined. ${told.sentence}`] };
  const problems = parameterProblems(agent, told.metadata);
  const { stop } = told.metadata.advisedMs;
  return { ...known, problems, ...(stop === undefined ? {} : { advisedStopMs: stop }) };
}

function parameterProblems(agent: Agent, { parameters }: AgentMetadata): readonly string[] {
  const given = agent.parameters ?? [];
  const names = parameters.map(({ name }) => name);
  const unknown = given.filter((name) => !names.includes(name));
  const missing = parameters.filter(
    ({ name, required, hasDefault }) => required && !hasDefault && !given.includes(name),
  );
  const known = names.length === 0 ? 'It has none' : `It knows ${names.join(', ')}`;
  return [
    ...unknown.map((name) => `${agent.path} has no parameter ${name}. ${known}.`),
    ...missing.map(
      ({ name }) => `${agent.path} needs the parameter ${name}: write ::${name}=VALUE behind it.`,
    ),
  ];
}
