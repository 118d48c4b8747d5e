/** Reporter of node's test runner: one JSON line per event that counts (runner/outcome.ts reads them). */

/** One line of the file. */
export type ReportedEvent =
  | { readonly kind: 'begun'; readonly name: string; readonly nesting: number }
  | {
      readonly kind: 'passed' | 'failed' | 'skipped';
      readonly name: string;
      readonly nesting: number;
      readonly isSuite: boolean;
      /** Why it failed or was skipped; empty when it passed. */
      readonly reason: string;
      /** True when it failed only because of tests inside it, which are reported by themselves. */
      readonly byInner: boolean;
    }
  /** Every test has been reported. */
  | { readonly kind: 'complete' };

interface RunnerEvent {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly nesting?: number;
    readonly message?: string;
    readonly skip?: boolean | string;
    readonly todo?: boolean | string;
    readonly details?: { readonly type?: string; readonly error?: unknown };
  };
}

/** What a person needs of a failure: the stack of the error that the test threw, message first. */
function failureText(error: unknown): { reason: string; byInner: boolean } {
  if (!(error instanceof Error)) return { reason: String(error), byInner: false };
  const byInner = (error as { failureType?: string }).failureType === 'subtestsFailed';
  const cause = error.cause ?? error;
  if (!(cause instanceof Error)) return { reason: String(cause), byInner };
  return { reason: cause.stack ?? cause.message, byInner };
}

function translate({ type, data }: RunnerEvent): ReportedEvent | undefined {
  const name = data.name ?? '';
  const nesting = data.nesting ?? 0;
  if (type === 'test:dequeue') return { kind: 'begun', name, nesting };
  if (type === 'test:diagnostic' && nesting === 0 && data.message?.startsWith('duration_ms ') === true) {
    return { kind: 'complete' };
  }
  if (type !== 'test:pass' && type !== 'test:fail') return undefined;
  const isSuite = data.details?.type === 'suite';
  const excuse = data.skip ?? data.todo;
  if (excuse !== undefined && excuse !== false) {
    const reason = typeof excuse === 'string' ? excuse : 'no reason given';
    return { kind: 'skipped', name, nesting, isSuite, reason, byInner: false };
  }
  if (type === 'test:pass') return { kind: 'passed', name, nesting, isSuite, reason: '', byInner: false };
  return { kind: 'failed', name, nesting, isSuite, ...failureText(data.details?.error) };
}

/** The reporter, for `--test-reporter`. */
export default async function* reporter(events: AsyncIterable<RunnerEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const line = translate(event);
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
  }
}
