import { createInterface } from 'node:readline';

/** The functions behind a table of calls: `{name: {args, result}}`. */
export type Handlers<Calls> = {
  [Op in keyof Calls]: Calls[Op] extends { args: infer Args; result: infer Result }
    ? (args: Args) => Result | Promise<Result>
    : never;
};

/** Writes one event or answer to the test. */
export function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * Answers calls that come over standard input until it ends; then this process ends, because the test is gone.
 */
export function serve<Calls>(handlers: Handlers<Calls>): void {
  // The test can die while this process still writes to it.
  process.stdout.on('error', () => process.exit(0));
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const call = JSON.parse(line) as { id: number; op: keyof Calls; args: unknown };
    const handler = handlers[call.op] as (args: unknown) => unknown;
    // Errors go back to the test, which knows what it wanted.
    new Promise((resolve) => resolve(handler(call.args))).then(
      (value) => tell({ id: call.id, value: value ?? null }),
      (error: unknown) =>
        tell({ id: call.id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  lines.on('close', () => process.exit(0));
}
