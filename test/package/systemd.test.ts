/** The unit under a real systemd, which is pid 1 of a clean Debian system in namespaces. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { cleanRoot, cleanRootAbsent } from './clean-root.js';

const HIERARCHY = '/sys/fs/cgroup/systemd';
const absent =
  cleanRootAbsent() ?? (existsSync(join(HIERARCHY, 'cgroup.procs')) ? undefined : `${HIERARCHY} is absent`);
const options = absent === undefined ? { timeout: 300_000 } : { skip: absent };
const cgroup = join(HIERARCHY, `heartbeat-test-${process.pid}`);
const folder = mkdtempSync(join(tmpdir(), 'heartbeat-systemd-'));
let system: ChildProcess | undefined;
let pid = '';

function shell(line: string): { readonly code: number | null; readonly text: string } {
  const environment = [
    'env',
    '-i',
    'HOME=/root',
    'LC_ALL=C',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ];
  const { status, stdout, stderr } = spawnSync(
    'nsenter',
    ['-t', pid, '-m', '-p', '-u', '-i', '-n', '-C', ...environment, 'sh', '-c', line],
    { encoding: 'utf8', timeout: 120_000 },
  );
  return { code: status, text: `${stdout}${stderr}` };
}

function run(line: string): string {
  const { code, text } = shell(line);
  assert.equal(code, 0, `${line}: ${text}`);
  return text;
}

async function comes(what: string, condition: () => boolean, withinMs = 90_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!condition()) {
    assert.ok(
      performance.now() < endMs,
      `waited in vain: ${what}\n${shell('systemctl status heartbeat; tail -20 /var/log/ha-log').text}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function unit(): Readonly<Record<string, string>> {
  const text = shell(
    'systemctl show -p MainPID,NRestarts,ActiveState,Result,ExecMainStatus,StatusText heartbeat',
  ).text;
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]),
  );
}

const served = (): boolean => shell('ip -4 -br addr show eth0').text.includes('10.77.0.100/24');
const runner = (): string => shell('cat /run/heartbeat.pid').text.trim();

before(
  async () => {
    if (absent !== undefined) return;
    for (const version of ['4.0.0', '4.0.1']) {
      const script = join(repositoryRoot(), 'scripts', 'package.mjs');
      const words = [script, '--fast', '--as-built', `--version=${version}`, `--out=${join(folder, 'out')}`];
      const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
    const root = cleanRoot();
    mkdirSync(join(folder, 'scratch'));
    mkdirSync(cgroup);
    const boot = join(repositoryRoot(), 'test', 'package', 'boot-systemd.sh');
    const enter = `echo $$ > ${cgroup}/cgroup.procs; exec unshare -m -p -u -f -i -n -C --kill-child "$@"`;
    system = spawn(
      'sh',
      ['-c', enter, 'sh', boot, root, join(folder, 'out'), join(folder, 'scratch'), process.execPath],
      {
        stdio: 'ignore',
      },
    );
    const children = `/proc/${system.pid}/task/${system.pid}/children`;
    await comes('systemd', () => {
      pid = existsSync(children) ? (readFileSync(children, 'latin1').trim().split(' ')[0] ?? '') : '';
      return pid !== '' && /running|degraded/.test(shell('systemctl is-system-running').text);
    });
  },
  { timeout: 900_000 },
);

after(async () => {
  if (system !== undefined) {
    const ended = new Promise((resolve) => system?.once('exit', resolve));
    system.kill('SIGKILL');
    await ended;
  }
  const groups = spawnSync('find', [cgroup, '-depth', '-type', 'd'], { encoding: 'utf8' }).stdout.split('\n');
  for (const group of groups.filter((path) => path !== '')) {
    // The kernel empties them when the last process has been reaped.
    for (let left = 50; left > 0; left -= 1) {
      try {
        rmdirSync(group);
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

test(
  'the unit is enabled, starts when the node has announced itself, and shows what it holds',
  options,
  async () => {
    run('dpkg -i /media/heartbeat-ts_4.0.0_amd64.deb');
    assert.equal(run('systemctl is-enabled heartbeat'), 'enabled\n');
    run(
      'heartbeat init --peer node2 --address 10.77.0.100 && sed -i "s/^initdead.*/initdead 6/; s/^deadtime.*/deadtime 4/" /etc/ha.d/ha.cf',
    );
    run('service heartbeat start');
    assert.equal(unit().ActiveState, 'active');
    assert.equal(unit().MainPID, runner());
    await comes('the address', served);
    await comes('the status line', () =>
      /node1 is active and holds 10\.77\.0\.100/.test(unit().StatusText ?? ''),
    );
  },
);

test(
  'a killed runner is replaced by the loop, and systemd takes the new one for the main process',
  options,
  async () => {
    const before = runner();
    run(`kill -9 ${before}`);
    await comes('the new main process', () => {
      const { ActiveState, MainPID } = unit();
      return ActiveState === 'active' && MainPID === runner() && MainPID !== before;
    });
    assert.equal(unit().NRestarts, '1');
    assert.ok(served());
    assert.doesNotMatch(run('cat /var/log/ha-log'), /Giving up|relinquished/);
  },
);

test('an upgrade and a reload keep the unit active without a restart of it', options, async () => {
  const before = unit();
  assert.match(run('dpkg -i /media/heartbeat-ts_4.0.1_amd64.deb 2>&1'), /renewed; its resources stayed up/);
  await comes('the new main process', () => unit().MainPID === runner() && unit().MainPID !== before.MainPID);
  run('systemctl reload heartbeat');
  assert.equal(unit().ActiveState, 'active');
  assert.equal(unit().NRestarts, before.NRestarts);
  assert.ok(served());
});

test(
  'a daemon that gives up has released its resources, and systemd does not pull them back',
  options,
  async () => {
    for (let death = 0; death < 20 && unit().ActiveState === 'active'; death += 1) {
      shell('for pid in $(pgrep -f daemon/loop/[m]ain.js); do kill -9 $pid; done; sleep 0.7');
    }
    await comes('the end', () => unit().ActiveState === 'failed');
    assert.equal(unit().ExecMainStatus, '1');
    assert.equal(served(), false);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    assert.equal(unit().ActiveState, 'failed');
  },
);

test('a stop hands over and ends in good order; a purge leaves no trace of the unit', options, async () => {
  run('systemctl reset-failed heartbeat; systemctl start heartbeat');
  await comes('the address', served);
  run('systemctl stop heartbeat');
  assert.deepEqual([unit().ActiveState, unit().Result, served()], ['inactive', 'success', false]);
  run('dpkg -P heartbeat-ts');
  assert.equal(
    shell(
      'ls -d /etc/ha.d /var/lib/heartbeat /etc/systemd/system/*/heartbeat.service /usr/lib/heartbeat-ts 2>/dev/null',
    ).text,
    '',
  );
});
