/**
 * What stands for `node:test` while Stryker runs: the tests of a file are collected and run again and again in one warm
 * process, each for itself (plugin.ts). Has what the tests of the core use: describe, it and test with a name and a function.
 */
export interface CollectedTest {
  /** The names of the groups around it and its own. */
  readonly name: string;
  readonly run: (context: TestContext) => unknown;
}

/** What a test may say while it runs. */
export interface TestContext {
  diagnostic(sentence: string): void;
}

type Body = () => unknown;

const around: string[] = [];
let collected: CollectedTest[] = [];

export function describe(name: string, body: Body): void {
  around.push(name);
  body();
  around.pop();
}

export function it(name: string, run: CollectedTest['run']): void {
  collected.push({ name: [...around, name].join(' > '), run });
}

export const test = it;

/** The tests of the file that was imported last, in their order; forgets them. */
export function takeCollected(): readonly CollectedTest[] {
  const taken = collected;
  collected = [];
  return taken;
}
