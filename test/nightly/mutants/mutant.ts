/**
 * Deliberate protocol faults: each is a small change of the core, made in a copy of the built program. The random search has
 * to catch every one of them within its default number of seeds, or the row names the test of `npm test` that does, and says
 * why the search does not; that test is run against the mutant.
 */

/** A test of `npm test`. */
export interface NamedTest {
  /** From the top folder, without its ending: `test/sim/pause.test`. */
  readonly file: string;
  /** Its name, or a part of it that no other test of the file has. */
  readonly name: string;
  /** Why the search sees the fault never, or less often than once in its default number of seeds. */
  readonly because: string;
}

export interface Mutant {
  /** What is broken, in words. */
  readonly name: string;
  /** Below src/core, without its ending. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** A second place of the same file, where one rule stands behind another and each hides the loss of the other. */
  readonly also?: { readonly find: string; readonly replace: string };
  /** What sees it instead of the search; absent: the search has to. */
  readonly caughtBy?: NamedTest;
}
