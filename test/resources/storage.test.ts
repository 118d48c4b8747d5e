import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeStatus } from '../../src/actions/scripts-status.js';
import { temporaryFolder } from '../support/scripts.js';
import { RESOURCE_SCRIPTS } from './support/namespace.js';

interface Bench {
  /** Exit code and standard output. */
  run(script: string, ...args: string[]): string;
  /** The commands since the last call. */
  commands(): string[];
}

/** Programs of that name that write their arguments down and answer as the body (which has the state in $STATE) says. */
function bench(t: { after(task: () => void): void }, programs: Readonly<Record<string, string>>): Bench {
  const folder = temporaryFolder(t);
  const record = join(folder, 'record');
  for (const [name, body] of Object.entries(programs)) {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>${record}\nSTATE=${folder}/state\n${body}\n`);
    chmodSync(path, 0o755);
  }
  return {
    run(script, ...args) {
      const run = spawnSync(join(RESOURCE_SCRIPTS, script), args, {
        encoding: 'utf8',
        env: { PATH: `${folder}:/usr/bin:/bin`, HA_RUN_DIR: folder },
      });
      return `${run.status} ${run.stdout.trim()}${run.stderr.trim()}`;
    },
    commands() {
      const lines = existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
      rmSync(record, { force: true });
      return lines;
    },
  };
}

test('LVM activates a volume group once and deactivates it (recorded commands)', (t) => {
  const b = bench(t, {
    lvs: '[ -e $STATE ] && echo "  active"; exit 0',
    vgs: '[ "$1" = vg0 ]',
    vgchange: 'case $2 in y) : >$STATE ;; n) rm -f $STATE ;; esac',
  });
  assert.match(b.run('LVM', 'vg0', 'status'), /^3 volume group vg0 is not running/);
  b.commands();
  assert.equal(b.run('LVM', 'vg0', 'start'), '0 ');
  assert.deepEqual(b.commands(), [
    'lvs --noheadings -o lv_active vg0',
    'vgs vg0',
    'vgchange --activate y vg0',
    'lvs --noheadings -o lv_active vg0',
  ]);
  assert.equal(b.run('LVM', 'vg0', 'start'), '0 ');
  assert.deepEqual(b.commands(), ['lvs --noheadings -o lv_active vg0']);
  assert.match(b.run('LVM', 'vg0', 'status'), /^0 volume group vg0 is running .*untested/);
  assert.equal(b.run('LVM', 'vg0', 'stop'), '0 ');
  assert.equal(b.commands().at(-1), 'vgchange --activate n vg0');
  assert.equal(b.run('LVM', 'vg0', 'stop'), '0 ');
  assert.match(b.run('LVM', 'vg9', 'start'), /^1 .*there is no volume group vg9 here/);
});

test('Raid1 assembles a device by its configuration and stops it (recorded commands)', (t) => {
  const config = join(temporaryFolder(t), 'mdadm.conf');
  writeFileSync(config, '');
  const b = bench(t, {
    mdadm: 'case $1 in --detail) [ -e $STATE ] ;; --assemble) : >$STATE ;; --stop) rm -f $STATE ;; esac',
  });
  assert.match(b.run('Raid1', config, '/dev/md0', 'status'), /^3 RAID \/dev\/md0 is not running/);
  b.commands();
  assert.equal(b.run('Raid1', config, '/dev/md0', 'start'), '0 ');
  assert.equal(b.run('Raid1', config, '/dev/md0', 'start'), '0 ');
  assert.match(b.run('Raid1', config, '/dev/md0', 'status'), /^0 RAID \/dev\/md0 is running/);
  assert.equal(b.run('Raid1', config, '/dev/md0', 'stop'), '0 ');
  assert.deepEqual(
    b.commands().filter((line) => !line.includes('--detail')),
    [`mdadm --assemble /dev/md0 --config=${config}`, 'mdadm --stop /dev/md0'],
  );
  assert.equal(b.run('Raid1', config, '/dev/md0', 'stop'), '0 ');
  assert.match(b.run('Raid1', '/absent', '/dev/md0', 'start'), /^1 .*no configuration file \/absent/);
});

test('drbddisk makes a resource primary and secondary, and waits for a peer that is still primary (recorded commands)', (t) => {
  const b = bench(t, {
    drbdadm: `case $1 in
      role) if [ -e $STATE ]; then echo Primary/Secondary; else echo Secondary/Primary; fi ;;
      primary) [ -e $STATE.asked ] || { : >$STATE.asked; exit 17; }; : >$STATE ;;
      secondary) rm -f $STATE ;;
    esac`,
  });
  assert.match(b.run('drbddisk', 'r0', 'status'), /^3 not running \(Secondary\)/);
  b.commands();
  assert.equal(b.run('drbddisk', 'r0', 'start'), '0 ');
  assert.deepEqual(b.commands(), ['drbdadm role r0', 'drbdadm primary r0', 'drbdadm primary r0']);
  assert.match(b.run('drbddisk', 'r0', 'status'), /^0 running \(Primary\)/);
  b.commands();
  assert.equal(b.run('drbddisk', 'r0', 'stop'), '0 ');
  assert.deepEqual(b.commands(), ['drbdadm role r0', 'drbdadm secondary r0']);
  assert.equal(b.run('drbddisk', 'r0', 'stop'), '0 ');
  assert.match(b.run('drbddisk', 'status'), /^3 not running/);
});

test('the daemon reads the status of an untested script as running or not, in spite of the remark', (t) => {
  const b = bench(t, { lvs: '[ -e $STATE ] && echo "  active"; exit 0', vgs: '', vgchange: ': >$STATE' });
  assert.equal(judgeStatus(b.run('LVM', 'vg0', 'status')), 'stopped');
  b.run('LVM', 'vg0', 'start');
  assert.equal(judgeStatus(b.run('LVM', 'vg0', 'status')), 'running');
});
