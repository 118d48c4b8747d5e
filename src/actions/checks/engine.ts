/**
 * Many checks side by side, each in its own rhythm: a random start within the warm-up, then every `delayLoopMs`. Whoever
 * was good gets `retries` more attempts `delayBeforeRetryMs` apart before the verdict is bad; for the first verdict one
 * failure is enough, and who is bad is asked once in each round (measured with keepalived 2.2.7, where SMTP_CHECK alone
 * has its retries always; vrrp-lvs.md 3.5, 3.6). At most `concurrency` run at a time, those that wait come in turn. A
 * check that is removed says nothing more, and nothing of it stays behind.
 */
import type { CheckerTimes } from '../../config/virtual-server-types.js';
import { runCheck } from './check.js';
import type { CheckResult, CheckSpec } from './types.js';
import { type UrlRound, urlRound } from './url-round.js';

export interface EngineParts {
  /** Checks that run at the same time, >= 1. */
  readonly concurrency: number;
  /** 0 <= x < 1 */
  readonly random: () => number;
  /** Absent: runCheck. */
  readonly run?: (spec: CheckSpec, signal: AbortSignal) => Promise<CheckResult>;
}

export interface WatchedCheck {
  readonly spec: CheckSpec;
  readonly times: CheckerTimes;
  /** The first verdict, and every change of it (or of the weight). */
  readonly onVerdict: (result: CheckResult) => void;
  /** Every failed attempt, also those that are tried again. */
  readonly onFailure?: (result: CheckResult, attempt: number) => void;
}

export interface CheckEngine {
  /** Begins; the answer ends it. */
  add(check: WatchedCheck): () => void;
  /** Ends all of them. */
  close(): void;
  readonly running: number;
  readonly watched: number;
}

interface Entry {
  readonly check: WatchedCheck;
  readonly abort: AbortController;
  readonly round: UrlRound;
  timer: NodeJS.Timeout | undefined;
  failures: number;
  verdict: CheckResult | undefined;
}

/** Makes an engine that watches nothing yet. */
export function createCheckEngine(parts: EngineParts): CheckEngine {
  const run = parts.run ?? runCheck;
  const entries = new Set<Entry>();
  const waiting = new Set<Entry>();
  let running = 0;

  const plan = (entry: Entry, inMs: number): void => {
    entry.timer = setTimeout(() => {
      waiting.add(entry);
      pump();
    }, inMs);
  };
  const pump = (): void => {
    for (const entry of waiting) {
      if (running >= parts.concurrency) return;
      waiting.delete(entry);
      running += 1;
      void attempt(entry);
    }
  };
  const attempt = async (entry: Entry): Promise<void> => {
    const result = await run(entry.round.spec, entry.abort.signal);
    running -= 1;
    if (entries.has(entry)) judge(entry, result);
    pump();
  };
  const judge = (entry: Entry, result: CheckResult): void => {
    const { times, spec, onFailure } = entry.check;
    const isGood = entry.verdict?.ok === true;
    entry.failures = result.ok ? 0 : entry.failures + 1;
    if (!result.ok) onFailure?.(result, entry.failures);
    const hasRetries = isGood || spec.check.kind === 'smtp';
    if (!result.ok && hasRetries && entry.failures <= times.retries) {
      plan(entry, times.delayBeforeRetryMs);
      return;
    }
    entry.failures = 0;
    const verdict = entry.round.take(result, isGood);
    if (verdict === undefined) {
      plan(entry, entry.round.isHasty ? 0 : times.delayLoopMs);
      return;
    }
    const before = entry.verdict;
    entry.verdict = verdict;
    plan(entry, times.delayLoopMs);
    if (before?.ok !== verdict.ok || before.weight !== verdict.weight) entry.check.onVerdict(verdict);
  };
  const end = (entry: Entry): void => {
    clearTimeout(entry.timer);
    entries.delete(entry);
    waiting.delete(entry);
    entry.abort.abort();
  };

  return {
    add(check) {
      const abort = new AbortController();
      const round = urlRound(check.spec);
      const entry: Entry = { check, abort, round, timer: undefined, failures: 0, verdict: undefined };
      entries.add(entry);
      plan(entry, parts.random() * (check.times.warmupMs ?? check.times.delayLoopMs));
      return () => end(entry);
    },
    close() {
      for (const entry of [...entries]) end(entry);
    },
    get running() {
      return running;
    },
    get watched() {
      return entries.size;
    },
  };
}
