import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Answer,
  answeredIn,
  type ClientEntry,
  firstAnswerFrom,
  longestOutage,
  overlapsIn,
  ownersIn,
  until,
} from './lib/index.js';

const ADDRESS = '10.77.0.100';

function answer(request: number, node: string, atMs = request * 10): Answer {
  return { request, node, mac: node, address: ADDRESS, atMs };
}

describe('two owners', () => {
  it('are two nodes that answered the same question', () => {
    const answers = [answer(1, 'node1'), answer(2, 'node1'), answer(2, 'node2', 23), answer(3, 'node2')];
    assert.deepEqual(overlapsIn(answers, ADDRESS), [{ fromMs: 20, toMs: 23, nodes: ['node1', 'node2'] }]);
  });

  it('are not an old owner whose answer to an earlier question comes late', () => {
    const answers = [answer(1, 'node2', 10), answer(2, 'node2', 20), answer(0, 'node1', 25)];
    assert.deepEqual(overlapsIn(answers, ADDRESS), []);
    assert.deepEqual(ownersIn(answers, ADDRESS, {}), ['node1', 'node2']);
    assert.deepEqual(ownersIn(answers, ADDRESS, { toMs: 20 }), ['node2']);
  });

  it('make one overlap while questions go on being answered twice, and two when they stop for long', () => {
    const both = (request: number): Answer[] => [answer(request, 'node1'), answer(request, 'node2')];
    const answers = [...both(1), ...both(2), answer(3, 'node1'), ...both(4), ...both(50)];
    assert.deepEqual(
      overlapsIn(answers, ADDRESS).map(({ fromMs, toMs }) => [fromMs, toMs]),
      [
        [10, 40],
        [500, 500],
      ],
    );
  });

  it('of another address do not count', () => {
    assert.deepEqual(overlapsIn([answer(1, 'node1'), answer(1, 'node2')], '10.77.0.101'), []);
  });
});

describe('the outage of a client', () => {
  const entry = (sentAtMs: number, from?: string): ClientEntry =>
    from === undefined ? { sentAtMs, error: 'timeout' } : { sentAtMs, receivedAtMs: sentAtMs + 1, from };
  const log = [
    entry(0, 'node1'),
    entry(5, 'node1'),
    entry(10),
    entry(15),
    entry(20, 'node2'),
    entry(25, 'node2'),
  ];

  it('is the longest time between two successive answers', () => {
    const wanted = { outageMs: 15, fromMs: 6, toMs: 21, before: 'node1', after: 'node2' };
    assert.deepEqual(longestOutage(log), wanted);
    assert.equal(firstAnswerFrom(log, 'node2')?.sentAtMs, 20);
    assert.deepEqual(answeredIn(log), { answered: 4, asked: 6 });
  });

  it('goes to the end of the window when nobody answers any more', () => {
    assert.deepEqual(longestOutage(log, { toMs: 1000 }), {
      outageMs: 974,
      fromMs: 26,
      toMs: 1000,
      before: 'node2',
    });
  });

  it('begins with the window', () => {
    assert.equal(longestOutage(log, { fromMs: -100 }).outageMs, 101);
  });
});

describe('waiting', () => {
  it('gives what the condition gave', async () => {
    let turns = 0;
    assert.equal(
      await until(() => (++turns > 2 ? 'done' : null), { withinMs: 5000, what: 'x', everyMs: 1 }),
      'done',
    );
  });

  it('says what did not come, and why the condition failed last', async () => {
    const failing = (): boolean => {
      throw new Error('no such file');
    };
    await assert.rejects(
      until(failing, { withinMs: 1, what: 'the log is there', everyMs: 1 }),
      (error: Error) => {
        assert.match(error.message, /the log is there.*no such file/);
        return true;
      },
    );
  });
});
