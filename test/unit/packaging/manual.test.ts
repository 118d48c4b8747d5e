/** The manual and the completion, which are made from the tables that the program reads with. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { subCommandRows } from '../../../src/cli/heartbeat.js';
import { HA_CF_KEYWORDS } from '../../../src/config/ha-cf/keywords.js';
import { INI_ROWS } from '../../../src/config/ini/keywords.js';
import { manualFiles } from '../../../src/manual/files.js';
import { EXPECTATIONS, VERBS } from '../../../src/sim/scenario/verbs.js';
import { temporaryFolder } from '../../support/scripts.js';

const files = manualFiles();
const absent = (program: string, ...words: string[]): string | false =>
  spawnSync(program, words).error === undefined ? false : `${program} is not installed`;

function written(t: { after(task: () => void): void }): string {
  const folder = temporaryFolder(t);
  for (const kind of ['man', 'completion']) mkdirSync(join(folder, kind));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('every directive, key and sub-command has its place in the manual', () => {
  const page = (name: string): string => files[`man/${name}`] ?? '';
  for (const { name } of HA_CF_KEYWORDS)
    assert.match(page('ha.cf.5'), new RegExp(`^\\.It Cm (\\\\&)?${name}\\b`, 'm'));
  for (const { key } of INI_ROWS)
    assert.ok(
      page('heartbeat.ini.5')
        .split('\n')
        .some((line) => line.startsWith(`.It Cm ${key} `)),
      key,
    );
  for (const { pattern } of [...VERBS, ...EXPECTATIONS])
    assert.ok(page('heartbeat-scenario.5').includes(pattern), pattern);
  for (const { name } of subCommandRows()) assert.ok(page('heartbeat.8').includes(`\n.It Cm ${name}`), name);
  // Every command that the package has, has a page.
  for (const name of [
    'heartbeat.8',
    'heartbeat-keepalived.8',
    'cl_status.1',
    'hb_standby.1',
    'hb_takeover.1',
  ])
    assert.ok(page(name).startsWith('.\\"'), name);
});

test('mandoc finds nothing to object to in any page', {
  skip: absent('mandoc', '-Tlint', '/dev/null'),
}, (t) => {
  const folder = written(t);
  for (const name of Object.keys(files).filter((one) => one.startsWith('man/'))) {
    const { stdout, stderr } = spawnSync('mandoc', ['-Tlint', join(folder, name)], { encoding: 'utf8' });
    const said = `${stdout}${stderr}`
      .split('\n')
      // Which other pages this machine has is not the page's fault.
      .filter((line) => line !== '' && !/referenced manual not found|outdated mandoc\.db/.test(line));
    assert.deepEqual(said, [], basename(name));
  }
});

test('bash completes sub-commands, their flags and their words', {
  skip: absent('bash', '--version'),
}, (t) => {
  const folder = written(t);
  const complete = (...words: string[]): string[] => {
    const script = `source "$1"; shift; COMP_WORDS=(heartbeat "$@"); COMP_CWORD=$#; _heartbeat; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const path = join(folder, 'completion', 'heartbeat.bash');
    const { stdout, stderr } = spawnSync('bash', ['-uc', script, 'bash', path, ...words], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    return stdout.split('\n').filter((word) => word !== '');
  };
  assert.deepEqual(complete('maint'), ['maintenance']);
  assert.deepEqual(complete('maintenance', 'o'), ['on', 'off']);
  assert.ok(complete('status', '--').includes('--json'));
  assert.deepEqual(
    complete('')
      .filter((word) => !word.startsWith('-'))
      .sort(),
    [...subCommandRows().map(({ name }) => name), 'help'].sort(),
  );
});

test('shellcheck finds nothing wrong with the completion', {
  skip: absent('shellcheck', '--version'),
}, (t) => {
  const path = join(written(t), 'completion', 'heartbeat.bash');
  const { status, stdout } = spawnSync('shellcheck', [path], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
