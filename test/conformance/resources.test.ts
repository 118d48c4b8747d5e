import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goldenFolders } from './support/golden.js';
import { play } from './support/story.js';

describe('what follows from failing resources is as written down', () => {
  for (const folder of goldenFolders('resources')) {
    it(folder.name.replaceAll('-', ' '), () => {
      const { text, violations } = play(folder.read('story.txt'));
      assert.deepEqual(violations, []);
      folder.compare(text);
    });
  }
});
