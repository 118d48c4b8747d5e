/** What every kind of fencing device has in common: one call of one program, its judgement, what is said of it. */
import type { StonithDevice } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import type { FenceResult } from '../../core/fencing/types.js';
import { runScript, type ScriptEnd, type ScriptOutcome } from '../scripts-process.js';

export type FencingVerb = 'reset' | 'off' | 'on' | 'status';

/** Where the programs of the devices are. */
export interface FencingFolders {
  /** Plugins of cluster-glue's contract: one executable for each `external/NAME`. */
  readonly external: string;
  /** cluster-glue's program for all of its plugins. */
  readonly stonith: string;
  /** Folders of the fence_* agents, the first that has one counts. */
  readonly agents: readonly string[];
}

export const FENCING_FOLDERS: FencingFolders = {
  external: '/usr/lib/stonith/plugins/external',
  stonith: '/usr/sbin/stonith',
  agents: ['/usr/sbin', '/sbin'],
};

export interface FencingContext {
  readonly folders: FencingFolders;
  readonly workingDirectory: string;
  readonly log: (level: LogLevel, code: string, text: string) => void;
}

/** One thing that a device is asked for. */
export interface DeviceCall {
  readonly device: StonithDevice;
  readonly verb: FencingVerb;
  /** Empty for `status`. */
  readonly node: string;
  readonly deadlineMs: number;
  readonly cancel?: AbortSignal;
}

/** One run of a program for a device. */
export interface ProgramRun {
  readonly path: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** For its standard input, a file in memory: no parameter stands in an argument list. */
  readonly input?: string;
  /** What must not appear in the log. */
  readonly secrets: readonly string[];
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The scripts of cluster-glue look for their helpers there (heartbeat-admin.md 6.2). */
const HELPERS = '/usr/share/cluster-glue';

/** Parameters whose values are secret, by their names in all three worlds. */
const SECRET_NAME = /pass|secret|token|commun|cred|key|auth/i;
/** Shorter ones are no secrets, and hiding them would hide the message. */
const SECRET_MIN_LENGTH = 3;

/** Values that must not be shown, of parameters with these names. */
export function secretsOf(names: readonly string[], values: readonly string[]): string[] {
  return values.filter((value, index) => {
    const name = names[index] ?? names.at(-1) ?? 'password';
    return SECRET_NAME.test(name) && value.length >= SECRET_MIN_LENGTH;
  });
}

/** Positional parameters by name; the last name gets the rest of the line (heartbeat-admin.md 1.4). */
export function namedParameters(names: readonly string[], text: string): Record<string, string> {
  const values = text.split(/\s+/).filter((value) => value !== '');
  const named: Record<string, string> = {};
  names.forEach((name, index) => {
    const isLast = index === names.length - 1;
    const value = isLast ? values.slice(index).join(' ') : values[index];
    if (value !== undefined && value !== '') named[name] = value;
  });
  return named;
}

/** Runs the program to its end. What it prints goes into the log, without secrets. Never rejects. */
export async function runProgram(
  run: ProgramRun,
  call: DeviceCall,
  context: FencingContext,
): Promise<ScriptOutcome> {
  const outcome = await runScript({
    path: run.path,
    args: run.args,
    environment: { PATH: `${HELPERS}:${SYSTEM_PATH}`, LC_ALL: 'C', HA_LOGD: 'no', ...run.environment },
    workingDirectory: context.workingDirectory,
    deadlineMs: call.deadlineMs,
    ...(run.input === undefined ? {} : { input: run.input }),
    ...(call.cancel === undefined ? {} : { cancel: call.cancel }),
  });
  for (const capture of outcome.captures) capture.close();
  for (const line of `${outcome.stdout}\n${outcome.stderr}`.split(/\r?\n/)) {
    if (line.trim() !== '')
      context.log('info', 'fencing-output', `${call.device.type}: ${hide(line, run.secrets)}`);
  }
  return outcome;
}

function hide(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line);
}

/** Exit 0 is done. Everything else is a failure; only a program that ended by itself surely knows that it failed. */
export function judge(outcome: ScriptOutcome, run: ProgramRun, call: DeviceCall): FenceResult {
  const { end } = outcome;
  if (end.kind === 'exit' && end.code === 0) return { ok: true };
  const last = `${outcome.stderr}\n${outcome.stdout}`
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .at(-1);
  const words = last === undefined ? '' : `: ${hide(last.trim().slice(0, 200), run.secrets)}`;
  const verb = call.node === '' ? call.verb : `${call.verb} ${call.node}`;
  return {
    ok: false,
    detail: `${call.device.type} ${verb} ${describe(end, call.deadlineMs)}${words}`,
    certain: end.kind === 'exit' || end.kind === 'notStarted',
  };
}

function describe(end: ScriptEnd, deadlineMs: number): string {
  switch (end.kind) {
    case 'exit':
      return `returned ${end.code}`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'cancelled':
      return 'was ended, because somebody else has seen to it';
    case 'notStarted':
      return `could not be started: ${end.reason}`;
    case 'deadline':
      return `did not end within ${Math.round(deadlineMs / 1000)} s`;
  }
}

/** A device that cannot be asked at all. */
export function impossible(detail: string): FenceResult {
  return { ok: false, detail, certain: true };
}
