import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { temporaryFolder } from '../support/scripts.js';
import { RESOURCE_SCRIPTS } from './support/namespace.js';

const REFUSED = 'ServeRAID ICP WAS WAS6 WinPopup Xinetd AudibleAlarm LinuxSCSI ids db2'.split(' ');
const scripts = readdirSync(RESOURCE_SCRIPTS).filter((name) =>
  statSync(join(RESOURCE_SCRIPTS, name)).isFile(),
);

function call(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const run = spawnSync(join(RESOURCE_SCRIPTS, name), args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, ...env },
  });
  return { code: run.status, stdout: run.stdout.trim(), stderr: run.stderr.trim() };
}

test('a script whose world is gone refuses to start in one sentence with what to do; its status and stop are in order', () => {
  for (const name of REFUSED) {
    const start = call(name, ['some', 'words', 'start']);
    assert.equal(start.code, 5, name);
    assert.match(start.stderr, new RegExp(`^${name}: ERROR: [^\\n]+: [^\\n]+\\.$`));
    assert.deepEqual(call(name, ['stop']), { code: 0, stdout: '', stderr: '' });
    assert.deepEqual(call(name, ['word', 'status']), {
      code: 3,
      stdout: `${name} is stopped (not running)`,
      stderr: '',
    });
    assert.equal(call(name, ['dance']).code, 1, name);
  }
});

test('every script says how it is called when it is called wrongly, and does nothing', (t) => {
  const run = temporaryFolder(t);
  for (const name of scripts) {
    for (const args of [[], ['a', 'b', 'c', 'd', 'e', 'f', 'dance']]) {
      const wrong = call(name, args, { HA_RUN_DIR: run });
      assert.equal(wrong.code, 1, `${name} ${args.join(' ')}`);
      assert.match(wrong.stderr, /^usage: \S+ .*start\|stop\|status\|monitor$/, name);
    }
  }
  assert.deepEqual(readdirSync(run), []);
});

test('every script names the test that ran it, and one never run for real says so in its status', () => {
  const older = ['IPaddr', 'IPaddr2', 'Delay', 'httpd'];
  for (const name of scripts.filter((one) => !older.includes(one))) {
    const text = readFileSync(join(RESOURCE_SCRIPTS, name), 'utf8');
    const named = /test\/resources\/[a-z-]+\.test\.ts/.exec(text)?.[0];
    assert.ok(named !== undefined && statSync(join(repositoryRoot(), named)).isFile(), name);
  }
  const calls = { LVM: ['vg0'], Raid1: ['/etc/mdadm.conf', '/dev/md0'], drbddisk: ['r0'] };
  for (const [name, args] of Object.entries(calls))
    assert.match(call(name, [...args, 'status']).stdout, /not running.*never run with a real .*: untested/);
});

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;
test('every script is clean to shellcheck', {
  skip: shellcheck ? false : 'shellcheck is not installed',
}, () => {
  const files = [...scripts, 'lib/common.sh', 'lib/refuse.sh'].map((name) => join('resource.d', name));
  const run = spawnSync('shellcheck', ['-x', '-P', '.', ...files], {
    cwd: repositoryRoot(),
    encoding: 'utf8',
  });
  assert.equal(run.stdout, '');
});
