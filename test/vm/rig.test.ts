/** The rig itself: kernel modules, programs of this machine, and nothing left behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findMaterials, type Materials, Rig } from './lib/index.js';

const materials = findMaterials();
const skip = typeof materials === 'string' ? materials : false;
const IPVSADM = '/usr/sbin/ipvsadm';

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe('the rig', { skip }, () => {
  it('loads kernel modules with what they need, and has the programs that were asked for', async () => {
    const programs = existsSync(IPVSADM) ? [IPVSADM] : [];
    const rig = new Rig(materials as Materials, {
      program: false,
      modules: [
        'ip_vs',
        'ip_vs_rr',
        'ip_vs_wrr',
        'ip_vs_wlc',
        'md_mod',
        'raid1',
        'dm_mod',
        'dummy',
        'softdog',
      ],
      programs,
      files: { 'root/hello': 'a file of the test\n' },
    });
    try {
      const guest = await rig.start({ name: 'small', memoryMiB: 256 });
      assert.equal(await guest.run('cat /root/hello'), 'a file of the test\n');
      assert.equal((await guest.run('hostname')).trim(), 'small');
      assert.equal((await guest.exec('echo told; exit 3')).code, 3);
      const modules = await guest.run('cut -d" " -f1 /proc/modules');
      for (const name of ['ip_vs', 'ip_vs_rr', 'raid1', 'dm_mod', 'dummy'])
        assert.match(modules, new RegExp(`^${name}$`, 'm'));
      if (programs.length > 0) {
        await guest.run(
          'ipvsadm -A -t 10.0.0.1:80 -s wrr && ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 3',
        );
        assert.match(await guest.run('ipvsadm -L -n'), /10\.0\.0\.2:80\s+Route\s+3/);
      }
      const long = 'x'.repeat(100_000);
      assert.equal((await guest.run(`cat <<END\n${long}\nEND`)).trim().length, long.length);
    } finally {
      await rig.destroy();
    }
  });

  it('ends its guests when the process that made them is killed', async () => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./support/abandoned.js', import.meta.url))],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [pid, folder] = await new Promise<[number, string]>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        const [first = '', second = ''] = chunk.toString().trim().split(' ');
        resolve([Number(first), second]);
      });
      child.once('exit', () => reject(new Error('it ended before it said anything')));
    });
    assert.ok(isThere(pid));
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
    const untilMs = performance.now() + 10_000;
    while ((isThere(pid) || existsSync(folder)) && performance.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(!isThere(pid), 'QEMU goes on');
    assert.ok(!existsSync(folder), `${folder} was left behind`);
  });
});
