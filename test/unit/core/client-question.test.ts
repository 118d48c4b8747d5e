import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../src/wire/message.js';
import { BesideOriginal } from '../../support/beside-original.js';

test('an original that asks for a client of ours is told at once that there is none', () => {
  const pair = new BesideOriginal();
  pair.begin();
  pair.say('query-cstatus', { dest: 'node1', cn: 'ipfail', from_id: '344' });
  const answer = pair.sent.at(-1)?.message;
  assert.ok(answer !== undefined);
  const fields = ['t', 'dest', 'result', 'cn', 'to_id', 'cs'].map((name) => textOf(answer, name));
  assert.deepEqual(fields, ['respond-cstatus', 'node2', 'OK', 'ipfail', '344', 'offline']);
  pair.say('query-cstatus', { dest: 'node3', cn: 'ipfail', from_id: '344' });
  pair.say('query-cstatus', { dest: 'node1' });
  assert.equal(pair.said().filter((words) => words.startsWith('respond-cstatus')).length, 1);
});
