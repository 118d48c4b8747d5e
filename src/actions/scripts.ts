/** Carries out one operation on a resource, whatever kind of agent it has, with deadlines (heartbeat-admin.md 4.1, 4.4). */
import type { Resource } from '../config/types.js';
import type { LogLevel, Operation } from '../core/effect.js';
import type { OperationResult } from '../core/input.js';
import {
  type Agent,
  type AgentFolders,
  type AgentStatus,
  type AgentVerb,
  findAgent,
} from './agents/agent.js';
import { metadataOf } from './agents/metadata.js';
import type { CaptureKeeper } from './scripts-capture.js';

import { runScript, type ScriptEnd, type ScriptOutcome } from './scripts-process.js';

/** The part of an operation that a script needs. */
export type ScriptRequest = Pick<Operation, 'verb' | 'deadlineMs' | 'environment'> & {
  readonly resource: Resource;
};

export interface ScriptContext {
  readonly folders: AgentFolders;
  /** Whole environment but the operation's own variables. */
  readonly environment: (operation: Readonly<Record<string, string>>) => Record<string, string>;
  readonly workingDirectory: string;
  /** Bound of a `status` run, in ms. */
  readonly statusDeadlineMs: number;
  /** Deadlines that heartbeat.ini sets: they win over what an agent wants. Absent: none. */
  readonly writtenDeadlines?: readonly AgentVerb[];
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
  const found = findAgent(request.resource, context.folders);
  if (!found.found) {
    context.log('error', 'script-missing', found.sentence);
    return request.verb === 'release' ? { ok: true } : { ok: false, detail: found.sentence, neverRan: true };
  }
  const told = await metadataOf(found.agent, context.environment({}), context.workingDirectory);
  const advisedMs = told?.ok === true ? told.metadata.advisedMs : {};
  const call = new ScriptCall(request, context, control, found.agent);
  // What heartbeat.ini says; else what the agent wants; else the default.
  const deadlineOf = (action: AgentVerb, generalMs: number): number =>
    context.writtenDeadlines?.includes(action) === true ? generalMs : (advisedMs[action] ?? generalMs);
  const asking = request.verb === 'monitor';
  const deadlineMs = asking ? request.deadlineMs : deadlineOf(actionOf(request.verb), request.deadlineMs);
  const untilMs = performance.now() + deadlineMs;
  const leftMs = (): number => Math.max(1, untilMs - performance.now());
  if (request.verb !== 'stop') {
    const statusMs = asking ? deadlineMs : deadlineOf('status', context.statusDeadlineMs);
    const answer = await call.status(Math.min(statusMs, deadlineMs));
    if (!answer.ok) return answer;
    const done = settledBy(request.verb, answer.status, found.agent);
    if (done !== undefined) return done;
    if (request.verb === 'start' && answer.status.kind === 'failed') {
      const cleared = await call.clear(answer.status.reason, leftMs());
      if (!cleared.ok) return cleared;
    }
  }
  const verb = request.verb === 'start' ? 'start' : 'stop';
  return await call.act(verb, leftMs());
}

function actionOf(verb: 'start' | 'stop' | 'release'): AgentVerb {
  return verb === 'start' ? 'start' : 'stop';
}

/** The end of an operation that the status alone decides; undefined: there is something to do. */
function settledBy(
  verb: ScriptRequest['verb'],
  status: AgentStatus,
  { path }: Agent,
): OperationResult | undefined {
  const failure = status.kind === 'failed' ? `${path} monitor failed: ${status.reason}` : '';
  switch (verb) {
    case 'monitor':
      if (status.kind === 'running') return { ok: true };
      return { ok: false, detail: failure === '' ? `${path} status says that it does not run` : failure };
    case 'start':
      if (status.kind === 'running') return { ok: true, alreadyActive: true };
      return status.kind === 'failed' && status.hard
        ? { ok: false, detail: failure, neverRan: true }
        : undefined;
    case 'release':
      // What is not installed or not configured here cannot have left anything behind.
      return status.kind === 'stopped' || (status.kind === 'failed' && status.hard)
        ? { ok: true }
        : undefined;
    case 'stop':
      return undefined;
  }
}

type StatusAnswer =
  | { readonly ok: true; readonly status: AgentStatus }
  | { readonly ok: false; readonly detail: string };

class ScriptCall {
  constructor(
    private readonly request: ScriptRequest,
    private readonly context: ScriptContext,
    private readonly control: ScriptControl,
    private readonly agent: Agent,
  ) {}

  async status(deadlineMs: number): Promise<StatusAnswer> {
    const outcome = await this.run('status', deadlineMs);
    for (const capture of outcome.captures) capture.close();
    const { end } = outcome;
    const answered = end.kind === 'exit' || end.kind === 'signal';
    const exitCode = end.kind === 'exit' ? end.code : null;
    const status = this.agent.judge(exitCode, outcome.stdout);
    // What works says so every few seconds: nobody wants to read that.
    if (this.request.verb === 'monitor' && !(answered && status.kind === 'running')) this.show(outcome);
    if (answered) return { ok: true, status };
    return this.failed('status', end, deadlineMs);
  }

  /** Clears away what the status found broken: a start alone might take its remains for well. */
  async clear(reason: string, deadlineMs: number): Promise<OperationResult> {
    const { path, clearArgs } = this.agent;
    if (clearArgs === undefined) return { ok: true };
    const words = [path, ...clearArgs].join(' ');
    this.context.log('warn', 'script-clear', `Running ${words} before the start: ${reason}`);
    const outcome = await this.run('stop', deadlineMs, clearArgs);
    for (const capture of outcome.captures) capture.close();
    if (outcome.end.kind === 'exit' && outcome.end.code === 0) return { ok: true };
    return this.failed(clearArgs.join(' '), outcome.end, deadlineMs, lastLine(outcome));
  }

  async act(verb: 'start' | 'stop', deadlineMs: number): Promise<OperationResult> {
    const words = [this.agent.path, ...this.agent.args(verb)].join(' ');
    this.context.log('info', `script-${verb}`, `Running ${words}`);
    const outcome = await this.run(verb, deadlineMs);
    this.settleCaptures(verb, outcome);
    const { end } = outcome;
    if (end.kind === 'exit' && end.code === 0) return { ok: true };
    return this.failed(verb, end, deadlineMs, lastLine(outcome));
  }

  private async run(
    verb: AgentVerb,
    deadlineMs: number,
    args: readonly string[] = this.agent.args(verb),
  ): Promise<ScriptOutcome> {
    const { context, control, request } = this;
    const outcome = await runScript({
      path: this.agent.path,
      args,
      environment: { ...context.environment(request.environment), ...this.agent.environment(verb) },
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
      this.context.log('error', 'script-failed', `Return code ${code} from ${this.agent.path}`);
    }
    const detail = `${this.agent.path} ${verb} ${describe(end, deadlineMs)}${this.inWords(end)}${lastWords === '' ? '' : `: ${lastWords}`}`;
    if (end.kind !== 'exit') this.context.log('error', 'script-failed', detail);
    return { ok: false, detail };
  }

  private inWords(end: ScriptEnd): string {
    const words = end.kind === 'exit' ? this.agent.explain(end.code) : '';
    return words === '' ? '' : ` (${words})`;
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
