import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTimeMs, timeHint } from '../../../src/config/time.js';

describe('a time of ha.cf', () => {
  const good: readonly (readonly [string, number])[] = [
    ['2', 2000],
    ['.5', 500],
    ['5.', 5000],
    ['2.5', 2500],
    ['1500ms', 1500],
    ['1500MSEC', 1500],
    ['1500.5ms', 1501],
    ['500000us', 500],
    ['9000000usec', 9000],
  ];
  for (const [text, ms] of good) it(`${text} is ${ms} ms`, () => assert.equal(parseTimeMs(text), ms));

  for (const text of [
    '0',
    '-1',
    '+1',
    '1e2',
    '0x10',
    '10s',
    '1m',
    '2min',
    '1h',
    '10;',
    'abc',
    '',
    '.',
    '1us',
  ]) {
    it(`${JSON.stringify(text)} is refused`, () => assert.equal(parseTimeMs(text), undefined));
  }

  it('the hint turns minutes into seconds', () => {
    assert.match(timeHint('2min'), /write 120\.$/);
    assert.match(timeHint('10s'), /write 10\.$/);
    assert.match(timeHint('abc'), /more than 0/);
  });
});
