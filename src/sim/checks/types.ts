/** A check looks at a finished run from outside: at what was really active where, never at what a node believes it did. */
import type { Excuses } from '../excuses.js';
import type { Plan } from '../search/plan.js';
import type { Simulation } from '../simulation.js';

export interface FinishedRun {
  readonly sim: Simulation;
  readonly plan: Plan;
  readonly excuses: Excuses;
}

export interface Check {
  readonly name: string;
  /** What it demands, for `docs/simulator.md`. */
  readonly rule: string;
  /** Sentences that begin with the time in ms; empty when the rule held. */
  readonly judge: (run: FinishedRun) => string[];
}
