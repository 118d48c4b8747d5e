/** The four kinds of fencing devices: how each is asked (heartbeat-admin.md 6.1, 6.2, 6.5). Secrets never stand in an argument list. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { FenceResult } from '../../core/fencing/types.js';
import {
  type DeviceCall,
  type FencingContext,
  type FencingVerb,
  impossible,
  judge,
  namedParameters,
  type ProgramRun,
  runProgram,
  secretsOf,
} from './call.js';
import { parseMetadata, unknownOptions } from './metadata.js';
import { keyValues } from './words.js';

const NAMES_DEADLINE_MS = 10_000;
/** The program's own standard input by a path, for programs that want a file. */
const STANDARD_INPUT = '/proc/self/fd/0';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function carryOut(run: ProgramRun, call: DeviceCall, context: FencingContext): Promise<FenceResult> {
  return judge(await runProgram(run, call, context), run, call);
}

/** `external/NAME`: an executable with verbs, parameters by environment (heartbeat-admin.md 6.2). */
export async function callExternal(call: DeviceCall, context: FencingContext): Promise<FenceResult> {
  const { type, parameters } = call.device;
  const path = join(context.folders.external, type.slice('external/'.length));
  if (!isExecutable(path))
    return impossible(`there is no plugin ${path}: install the package cluster-glue, or put it there.`);
  const tag = { HA_LOGTAG: type };
  const asking = { ...call, deadlineMs: Math.min(NAMES_DEADLINE_MS, call.deadlineMs) };
  const question: ProgramRun = { path, args: ['getconfignames'], environment: tag, secrets: [] };
  const quiet = { ...context, log: () => undefined };
  const answer = await runProgram(question, asking, quiet);
  const said = judge(answer, question, asking);
  if (!said.ok) return { ...said, detail: `getconfignames: ${said.detail}` };
  const names = answer.stdout.split(/\s+/).filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  const named = namedParameters(names, parameters);
  const run: ProgramRun = {
    path,
    args: call.verb === 'status' ? ['status'] : [call.verb, call.node],
    environment: { ...named, ...tag },
    secrets: secretsOf(Object.keys(named), Object.values(named)),
  };
  return await carryOut(run, call, context);
}

/** Every other plugin of cluster-glue, by its program `stonith`; the parameters stand in a file in memory. */
export async function callStonith(call: DeviceCall, context: FencingContext): Promise<FenceResult> {
  const { type, parameters } = call.device;
  const { stonith } = context.folders;
  if (!isExecutable(stonith))
    return impossible(`there is no program ${stonith}: install the package cluster-glue.`);
  const given = parameters.trim() === '' ? ['-p', ''] : ['-F', STANDARD_INPUT];
  const what = call.verb === 'status' ? ['-S'] : ['-T', call.verb, call.node];
  const values = parameters.split(/\s+/).filter((value) => value !== '');
  const run: ProgramRun = {
    path: stonith,
    args: ['-t', type, ...given, ...what],
    input: `${parameters}\n`,
    secrets: secretsOf(await stonithNames(call, context), values),
  };
  return await carryOut(run, call, context);
}

/** Names of the plugin's parameters, to know which are secret; when it does not say, all of them. */
async function stonithNames(call: DeviceCall, context: FencingContext): Promise<readonly string[]> {
  const run: ProgramRun = {
    path: context.folders.stonith,
    args: ['-t', call.device.type, '-n'],
    secrets: [],
  };
  const asking = { ...call, deadlineMs: NAMES_DEADLINE_MS };
  const answer = await runProgram(run, asking, { ...context, log: () => undefined });
  return judge(answer, run, asking).ok ? answer.stdout.split(/\s+/).filter((name) => name !== '') : [];
}

const AGENT_ACTIONS = { reset: 'reboot', off: 'off', on: 'on', status: 'monitor' } as const;

function agentPath(call: DeviceCall, context: FencingContext): string | undefined {
  const name = `fence_${call.device.type.slice('fence/'.length)}`;
  return context.folders.agents.map((folder) => join(folder, name)).find(isExecutable);
}

/** `fence/AGENT`: a fence_* program, options on its standard input (heartbeat-admin.md 6.5). */
export async function callAgent(call: DeviceCall, context: FencingContext): Promise<FenceResult> {
  const path = agentPath(call, context);
  if (path === undefined)
    return impossible(`there is no agent for ${call.device.type}: install the package fence-agents.`);
  const options = keyValues(call.device.parameters);
  const lines = [...options].map(([key, value]) => `${key}=${value}`);
  lines.push(`action=${AGENT_ACTIONS[call.verb]}`);
  if (call.node !== '') {
    lines.push(`nodename=${call.node}`);
    if (!options.has('plug') && !options.has('port')) lines.push(`plug=${call.node}`);
  }
  const run: ProgramRun = {
    path,
    args: [],
    input: `${lines.join('\n')}\n`,
    secrets: secretsOf([...options.keys()], [...options.values()]),
  };
  return await carryOut(run, call, context);
}

/**
 * Whether the agent knows what is configured: an action that it lacks is a failure, an option that it does not know is
 * said. Undefined: nothing is wrong, or the agent does not describe itself.
 */
export async function examineAgent(
  call: DeviceCall,
  needed: readonly FencingVerb[],
  context: FencingContext,
): Promise<FenceResult | undefined> {
  const path = agentPath(call, context);
  if (path === undefined) return undefined;
  const run: ProgramRun = { path, args: [], input: 'action=metadata\n', secrets: [] };
  const outcome = await runProgram(run, call, { ...context, log: () => undefined });
  const metadata = parseMetadata(outcome.stdout);
  if (metadata === undefined) return undefined;
  const unknown = unknownOptions(metadata, keyValues(call.device.parameters).keys());
  if (unknown.length > 0) {
    const sentence = `${call.device.type} in line ${call.device.line} of ha.cf has no option ${unknown.join(', ')}: see "fence_${call.device.type.slice('fence/'.length)} -o metadata".`;
    context.log('warn', 'fencing-option-unknown', sentence);
  }
  const absent = needed.map((verb) => AGENT_ACTIONS[verb]).filter((name) => !metadata.actions.includes(name));
  if (absent.length === 0) return undefined;
  return impossible(
    `${call.device.type} has no action ${absent.join(', ')}: choose another [fencing] action.`,
  );
}

/** `script`: any program, `PATH ACTION [NODE]`, exit 0 when it is done; NAME=VALUE words are its environment. */
export async function callScript(call: DeviceCall, context: FencingContext): Promise<FenceResult> {
  const [path = '', ...rest] = call.device.parameters.split(/\s+/).filter((word) => word !== '');
  if (!path.startsWith('/') || !isExecutable(path))
    return impossible(`the fencing script ${path} is not there or may not be executed.`);
  const options = keyValues(rest.join(' '));
  const run: ProgramRun = {
    path,
    args: call.verb === 'status' ? ['status'] : [call.verb, call.node],
    environment: Object.fromEntries(options),
    secrets: secretsOf([...options.keys()], [...options.values()]),
  };
  return await carryOut(run, call, context);
}
