/** Which nodes a device can end, as far as it tells: `gethosts` of the plugins, the slots of disks. */
import { accessSync, constants } from 'node:fs';
import type { StonithDevice } from '../../config/types.js';
import { askDisk } from '../sbd/ask.js';
import { type DeviceCall, type FencingContext, judge, type ProgramRun, runProgram } from './call.js';

const DEADLINE_MS = 20_000;
/** The program's own standard input by a path: parameters stand in no argument list. */
const STANDARD_INPUT = '/proc/self/fd/0';

/** Names in lower case; undefined: the device does not tell. Never rejects. */
export async function hostsOf(
  device: StonithDevice,
  context: FencingContext,
): Promise<readonly string[] | undefined> {
  if (device.type === 'script' || device.type.startsWith('fence/')) return undefined;
  const names = device.type === 'sbd' ? await slotsOf(device) : await askPlugin(device, context);
  const hosts = names?.map((name) => name.toLowerCase()).filter((name) => name !== '');
  return hosts === undefined || hosts.length === 0 ? undefined : hosts;
}

async function slotsOf({ parameters }: StonithDevice): Promise<readonly string[] | undefined> {
  const [first] = parameters.split(',');
  if (first === undefined || first === '') return undefined;
  const answer = await askDisk(first, ['status']);
  return 'posted' in answer ? answer.posted.names : undefined;
}

async function askPlugin(device: StonithDevice, context: FencingContext): Promise<string[] | undefined> {
  const { stonith } = context.folders;
  try {
    accessSync(stonith, constants.X_OK);
  } catch {
    return undefined;
  }
  const { type, parameters } = device;
  const given = parameters.trim() === '' ? ['-p', ''] : ['-F', STANDARD_INPUT];
  const run: ProgramRun = {
    path: stonith,
    args: ['-t', type, ...given, '-l'],
    input: `${parameters}\n`,
    secrets: [],
  };
  const call: DeviceCall = { device, verb: 'status', node: '', deadlineMs: DEADLINE_MS };
  const outcome = await runProgram(run, call, { ...context, log: () => undefined });
  if (!judge(outcome, run, call).ok) return undefined;
  // Some plugins give "NODE:OUTLET".
  return outcome.stdout.split(/\s+/).map((word) => word.split(/[:=;,]/)[0] ?? '');
}
