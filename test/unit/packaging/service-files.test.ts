/** The files by which a machine starts and keeps heartbeat, judged by the programs that read them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../../support/root.js';
import { temporaryFolder } from '../../support/scripts.js';

const etc = (...path: string[]): string => join(repositoryRoot(), 'etc', ...path);
const unit = readFileSync(etc('systemd', 'heartbeat.service'), 'utf8');

const absent = (program: string, ...words: string[]): string | false =>
  spawnSync(program, words).status === 0 ? false : `${program} is not installed`;

test('systemd finds nothing wrong with the unit', { skip: absent('systemd-analyze', '--version') }, (t) => {
  // The program is not installed on this machine: another stands in its place.
  const root = temporaryFolder(t);
  const folder = join(root, 'units');
  mkdirSync(folder);
  const path = join(folder, 'heartbeat.service');
  writeFileSync(path, unit.replaceAll('/usr/sbin/heartbeat', '/bin/true'));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_LOG_LEVEL: 'warning' },
  });
  // It looks at the units of this machine as well.
  const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('heartbeat'));
  assert.deepEqual(ours, []);
  assert.equal(status, 0, stderr);
});

test('the unit leaves alone what heartbeat has ended for a reason, and the services that it started', () => {
  const value = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
  assert.equal(value('Type'), 'notify');
  assert.equal(value('Restart'), 'on-failure');
  assert.deepEqual(value('RestartPreventExitStatus')?.split(' '), ['1', '2', '6']);
  assert.equal(value('KillMode'), 'process');
  assert.equal(value('SendSIGKILL'), 'no');
  assert.equal(value('OOMPolicy'), 'continue');
  assert.match(value('WatchdogSec') ?? '', /^\d+$/);
});

test('shellcheck finds nothing wrong with the init script', {
  skip: absent('shellcheck', '--version'),
}, () => {
  const { status, stdout } = spawnSync('shellcheck', [etc('init.d', 'heartbeat')], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
