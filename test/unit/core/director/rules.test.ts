/** Rules as text: every keyword of a virtual server against its golden file, and the difference of two tables. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseRules, ruleChanges, tableText, withThresholds } from '../../../../src/core/director/rules.js';
import { wantedTable } from '../../../../src/core/director/wanted.js';
import { repositoryRoot } from '../../../support/root.js';
import { directorOf } from './support.js';

const FOLDER = join(repositoryRoot(), 'test', 'fixtures', 'director', 'rules');
const NOTHING: ReadonlySet<string> = new Set();

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.conf'))) {
  test(`rules of ${file} are the golden ones, and read back they need no change`, () => {
    const table = wantedTable(directorOf(readFileSync(join(FOLDER, file), 'utf8')));
    const text = `${tableText(table).join('\n')}\n`;
    const golden = join(FOLDER, file.replace('.conf', '.rules'));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, 'utf8'));
    assert.deepEqual(ruleChanges(withThresholds(parseRules(text), table), table, NOTHING), []);
  });
}

const HAVE = parseRules(`-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.0.21:80 -g -w 1
-a -t 10.0.0.1:80 -r 10.0.0.22:80 -g -w 1
-A -t 10.0.0.9:25 -s wlc
-a -t 10.0.0.9:25 -r 10.0.0.29:25 -i -w 1 --tun-type ipip
`);

const CHANGES: readonly (readonly [
  what: string,
  want: string,
  owned: readonly string[],
  lines: readonly string[],
])[] = [
  [
    'a destination that came and one that went: what is new comes first',
    '-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.22:80 -g -w 1\n-a -t 10.0.0.1:80 -r 10.0.0.23:80 -g -w 1',
    [],
    ['-a -t 10.0.0.1:80 -r 10.0.0.23:80 -g -w 1', '-d -t 10.0.0.1:80 -r 10.0.0.21:80'],
  ],
  [
    'another weight, another method, another scheduler: edited in place',
    '-A -t 10.0.0.1:80 -s wrr -p 60\n-a -t 10.0.0.1:80 -r 10.0.0.21:80 -g -w 4\n-a -t 10.0.0.1:80 -r 10.0.0.22:80 -m -w 1',
    [],
    [
      '-E -t 10.0.0.1:80 -s wrr -p 60',
      '-e -t 10.0.0.1:80 -r 10.0.0.21:80 -g -w 4',
      '-e -t 10.0.0.1:80 -r 10.0.0.22:80 -m -w 1',
    ],
  ],
  ['services of others are left alone', '', [], []],
  ['own services that are wanted no more go', '', ['-t 10.0.0.1:80'], ['-D -t 10.0.0.1:80']],
  [
    'a tunnel is recognised with what newer kernels say about it',
    '-A -t 10.0.0.9:25 -s wlc\n-a -t 10.0.0.9:25 -r 10.0.0.29:25 -i -w 1',
    [],
    [],
  ],
];

for (const [what, want, owned, lines] of CHANGES) {
  test(`rule changes: ${what}`, () => {
    assert.deepEqual(ruleChanges(HAVE, parseRules(want), new Set(owned)), lines);
  });
}

test('thresholds that ipvsadm does not show count as what was set last, and are set when that is not known', () => {
  const conf = `virtual_server 10.0.0.1 80 {
  lb_algo rr
  lb_kind DR
  protocol TCP
  real_server 10.0.0.21 80 { uthreshold 9 }
}`;
  const want = wantedTable(directorOf(conf));
  const read = parseRules('-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.21:80 -g -w 1\n');
  assert.deepEqual(ruleChanges(withThresholds(read, new Map()), want, NOTHING), [
    '-e -t 10.0.0.1:80 -r 10.0.0.21:80 -g -w 1 -x 9',
  ]);
  assert.deepEqual(ruleChanges(withThresholds(read, want), want, NOTHING), []);
});

test('lines that are no rules are passed over', () => {
  assert.equal(
    parseRules('\nIP Virtual Server\n-a -t 1.1.1.1:1 -r 2.2.2.2:2 -g -w 1\n-A\n-A -x y\n').size,
    0,
  );
});
