/** `heartbeat check` as a user sees it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { diagnosticText, verdictText } from '../../../src/cli/check-print.js';
import type { Diagnostic } from '../../../src/config/types.js';
import { fixture } from '../../support/root.js';
import { GOOD_HA_CF } from './support.js';

const COMMAND = new URL('../../../src/cli/check.js', import.meta.url).href;
const SCRIPT = `import { runCheck } from ${JSON.stringify(COMMAND)}; process.exit(await runCheck(process.argv.slice(1)));`;

let configDir = '';

beforeEach(() => {
  configDir = mkdtempSync(join(tmpdir(), 'heartbeat-check-'));
  writeFileSync(join(configDir, 'ha.cf'), GOOD_HA_CF);
  writeFileSync(join(configDir, 'haresources'), 'node1 10.0.0.10 MailTo::root\n');
  writeFileSync(join(configDir, 'authkeys'), 'auth 1\n1 sha1 hunter2\n', { mode: 0o600 });
});

afterEach(() => rmSync(configDir, { recursive: true, force: true }));

function check(...options: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const facts = ['--facts', fixture('corpus', 'facts.json')];
  const argv = ['--input-type=module', '-e', SCRIPT, '--', '--config-dir', configDir, ...facts, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  return { status, stdout, stderr };
}

describe('heartbeat check', () => {
  it('accepts with exit status 0 and a verdict as last line', () => {
    const { status, stdout, stderr } = check();
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /\nThe configuration is good: heartbeat would start \(\d+ warnings?\)\.\n$/);
    assert.ok(!stdout.includes('\x1b['), 'colours on a pipe');
  });

  it('refuses with exit status 6 and file:line:column of every error', () => {
    writeFileSync(join(configDir, 'ha.cf'), `${GOOD_HA_CF}foo\nkeepalive 2s\n`);
    writeFileSync(join(configDir, 'haresources'), 'node9 10.0.0.10\n');
    const { status, stdout } = check();
    assert.equal(status, 6);
    for (const place of ['ha.cf:8:1: error: ', 'ha.cf:9:11: error: ', 'haresources:1:1: error: ']) {
      assert.ok(stdout.includes(`${configDir}/${place}`), `${place} in ${stdout}`);
    }
    assert.match(stdout, /The configuration is refused: 3 errors, \d+ warnings?\.\n$/);
  });

  it('--json gives one object with its keys and never a secret', () => {
    const { status, stdout } = check('--json');
    assert.equal(status, 0);
    assert.ok(!stdout.includes('hunter2'));
    const report = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(report).sort(), [
      'accepted',
      'diagnostics',
      'effective',
      'groups',
      'lease',
      'resources',
    ]);
    // A described machine has no agents that could be looked at.
    assert.deepEqual(report.resources, []);
    assert.deepEqual(report.groups, [
      {
        node: 'node1',
        key: '10.0.0.10',
        line: 1,
        take: [
          ['IPaddr', '10.0.0.10', 'start'],
          ['MailTo', 'root', 'start'],
        ],
        give: [
          ['MailTo', 'root', 'stop'],
          ['IPaddr', '10.0.0.10', 'stop'],
        ],
      },
    ]);
  });

  it('--hostname judges as another node', () => {
    assert.equal(check('--hostname', 'node2').status, 0);
    assert.equal(check('--hostname', 'node3').status, 6);
  });

  it('an unknown option is wrong usage, exit status 2', () => {
    const { status, stderr } = check('--frob');
    assert.equal(status, 2);
    assert.match(stderr, /--frob[\s\S]*Usage: heartbeat check/);
  });
});

describe('a diagnostic for people', () => {
  const base: Diagnostic = {
    file: 'ha.cf',
    line: 3,
    column: 5,
    severity: 'error',
    code: 'x',
    message: 'Bad.',
  };

  it('leaves out places that are not known', () => {
    assert.equal(diagnosticText(base, false), 'ha.cf:3:5: error: Bad.\n');
    assert.equal(diagnosticText({ ...base, column: 0 }, false), 'ha.cf:3: error: Bad.\n');
    assert.equal(
      diagnosticText({ ...base, line: 0, column: 0, hint: 'Do.' }, false),
      'ha.cf: error: Bad.\n  Do.\n',
    );
  });

  it('has colours only when they are wanted', () => {
    assert.ok(diagnosticText(base, true).includes('\x1b[31merror\x1b[0m'));
  });

  it('is counted in the verdict', () => {
    assert.match(verdictText(false, [base]), /1 error, 0 warnings/);
  });
});
