import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notYetDone } from '../../../src/config/not-yet.js';
import { sampleConfig } from '../../support/configuration.js';

test('a configured fencing device is driven: nothing stops the start', () => {
  const config = sampleConfig({ stonith: [{ type: 'null', parameters: 'node1 node2', line: 9 }] });
  assert.deepEqual(notYetDone(config, 'ha.cf'), []);
});

test('an ordinary configuration has nothing that is not done', () => {
  assert.deepEqual(notYetDone(sampleConfig(), 'ha.cf'), []);
});
