/**
 * The test runner of `npm run mutants`, a plugin of Stryker. All mutants are compiled once, each behind a switch; the tests
 * of the core and of the simulator are loaded once into one process, and each mutant is switched on for those tests that
 * come to its place, until the first of them fails. A mutant so costs seconds at most where a process for each file would
 * cost half a minute.
 */
import { readdirSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import type { CollectedTest } from './collected.js';

/** Below test/: what exercises the core without a process of its own. */
const FOLDERS = ['unit/core', 'conformance', 'sim'] as const;
/** Hundreds of runs each: too slow for thousands of mutants. `npm run sim -- --mutants` has the searching ones. */
const LEFT_OUT = [
  'fresh-seeds',
  'search.test',
  'fencing-handover',
  'determinism',
  'conformance/scripts',
] as const;

/** For the rooms of the core whose rules have tests of their own: those. All other rooms are tried on all tests. */
const OF_ROOM: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'guard',
    ['unit/core/disk', 'sim/watchdog', 'sim/pause', 'sim/sleep', 'sim/partition', 'sim/former-failures'],
  ],
  [
    'membership',
    ['unit/core/loss', 'sim/start', 'sim/pause', 'sim/sleep', 'sim/partition', 'sim/former-failures'],
  ],
  [
    'fencing',
    [
      'unit/core/stonith-words',
      'unit/core/fencing-limit',
      'sim/fencing.test',
      'sim/fencing-devices',
      'sim/former-failures',
    ],
  ],
  ['witness', ['sim/witness', 'sim/beside-others', 'sim/former-failures']],
  ['vrrp', ['unit/core/vrrp', 'sim/vrrp']],
  ['director', ['unit/core/director']],
]);

/** What the instrumented program reads and writes (the global `__stryker__`). */
interface Switches {
  activeMutant?: string;
  currentTestId?: string;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: MutantCoverage;
}

interface Known {
  readonly id: string;
  readonly file: string;
  readonly run: CollectedTest['run'];
  /** Of its run without a mutant. */
  timeMs: number;
  /** How many mutants it was the first to catch: such tests come first. */
  caught: number;
}

const world = globalThis as typeof globalThis & { __stryker__?: Switches };

function testFiles(top: string): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(top, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !LEFT_OUT.some((part) => path.includes(part)))
      .sort(),
  );
}

/** True when a mutant of that file of the core is tried on that test file. */
function isOfRoom(mutated: string, testFile: string): boolean {
  const room = /src[\\/]core[\\/](\w+)[\\/]/.exec(mutated)?.[1] ?? '';
  const parts = OF_ROOM.get(room);
  return parts === undefined || parts.some((part) => testFile.startsWith(part));
}

class InProcessRunner implements TestRunner {
  readonly #tests: Known[] = [];

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  async init(): Promise<void> {
    world.__stryker__ ??= {};
    register('./hooks.js', import.meta.url);
    const { takeCollected } = await import('./collected.js');
    const top = join(process.cwd(), 'dist', 'test');
    for (const path of testFiles(top)) {
      const file = path.slice(top.length + 1).replace(/\.js$/, '.ts');
      await import(pathToFileURL(path).href);
      for (const { name, run } of takeCollected()) {
        const twins = this.#tests.filter(({ id }) => id === `${file} > ${name}`).length;
        const id = twins === 0 ? `${file} > ${name}` : `${file} > ${name} (${twins + 1})`;
        this.#tests.push({ id, file, run, timeMs: 0, caught: 0 });
      }
    }
  }

  async dryRun({ files = [] }: DryRunOptions): Promise<DryRunResult> {
    const switches = this.#switches();
    const tests: TestResult[] = [];
    for (const test of this.#tests) {
      if (!files.some((mutated) => isOfRoom(mutated, test.file))) continue;
      switches.currentTestId = test.id;
      tests.push(await runOne(test));
    }
    delete switches.currentTestId;
    const { mutantCoverage } = switches;
    const complete = { status: DryRunStatus.Complete, tests } as const;
    return mutantCoverage === undefined ? complete : { ...complete, mutantCoverage };
  }

  async mutantRun({ testFilter, activeMutant, hitLimit }: MutantRunOptions): Promise<MutantRunResult> {
    const switches = this.#switches();
    const wanted = new Set(testFilter ?? this.#tests.map(({ id }) => id));
    const chosen = this.#tests
      .filter(({ id, file }) => wanted.has(id) && isOfRoom(activeMutant.fileName, file))
      .sort((left, right) => right.caught - left.caught || left.timeMs - right.timeMs);
    const tests: TestResult[] = [];
    switches.activeMutant = activeMutant.id;
    switches.hitCount = 0;
    if (hitLimit !== undefined) switches.hitLimit = hitLimit;
    try {
      for (const test of chosen) {
        const result = await runOne(test);
        const endless = determineHitLimitReached(switches.hitCount, hitLimit);
        if (endless !== undefined) return toMutantRunResult(endless);
        tests.push(result);
        if (result.status !== TestStatus.Failed) continue;
        test.caught += 1;
        break;
      }
    } finally {
      delete switches.activeMutant;
      delete switches.hitCount;
      delete switches.hitLimit;
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests }, false);
  }

  #switches(): Switches {
    world.__stryker__ ??= {};
    return world.__stryker__;
  }
}

async function runOne(test: Known): Promise<TestResult> {
  const beginMs = performance.now();
  const result = { id: test.id, name: test.id, fileName: test.file };
  try {
    await test.run({ diagnostic: () => undefined });
    const timeSpentMs = performance.now() - beginMs;
    if (test.timeMs === 0) test.timeMs = timeSpentMs;
    return { ...result, timeSpentMs, status: TestStatus.Success };
  } catch (error) {
    const failureMessage = error instanceof Error ? error.message.slice(0, 300) : String(error);
    return { ...result, timeSpentMs: performance.now() - beginMs, status: TestStatus.Failed, failureMessage };
  }
}

/** The name that Stryker looks for. */
export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
