/** The recorded runs of two originals (test/fixtures/sequences), each as a scenario: the same holders at every moment that was looked at. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { type GoldenFolder, goldenFolders } from './support/golden.js';
import { playFolder, SEQUENCES_PAIR } from './support/scenario.js';

/** Where the outcome is another one on purpose, why. docs/simulate.md has the same list. */
const BETTER: Readonly<Record<string, string>> = {
  failstart: 'the original leaves a down on both nodes; here node2, which can serve it, does',
  mixaf: 'the original loses a, which nobody holds; here each node serves its own',
  oneway: 'the original has two owners of a; here node1, which is not confirmed, lets go first',
  reload: 'the original has two owners of everything; here nothing moves',
};

const RECORDED = join(repositoryRoot(), 'test', 'fixtures', 'sequences');
const names = readdirSync(RECORDED).map((file) => file.replace('.json', ''));

interface Look {
  readonly atMs: number;
  /** The nodes that held each. */
  readonly holders: Readonly<Record<'a' | 'b', readonly string[]>>;
}

/** "HELD node1:['a'] | node2:None" of a trace. */
function recorded(name: string): Look[] {
  const { steps } = JSON.parse(readFileSync(join(RECORDED, `${name}.json`), 'utf8')) as {
    steps: { atS: number; event?: string }[];
  };
  return steps.flatMap(({ atS, event = '' }) => {
    if (!event.startsWith('HELD ')) return [];
    const held = [...event.matchAll(/(node\d):(\S[^|]*)/g)].map(([, node = '', list = '']) => ({
      node,
      list,
    }));
    const of = (service: string): string[] =>
      held.filter(({ list }) => list.includes(`'${service}'`)).map(({ node }) => node);
    // Scenarios count tenths; and what is done at that moment is done after the look.
    return [{ atMs: Math.floor(atS * 10) * 100 - 1, holders: { a: of('a'), b: of('b') } }];
  });
}

/** Who served at the same moments of the scenario. */
function played(folder: GoldenFolder, looks: readonly Look[]): Look[] {
  const { watch } = playFolder(folder, SEQUENCES_PAIR).played;
  return looks.map(({ atMs }) => {
    const at = (group: string): readonly string[] =>
      watch.sights(group).findLast((sight) => sight.atMs <= atMs)?.serving ?? [];
    return { atMs, holders: { a: at('tsvc::a'), b: at('tsvc::b') } };
  });
}

describe("the original's recorded scenarios", () => {
  it('each has its scenario, and each scenario its record', () => {
    assert.ok(names.length >= 19, `${names.length}`);
    assert.deepEqual(
      goldenFolders('sequences').map(({ name }) => name),
      names.sort(),
    );
  });

  for (const folder of goldenFolders('sequences')) {
    const why = BETTER[folder.name];
    const looks = recorded(folder.name);
    // Three traces are about messages; nobody looked at the services.
    if (looks.length === 0) continue;
    it(`${folder.name}: ${why ?? 'the same holders'}`, () => {
      if (why === undefined) assert.deepEqual(played(folder, looks), looks);
      else assert.notDeepEqual(played(folder, looks), looks);
    });
  }
});
