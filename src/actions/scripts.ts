/** Carries out one operation on a resource script: the contract of heartbeat-admin.md 4.1, with deadlines. */
import type { Resource } from '../config/types.js';
import type { LogLevel, Operation } from '../core/effect.js';
import type { OperationResult } from '../core/input.js';
import type { CaptureKeeper } from './scripts-capture.js';
import { findScript, type ScriptFolders } from './scripts-lookup.js';
import { runScript, type ScriptEnd, type ScriptOutcome } from './scripts-process.js';
import { judgeStatus } from './scripts-status.js';

/** The part of an operation that a script needs. */
export type ScriptRequest = Pick<Operation, 'verb' | 'deadlineMs' | 'environment'> & {
  readonly resource: Resource;
};

export interface ScriptContext {
  readonly folders: ScriptFolders;
  /** Whole environment but the operation's own variables. */
  readonly environment: (operation: Readonly<Record<string, string>>) => Record<string, string>;
  readonly workingDirectory: string;
  /** Bound of a `status` run, in ms. */
  readonly statusDeadlineMs: number;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  /** One line that a script printed. */
  readonly output: (line: string) => void;
  readonly captures: CaptureKeeper;
}

export interface ScriptControl {
  readonly cancel?: AbortSignal;
  readonly onStarted?: (processGroup: number) => void;
}

/**
 * `start`: status first, then start unless it runs. `stop`: stop. `release`: status first, stop if it runs.
 * A script that cannot be found fails start and stop, and has nothing to release. Never rejects; ends at the
 * latest about two seconds after the deadline.
 */
export async function runScriptOperation(
  request: ScriptRequest,
  context: ScriptContext,
  control: ScriptControl = {},
): Promise<OperationResult> {
  const found = findScript(request.resource.type, context.folders);
  if (!found.found) {
    context.log('error', 'script-missing', found.sentence);
    return request.verb === 'release' ? { ok: true } : { ok: false, detail: found.sentence, neverRan: true };
  }
  const untilMs = performance.now() + request.deadlineMs;
  const call = new ScriptCall(request, context, control, found.path);
  if (request.verb !== 'stop') {
    const statusDeadlineMs = Math.min(context.statusDeadlineMs, request.deadlineMs);
    const asking = request.verb === 'monitor';
    const status = await call.status(asking ? request.deadlineMs : statusDeadlineMs);
    if (!status.ok) return status;
    if (asking)
      return status.running
        ? { ok: true }
        : { ok: false, detail: `${found.path} status says that it does not run` };
    if (request.verb === 'start' && status.running) return { ok: true, alreadyActive: true };
    if (request.verb === 'release' && !status.running) return { ok: true };
  }
  const verb = request.verb === 'start' ? 'start' : 'stop';
  return await call.act(verb, Math.max(1, untilMs - performance.now()));
}

type StatusAnswer =
  | { readonly ok: true; readonly running: boolean }
  | { readonly ok: false; readonly detail: string };

class ScriptCall {
  constructor(
    private readonly request: ScriptRequest,
    private readonly context: ScriptContext,
    private readonly control: ScriptControl,
    private readonly path: string,
  ) {}

  async status(deadlineMs: number): Promise<StatusAnswer> {
    const outcome = await this.run('status', deadlineMs);
    for (const capture of outcome.captures) capture.close();
    const { end } = outcome;
    const answered = end.kind === 'exit' || end.kind === 'signal';
    const running = answered && judgeStatus(outcome.stdout) === 'running';
    // What works says so every few seconds: nobody wants to read that.
    if (this.request.verb === 'monitor' && !running) this.show(outcome);
    if (answered) return { ok: true, running };
    return this.failed('status', end, deadlineMs);
  }

  async act(verb: 'start' | 'stop', deadlineMs: number): Promise<OperationResult> {
    const words = [this.path, ...this.request.resource.args, verb].join(' ');
    this.context.log('info', `script-${verb}`, `Running ${words}`);
    const outcome = await this.run(verb, deadlineMs);
    this.settleCaptures(verb, outcome);
    const { end } = outcome;
    if (end.kind === 'exit' && end.code === 0) return { ok: true };
    return this.failed(verb, end, deadlineMs, lastLine(outcome));
  }

  private async run(verb: string, deadlineMs: number): Promise<ScriptOutcome> {
    const { context, control, request } = this;
    const outcome = await runScript({
      path: this.path,
      args: [...request.resource.args, verb],
      environment: context.environment(request.environment),
      workingDirectory: context.workingDirectory,
      deadlineMs,
      ...control,
    });
    if (request.verb !== 'monitor') this.show(outcome);
    return outcome;
  }

  private show(outcome: ScriptOutcome): void {
    const { context, request } = this;
    const name = request.resource.type;
    for (const line of lines(`${outcome.stdout}\n${outcome.stderr}`)) context.output(`${name}: ${line}`);
    if (outcome.omittedBytes > 0) {
      context.output(`${name}: (${outcome.omittedBytes} more bytes of output are not shown)`);
    }
  }

  /** A started daemon may go on writing to the file; after a stop nobody does. */
  private settleCaptures(verb: 'start' | 'stop', outcome: ScriptOutcome): void {
    const { word } = this.request.resource;
    const keep = verb === 'start' && outcome.end.kind === 'exit' && outcome.end.code === 0;
    if (verb === 'stop') {
      this.context.captures.drop(`${word} 0`);
      this.context.captures.drop(`${word} 1`);
    }
    outcome.captures.forEach((capture, index) => {
      if (keep) this.context.captures.keep(`${word} ${index}`, capture);
      else capture.close();
    });
  }

  private failed(
    verb: string,
    end: ScriptEnd,
    deadlineMs: number,
    lastWords = '',
  ): { readonly ok: false; readonly detail: string } {
    const code = end.kind === 'exit' ? end.code : end.kind === 'notStarted' ? 127 : 1;
    if (end.kind !== 'cancelled') {
      this.context.log('error', 'script-failed', `Return code ${code} from ${this.path}`);
    }
    const detail = `${this.path} ${verb} ${describe(end, deadlineMs)}${lastWords === '' ? '' : `: ${lastWords}`}`;
    if (end.kind !== 'exit') this.context.log('error', 'script-failed', detail);
    return { ok: false, detail };
  }
}

function describe(end: ScriptEnd, deadlineMs: number): string {
  switch (end.kind) {
    case 'exit':
      return `returned ${end.code}`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'cancelled':
      return 'was cancelled';
    case 'notStarted':
      return `could not be started: ${end.reason}`;
    case 'deadline': {
      const bound = `did not end within ${Math.round(deadlineMs)} ms`;
      return end.dead ? `${bound} and was killed` : `${bound} and cannot be killed (it hangs in the kernel)`;
    }
  }
}

function lines(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** The last thing a failing script said, for the reason of the failure. */
function lastLine(outcome: ScriptOutcome): string {
  const last = lines(outcome.stderr).at(-1) ?? lines(outcome.stdout).at(-1) ?? '';
  return last.trim().slice(0, 200);
}
