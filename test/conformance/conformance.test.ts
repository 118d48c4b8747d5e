import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goldenFolders } from './support/golden.js';
import { playFolder } from './support/scenario.js';

describe('the scenarios written down for the simulator go as they did', () => {
  for (const folder of goldenFolders('scenarios')) {
    it(folder.name.replaceAll('-', ' '), () => {
      const { story, played } = playFolder(folder);
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
