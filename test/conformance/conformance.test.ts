import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goldenFolders } from './support/golden.js';
import { playFolder, SEQUENCES_PAIR } from './support/scenario.js';

for (const [part, title, otherwise] of [
  ['scenarios', 'the scenarios written down for the simulator go as they did', undefined],
  [
    'sequences',
    "the original's own scenarios end as with the original, or better where it says so",
    SEQUENCES_PAIR,
  ],
] as const) {
  describe(title, () => {
    for (const folder of goldenFolders(part)) {
      it(folder.name.replaceAll('-', ' '), () => {
        const { story, played } = playFolder(folder, otherwise);
        folder.compare(story);
        assert.deepEqual(
          played.outcomes
            .filter(({ ok }) => !ok)
            .map(({ line, text, seen }) => `line ${line}: ${text}: ${seen}`),
          [],
        );
        assert.deepEqual(played.violations, []);
      });
    }
  });
}
