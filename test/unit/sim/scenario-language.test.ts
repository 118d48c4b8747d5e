import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAIL, WEB } from '../../../src/sim/cluster.js';
import type { Names } from '../../../src/sim/scenario/names.js';
import { readScenario } from '../../../src/sim/scenario/parse.js';
import { EXPECTATIONS, VERBS } from '../../../src/sim/scenario/verbs.js';

const NAMES: Names = {
  nodes: ['node1', 'node2'],
  links: ['eth0', 'eth1'],
  witnesses: ['router'],
  groups: [WEB, MAIL],
};

function complaintsOf(text: string): string[] {
  const read = readScenario(text, NAMES);
  return read.ok
    ? []
    : read.complaints.map(({ line, column, message, hint }) => `${line}:${column} ${message} ${hint}`);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  NODE: 'node1',
  LINK: 'eth1',
  TIME: '200ms',
  SECONDS: '+1h',
  WITNESS: 'router',
  PERCENT: '20%',
  GROUP: 'web',
  RESOURCE: 'web',
  SET: 'local',
  CODE: 'group-running',
};

/** A pattern with its values filled in; optional parts are taken or left out. */
function example(pattern: string, withOptional: boolean): string {
  const whole = withOptional ? pattern.replace(/[[\]]/g, '') : pattern.replace(/\[[^\]]*\]/g, '');
  return whole
    .split(/\s+/)
    .map((word) =>
      /^[A-Z]/.test(word) ? (EXAMPLES[word.split(':')[0] ?? ''] ?? word) : (word.split('|')[0] ?? ''),
    )
    .join(' ');
}

describe('the language of scenarios', () => {
  it('every row of the tables is understood as it is written down, with and without its optional words', () => {
    for (const [prefix, rows] of [
      ['', VERBS],
      ['expect ', EXPECTATIONS],
    ] as const) {
      for (const { pattern } of rows) {
        for (const withOptional of [true, false]) {
          const read = readScenario(`at 1s ${prefix}${example(pattern, withOptional)}`, NAMES);
          assert.ok(read.ok, `${pattern}: ${JSON.stringify(read)}`);
          const [statement] = read.scenario.statements;
          const row = statement?.kind === 'act' ? statement.verb : statement?.expectation;
          assert.equal(row?.pattern, pattern);
        }
      }
    }
  });

  it('a mistake is told with line, column and what was probably meant', () => {
    assert.deepEqual(complaintsOf('start all\nat 5s power-of node1'), [
      '2:7 "power-of" is not understood here. Did you mean "power-off"?',
    ]);
    assert.deepEqual(complaintsOf('at 5s power-off nod1'), [
      '1:17 "nod1" is not understood here: expected is "all", or a node (node1, node2). Did you mean "node1"?',
    ]);
    assert.deepEqual(complaintsOf('at 5x start all'), [
      '1:4 "at" needs a time of at most one day. Write for example "at 10s".',
    ]);
    assert.deepEqual(complaintsOf('at 5s start all\nat 4s stop all'), [
      '2:4 4 s is before the statement above, which is at 5 s. Put the statements in the order of their times.',
    ]);
    assert.match(
      complaintsOf('expect web on')[0] ?? '',
      /^1:14 Something is missing behind "on": expected is a node/,
    );
    assert.match(complaintsOf('standby node1 for 3s')[0] ?? '', /does not last/);
    assert.match(complaintsOf('# nothing')[0] ?? '', /^0:0 The scenario holds no statement/);
  });

  it('"after" counts from the statement above, "for" plans the end, and the end comes a second after the last', () => {
    const read = readScenario(
      'at 2s start all\nafter 3s cut eth0 for 10s\nexpect web on node1 within 20s',
      NAMES,
    );
    assert.ok(read.ok);
    assert.deepEqual(
      read.scenario.statements.map(({ atMs, text }) => [atMs, text]),
      [
        [2000, 'start all'],
        [5000, 'cut eth0 for 10s'],
        [5000, 'expect web on node1 within 20s'],
        [15_000, 'end of "cut eth0"'],
      ],
    );
    assert.equal(read.scenario.untilMs, 26_000);
  });

  it('no text makes the reader throw', () => {
    const words = [
      'at',
      'after',
      '5s',
      'cut',
      'node1',
      'web',
      'expect',
      'for',
      '<',
      '%',
      'on',
      '#',
      '\n',
      'until',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string())), (parts) => {
        readScenario(parts.join(' '), NAMES);
      }),
    );
  });
});
