/** `npm run test:package`: the package as a new user meets it, on two clean Debian systems. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createLab, type Lab, labAbility, nowMs } from '../lab/lib/index.js';
import { repositoryRoot } from '../support/root.js';
import { type CleanSystem, cleanRoot, cleanRootAbsent, cleanSystem, giveNode } from './clean-root.js';

const ability = labAbility();
const absent = ability.possible ? cleanRootAbsent() : ability.reason;
const options = absent === undefined ? {} : { skip: absent };

const VIP = '10.77.0.100';
const FIVE_MINUTES_MS = 300_000;
const OLD = '/media/heartbeat-ts_4.0.0_amd64.deb';

let packages = '';
let root = '';
let lab: Lab;
let one: CleanSystem;
let two: CleanSystem;

before(
  async () => {
    if (absent !== undefined) return;
    packages = mkdtempSync(join(tmpdir(), 'heartbeat-clean-'));
    for (const version of ['4.0.0', '4.0.1']) {
      const script = join(repositoryRoot(), 'scripts', 'package.mjs');
      const words = [script, '--fast', '--as-built', `--version=${version}`, `--out=${packages}`];
      const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
    const original = readdirSync('/var/cache/apt/archives').find((name) =>
      /^heartbeat_1%3a3\.0\.6.*\.deb$/.test(name),
    );
    if (original !== undefined)
      spawnSync('cp', [join('/var/cache/apt/archives', original), join(packages, 'original.deb')]);
    root = cleanRoot();
    lab = await createLab({ nodes: ['node1', 'node2'], links: ['eth0', 'eth1'], visible: [root, packages] });
    one = await cleanSystem(lab.node('node1'), root, packages);
    two = await cleanSystem(lab.node('node2'), root, packages);
    // The service: each node's own page.
    for (const system of [one, two])
      await system.run(
        `ln -s /media/* /root; rm -f /var/www/html/*; echo page of ${system.node.name} > /var/www/html/index.html`,
      );
  },
  { timeout: 900_000 },
);

after(async () => {
  await lab?.destroy();
  if (packages !== '') rmSync(packages, { recursive: true, force: true });
});

/** The blocks of a document that say where they belong, in their order. */
function blocks(name: string): { mark: readonly string[]; text: string }[] {
  const document = readFileSync(join(repositoryRoot(), 'docs', name), 'utf8');
  return [...document.matchAll(/^```sh ([a-z0-9 ]+)\n([\s\S]*?)\n```$/gm)].map(
    ([, mark = '', text = '']) => ({
      mark: mark.split(' '),
      text,
    }),
  );
}

/** The commands of docs/installing.md with this mark, as one shell line. */
function installing(mark: string): string {
  const found = blocks('installing.md').filter((block) => block.mark.includes(mark));
  assert.ok(found.length > 0, mark);
  return found.map(({ text }) => text.replaceAll('\n', ' && ')).join(' && ');
}

/** What a browser on the client host gets from the floating address. */
async function page(): Promise<string> {
  const text = `fetch('http://${VIP}/', { signal: AbortSignal.timeout(2000) }).then((r) => r.text()).then((t) => console.log(t.trim()), () => console.log('nothing'))`;
  const { stdout } = await lab.node('client').exec([process.execPath, '-e', text]);
  return stdout.trim();
}

async function pageComesFrom(name: string, withinMs: number): Promise<void> {
  await lab.until(async () => (await page()) === `page of ${name}`, {
    withinMs,
    what: `the page of ${name} at ${VIP}`,
    everyMs: 200,
  });
}

async function programOf(system: CleanSystem): Promise<string> {
  const { code, text } = await system.shell('heartbeat status --json');
  if (code !== 0) return `no answer: ${text}`;
  const parsed = JSON.parse(text) as { status?: { program: string }; program?: string };
  return parsed.status?.program ?? parsed.program ?? 'no version';
}

test('the package refuses a machine without Node.js, and one with the original package, and says what to do', {
  ...options,
  timeout: 300_000,
}, async (t) => {
  const without = await one.shell(`dpkg -i ${OLD}`);
  assert.notEqual(without.code, 0);
  assert.match(
    without.text,
    /heartbeat needs Node\.js 20 or newer, and there is no "node" in the PATH\. Install it first/,
  );
  for (const system of [one, two]) await giveNode(system);
  if ((await two.shell('test -e /media/original.deb')).code !== 0) {
    t.diagnostic("the original package is not in apt's cache: not tried");
    return;
  }
  // Its libraries are absent here, which does not matter to what is looked at.
  await two.shell('dpkg --force-depends --unpack /media/original.deb');
  await two.run('echo "node2 10.77.0.200" > /etc/ha.d/haresources');
  const beside = await two.shell(`dpkg -i ${OLD}`);
  assert.notEqual(beside.code, 0);
  assert.match(
    beside.text,
    /The package heartbeat \(the original, 1:3\.0\.6.*\) is installed[\s\S]*hb_standby all[\s\S]*apt-get remove heartbeat/,
  );
  await two.run('rm -f /var/lib/dpkg/info/heartbeat.p*; dpkg --force-depends --remove heartbeat');
  await two.run(`dpkg -i --force-confnew ${OLD}`);
  assert.equal(await two.run('cat /etc/ha.d/haresources'), 'node2 10.77.0.200\n');
  assert.match(await two.run('head -c 400 /etc/init.d/heartbeat'), /Keeps addresses and services up/);
  await two.run('dpkg -r heartbeat-ts');
  // Both share /etc/ha.d while the original is only removed: a purge of ours leaves it.
  assert.match(await two.run('dpkg -P heartbeat-ts'), /stay: the package heartbeat uses them too/);
  assert.equal(await two.run('cat /etc/ha.d/haresources'), 'node2 10.77.0.200\n');
  await two.run('dpkg --force-depends --purge heartbeat; rm -rf /etc/ha.d /var/lib/heartbeat');
});

test('docs/getting-started.md, word by word: a page answers within five minutes, no file edited by hand', {
  ...options,
  timeout: 400_000,
}, async (t) => {
  const begun = nowMs();
  let tookMs = 0;
  for (const { mark, text } of blocks('getting-started.md')) {
    // There is no ssh between these systems: the files go as scp would bring them.
    if (mark.includes('copy')) {
      assert.match(
        text,
        /^scp -p \/etc\/ha\.d\/ha\.cf \/etc\/ha\.d\/haresources \/etc\/ha\.d\/authkeys root@node2:/,
      );
      for (const [name, mode] of [
        ['ha.cf', 0o644],
        ['haresources', 0o644],
        ['authkeys', 0o600],
      ] as const)
        await two.node.write(
          two.path(`/etc/ha.d/${name}`),
          await one.node.read(one.path(`/etc/ha.d/${name}`)),
          mode,
        );
      continue;
    }
    for (const system of [one, two].filter(({ node }) => mark.includes(node.name))) {
      const said = await system.run(text);
      if (text.startsWith('dpkg')) assert.match(said, /"heartbeat init" writes a configuration/);
      if (text.startsWith('service'))
        assert.match(said, /Starting High-Availability services: [\s\S]*Done\./);
    }
    if (text.startsWith('service')) {
      await pageComesFrom('node1', FIVE_MINUTES_MS);
      tookMs = nowMs() - begun;
      assert.ok(tookMs < FIVE_MINUTES_MS, `${tookMs} ms`);
    }
    if (text.startsWith('hb_standby')) await pageComesFrom('node2', 60_000);
  }
  await pageComesFrom('node1', 60_000);
  t.diagnostic(`from the first dpkg to the page: ${(tookMs / 1000).toFixed(1)} s`);
  assert.ok(tookMs > 0);
  assert.equal(await one.run('heartbeat --version'), '4.0.0\n');
  assert.match(await one.run('getent passwd hacluster; getent group haclient'), /^hacluster:.*\nhaclient:/);
  assert.match(
    await one.run('service heartbeat status'),
    /^heartbeat OK \[pid \d+ et al\] is running on node1/,
  );
});

test('an upgrade of both running nodes renews their processes, and no client notices', {
  ...options,
  timeout: 300_000,
}, async (t) => {
  const client = await lab.client(`udp://${VIP}`);
  await lab.until(() => client.firstAnswerFrom('node1'), { withinMs: 30_000, what: 'an answer' });
  const since = nowMs();
  for (const system of [one, two]) {
    const said = await system.run(installing('upgrade'));
    assert.match(said, /The running heartbeat was renewed; its resources stayed up\./);
    assert.equal(await system.run('heartbeat --version'), '4.0.1\n');
    await lab.until(async () => (await programOf(system)) === '4.0.1', {
      withinMs: 60_000,
      what: `${system.node.name} to say that it runs 4.0.1`,
    });
  }
  const done = nowMs();
  assert.equal(await page(), 'page of node1');
  const { asked, answered } = await client.answered({ fromMs: since, toMs: done });
  assert.equal(answered, asked);
  const log = await two.run('cat /var/log/ha-log');
  assert.doesNotMatch(log, /is dead|Heartbeat restart on node/);
  t.diagnostic(
    `both upgraded in ${((done - since) / 1000).toFixed(1)} s; ${answered} of ${asked} questions answered`,
  );
  // The configuration that init wrote is no file of the package.
  assert.match(await one.run('cat /etc/ha.d/haresources'), /nginx/);
});

test('a removal hands the service over and leaves the configuration; a purge leaves nothing', {
  ...options,
  timeout: 300_000,
}, async () => {
  await one.run(installing('remove'), 180_000);
  await pageComesFrom('node2', 60_000);
  assert.match(await one.run('ls /etc/ha.d'), /ha\.cf/);
  assert.equal((await one.shell('pgrep -f [h]eartbeat-ts')).text, '');
  await one.run(installing('purge'));
  const left = await one.run(
    'ls -d /etc/ha.d /etc/init.d/heartbeat /etc/default/heartbeat /etc/logrotate.d/heartbeat /etc/rc?.d/*heartbeat ' +
      '/usr/lib/heartbeat-ts /usr/share/heartbeat /var/lib/heartbeat /run/heartbeat* /var/log/ha-* 2>/dev/null; ' +
      'getent passwd hacluster; getent group haclient; dpkg -l heartbeat-ts 2>/dev/null | grep "^[a-z]"; true',
  );
  assert.equal(left, '');
});

test('install.sh of the tarball sets a machine up as well, and takes itself away', {
  ...options,
  timeout: 300_000,
}, async () => {
  await two.run('service heartbeat stop; dpkg -r heartbeat-ts', 180_000);
  const said = await two.run(installing('tarball'));
  assert.match(said, /heartbeat is installed\. \/etc\/ha\.d is as it was/);
  await two.run('service heartbeat start');
  await pageComesFrom('node2', 120_000);
  await two.run(installing('uninstall'), 180_000);
  assert.equal(
    (
      await two.shell('pgrep -f [h]eartbeat-ts; ls -d /usr/lib/heartbeat-ts /usr/sbin/heartbeat')
    ).text.includes('heartbeat-ts\n'),
    false,
  );
  assert.match(await two.run('ls /etc/ha.d'), /authkeys/);
});
