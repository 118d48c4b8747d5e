import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runHeartbeat } from '../../../src/cli/heartbeat.js';
import { resolvePaths } from '../../../src/daemon/paths.js';
import { repositoryRoot } from '../../support/root.js';

const SAMPLE = join(repositoryRoot(), 'etc');

async function simulate(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const lines = { out: [] as string[], err: [] as string[] };
  const output = {
    out: (text: string) => void lines.out.push(text),
    err: (text: string) => void lines.err.push(text),
    terminal: false,
  };
  const paths = resolvePaths({ configDir: SAMPLE }, {});
  const code = await runHeartbeat(['simulate', ...argv], paths, output);
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

describe('heartbeat simulate on the sample files', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hb-simulate-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const scenario = (text: string): string => {
    const file = join(folder, 'scenario.txt');
    writeFileSync(file, text);
    return file;
  };

  it('plays the sample scenario: every expectation is met, and the picture shows when nobody served', async () => {
    const picture = join(folder, 'picture.svg');
    const { code, out } = await simulate(join(SAMPLE, 'scenario.txt'), '--svg', picture);
    assert.equal(code, 0, out);
    assert.match(out, /All 5 expectations were met\.$/);
    assert.match(out, /web: node1, then nobody, then node2\./);
    const svg = readFileSync(picture, 'utf8');
    assert.match(svg, /^<svg /);
    assert.match(svg, /web is down for 9\.\d s/);
  });

  it('an expectation that is not met gives exit status 1 and what was seen instead', async () => {
    const { code, out } = await simulate(scenario('start all\nat 20s expect web on node2'));
    assert.equal(code, 1);
    assert.match(out, /FAILED line 2: expect web on node2: but web is on node1\./);
    assert.match(out, /1 of 1 expectations were not met\.$/);
  });

  it('the same in JSON', async () => {
    const { code, out } = await simulate(scenario('start all\nat 20s expect web on node2'), '--json');
    assert.equal(code, 1);
    const told = JSON.parse(out) as { expectations: { ok: boolean; line: number }[]; groups: unknown[] };
    assert.deepEqual(
      told.expectations.map(({ ok, line }) => [ok, line]),
      [[false, 2]],
    );
    assert.equal(told.groups.length, 1);
  });

  it('the standard failures are ranked: two owners before outages, outages by length', async () => {
    const { code, out } = await simulate('--worst-case', '--json');
    assert.equal(code, 0);
    const { failures, remarks } = JSON.parse(out) as {
      failures: { harms: { kind: string; lastedMs: number }[] }[];
      remarks: string[];
    };
    const kinds = failures.map(({ harms }) => harms[0]?.kind ?? 'none');
    const rank = ['two-owners', 'stays-down', 'down', 'none'];
    assert.deepEqual(
      kinds,
      [...kinds].sort((a, b) => rank.indexOf(a) - rank.indexOf(b)),
    );
    assert.equal(kinds[0], 'two-owners');
    assert.ok(remarks.some((remark) => remark.includes('There is no fencing')));
  });

  it('says in a sentence what is wrong with the call or the scenario', async () => {
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [[], 2, /name the file of a scenario/],
      [['a', 'b'], 2, /one scenario at a time: b is too much/],
      [['--worst-case', 'a'], 2, /leave the scenario out/],
      [['--seed', 'x', 'a'], 2, /--seed x is no whole number/],
      [['--node', 'x', 'a'], 2, /--node x is no NAME=DIR/],
      [['/nowhere/at-all'], 2, /cannot be read: there is no such file/],
      [[scenario('start nod1')], 2, /scenario\.txt:1:7: "nod1" is not understood here/],
      [['--node', `node9=${SAMPLE}`, join(SAMPLE, 'scenario.txt')], 6, /ha\.cf has no node node9/],
    ];
    for (const [argv, code, sentence] of cases) {
      const told = await simulate(...argv);
      assert.equal(told.code, code, argv.join(' '));
      assert.match(told.err, sentence);
    }
  });

  it('lists every statement', async () => {
    const { code, out } = await simulate('--list');
    assert.equal(code, 0);
    assert.match(out, /power-off NODE/);
    assert.match(out, /never two owners/);
  });
});
