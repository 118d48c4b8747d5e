/** `cl_status`: the questions of heartbeat-admin.md 5.4 with their outputs and exit codes. */
import type { LinkSnapshot, NodeSnapshot, StatusSnapshot } from '../core/snapshot-types.js';
import { ask } from '../daemon/control/client.js';
import type { ControlRequest, ControlResponse } from '../daemon/control/protocol.js';
import { controlSocketPath, type Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';

interface Call {
  readonly names: readonly string[];
  readonly flags: ReadonlySet<string>;
  /** Value of `-p` of hbparameter. */
  readonly parameter: string | undefined;
}

/** A broken off question: what is said on standard error, and the exit code. */
class Refusal extends Error {
  constructor(
    readonly sentence: string,
    readonly code: number,
  ) {
    super(sentence);
  }
}

type Question = (call: Call, desk: Desk) => Promise<number>;

/** What a question needs: the daemon's answers and a place to print. */
interface Desk {
  readonly output: Output;
  status(): Promise<StatusSnapshot>;
  parameter(name: string): Promise<string | null>;
}

const BAD_NODE = 'Error. May be due to incorrect node name';

/** Runs `cl_status ARGS`; returns the exit code. */
export async function runClStatus(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const call = readCall(argv);
  const name = argv.find((word) => !word.startsWith('-'));
  if (typeof call === 'string' || name === undefined) {
    if (typeof call === 'string') output.err(`ERROR: ${call}`);
    output.err(USAGE);
    return EXIT.clStatusUsage;
  }
  const question = Object.hasOwn(QUESTIONS, name) ? QUESTIONS[name] : undefined;
  if (question === undefined) {
    output.err(`ERROR: ${name}: invalid sub-command.`);
    output.err(USAGE);
    return EXIT.clStatusUsage;
  }
  try {
    return await question(call, desk(paths, output));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (name === 'hbstatus' && error.code === EXIT.other) output.out('Heartbeat is stopped on this machine.');
    else if (error.sentence !== '') output.err(error.sentence);
    return error.code;
  }
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  hbstatus,
  listnodes,
  nodestatus,
  nodetype,
  nodeweight: (call, at) => aboutNode(call, at, () => '100', 'weight'),
  nodesite: (call, at) => aboutNode(call, at, () => '', 'site'),
  listhblinks,
  hblinkstatus,
  clientstatus,
  rscstatus,
  hbparameter,
};

const USAGE = `usage: cl_status SUB-COMMAND [-m] [-v] [ARGUMENTS]
  hbstatus [-v]              is heartbeat running here
  listnodes [-n] [-p] [-v]   names of all nodes, normal ones, ping nodes
  nodestatus NODE            up, active, init, ping or dead
  nodetype NODE              normal or ping
  nodeweight NODE            weight
  nodesite NODE              site
  listhblinks NODE [-v]      links to the node
  hblinkstatus NODE LINK     up or dead
  clientstatus NODE CLIENT [MILLISECONDS]   online or offline
  rscstatus                  none, local, foreign, all or transition
  hbparameter -p NAME        value of a parameter
  -m says it in words a person reads`;

async function hbstatus(call: Call, at: Desk): Promise<number> {
  const status = await at.status();
  if (call.flags.has('v')) {
    at.output.out(`version:\t${status.program}`);
    at.output.out('managed by:\t"haresources"');
    printNodesInFull(status.nodes, at.output);
    return EXIT.ok;
  }
  at.output.out('Heartbeat is running on this machine.');
  return EXIT.ok;
}

async function listnodes(call: Call, at: Desk): Promise<number> {
  const { nodes } = await at.status();
  const { flags } = call;
  const wanted = nodes.filter(
    (node) =>
      flags.has('n') === flags.has('p') || (flags.has('p') ? node.kind === 'ping' : node.kind === 'normal'),
  );
  if (flags.has('m')) at.output.out('The nodes are as follow:');
  if (flags.has('v')) printNodesInFull(wanted, at.output);
  else for (const node of newestFirst(wanted)) at.output.out(node.name);
  return EXIT.ok;
}

/** As the original lists them: the last one added first, ping nodes before the nodes; their links likewise. */
function newestFirst(nodes: readonly NodeSnapshot[]): readonly NodeSnapshot[] {
  const ping = nodes.filter((node) => node.kind === 'ping');
  const normal = nodes.filter((node) => node.kind === 'normal');
  return [...ping.reverse(), ...normal.reverse()];
}

function printNodesInFull(nodes: readonly NodeSnapshot[], output: Output): void {
  for (const node of newestFirst(nodes)) {
    output.out('');
    output.out(`${node.name}\t${node.status}\t(nodetype: ${node.kind})`);
    for (const link of [...node.links].reverse()) output.out(`\t${link.name}\t${link.status}`);
  }
}

async function nodestatus(call: Call, at: Desk): Promise<number> {
  const node = await nodeOf(call, at);
  at.output.out(call.flags.has('m') ? `The cluster node ${node.name} is ${node.status}` : node.status);
  return node.status === 'dead' ? EXIT.other : EXIT.ok;
}

function nodetype(call: Call, at: Desk): Promise<number> {
  return aboutNode(call, at, (node) => node.kind, 'type');
}

async function aboutNode(
  call: Call,
  at: Desk,
  value: (node: NodeSnapshot) => string,
  what: string,
): Promise<number> {
  const node = await nodeOf(call, at);
  const text = value(node);
  at.output.out(call.flags.has('m') ? `The node ${node.name}'s ${what}: ${text}` : text);
  return EXIT.ok;
}

async function listhblinks(call: Call, at: Desk): Promise<number> {
  const node = await nodeOf(call, at, EXIT.clStatusApi);
  if (call.flags.has('m')) at.output.out('\tthis node has the following heartbeat links:');
  for (const link of [...node.links].reverse()) {
    at.output.out(call.flags.has('v') ? `\t${link.name}\t${link.status}` : `\t${link.name}`);
  }
  return EXIT.ok;
}

async function hblinkstatus(call: Call, at: Desk): Promise<number> {
  const node = await nodeOf(call, at, EXIT.clStatusApi);
  const name = call.names[1];
  if (name === undefined) throw new Refusal('No enough parameter.', EXIT.clStatusUsage);
  const link: LinkSnapshot | undefined = node.links.find((one) => one.name === name);
  if (link === undefined) {
    throw new Refusal(`ERROR: node ${node.name} has no heartbeat link ${name}.`, EXIT.clStatusApi);
  }
  at.output.out(
    call.flags.has('m') ? `The node ${node.name}'s heartbeat link ${name} is ${link.status}` : link.status,
  );
  return link.status === 'up' ? EXIT.ok : EXIT.other;
}

/** No clients register with this program, so every client of a known node is offline. */
async function clientstatus(call: Call, at: Desk): Promise<number> {
  if (call.names.length < 2) throw new Refusal('No enough parameter.', EXIT.clStatusUsage);
  await nodeOf(call, at, EXIT.clStatusApi);
  at.output.out('offline');
  return EXIT.other;
}

async function rscstatus(call: Call, at: Desk): Promise<number> {
  const { resources } = await at.status();
  at.output.out(call.flags.has('m') ? `This node is holding ${resources} resources.` : resources);
  return EXIT.ok;
}

async function hbparameter(call: Call, at: Desk): Promise<number> {
  const { parameter } = call;
  if (parameter === undefined) throw new Refusal('ERROR: parameter name required', EXIT.clStatusUsage);
  const value = await at.parameter(parameter);
  if (value === null) {
    throw new Refusal(`ERROR: parameter ${parameter} is not set, or there is none of that name.`, EXIT.other);
  }
  at.output.out(call.flags.has('m') ? `Heartbeat parameter ${parameter}'s value: ${value}` : value);
  return EXIT.ok;
}

async function nodeOf(call: Call, at: Desk, unknown: number = EXIT.clStatusUsage): Promise<NodeSnapshot> {
  const name = call.names[0]?.toLowerCase();
  if (name === undefined) throw new Refusal('No enough parameter.', EXIT.clStatusUsage);
  const { nodes } = await at.status();
  const node = nodes.find((one) => one.name.toLowerCase() === name);
  if (node === undefined) throw new Refusal(BAD_NODE, unknown);
  return node;
}

function desk(paths: Paths, output: Output): Desk {
  const question = async <K extends ControlResponse['kind']>(
    request: ControlRequest,
    kind: K,
  ): Promise<Extract<ControlResponse, { kind: K }>> => {
    const answer = await ask(controlSocketPath(paths), request);
    if (!answer.ok) {
      const code = answer.cause === 'failed' ? EXIT.clStatusApi : EXIT.other;
      throw new Refusal(`ERROR: Cannot signon with heartbeat\nREASON: ${answer.reason}`, code);
    }
    const { response } = answer;
    if (isKind(response, kind)) return response;
    const reason = response.kind === 'refused' ? response.reason : 'The daemon gave an unexpected answer.';
    throw new Refusal(`ERROR: ${reason}`, EXIT.clStatusApi);
  };
  return {
    output,
    status: async () => (await question({ kind: 'snapshot' }, 'snapshot')).snapshot.status,
    parameter: async (name) => (await question({ kind: 'hbparameter', name }, 'hbparameter')).value,
  };
}

function isKind<K extends ControlResponse['kind']>(
  response: ControlResponse,
  kind: K,
): response is Extract<ControlResponse, { kind: K }> {
  return response.kind === kind;
}

/** Options may stand anywhere; a string is what is wrong with them. */
function readCall(argv: readonly string[]): Call | string {
  const words: string[] = [];
  const flags = new Set<string>();
  let parameter: string | undefined;
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    for (let index = 1; index < word.length; index += 1) {
      const letter = word.charAt(index);
      if (!'mvnp'.includes(letter)) return `option ${word} is not understood.`;
      if (letter === 'p' && argv.includes('hbparameter')) {
        parameter = word.slice(index + 1) || rest.shift();
        break;
      }
      flags.add(letter);
    }
  }
  return { names: words.slice(1), flags, parameter };
}
