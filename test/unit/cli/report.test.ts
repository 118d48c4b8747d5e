import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { runHeartbeat } from '../../../src/cli/heartbeat.js';
import { createSecretKeeper } from '../../../src/cli/report-secrets.js';
import { fakeDaemon, recordedOutput, sampleSnapshot, temporaryPaths } from '../../support/control.js';

const KEY = 'Zx9-signing key with blanks';
const OLD_KEY = 'retired%key"quoted';
const PARAMETER = 'ipmi-pass-word-77';
const ENVIRONMENT = 'environment-value-5';
const MAIL = 'mail-pass-9';
const VRRP = 'vrrp1234';
const MOUNT = 'mountpw55';
const ARGUMENT = '--token=respawn-token-3';
const SECRETS = [
  KEY,
  'Zx9-signing',
  OLD_KEY,
  PARAMETER,
  ENVIRONMENT,
  MAIL,
  VRRP,
  MOUNT,
  'respawn-token-3',
  'in-a-url',
];

function node(t: { after(task: () => void): void }) {
  const paths = temporaryPaths(t);
  const { configDir, stateDir } = paths;
  mkdirSync(join(configDir, 'resource.d'), { recursive: true });
  mkdirSync(join(stateDir, 'recorder'), { recursive: true });
  const logfile = join(stateDir, 'ha-log');
  writeFileSync(
    join(configDir, 'authkeys'),
    `auth 1\n1 sha1 ${KEY}\n2 md5 ${OLD_KEY}\n#3 sha1 ${KEY}\n4 crc\n`,
  );
  writeFileSync(
    join(configDir, 'ha.cf'),
    `logfile ${logfile}\ndeadtime 10\nnode node1 node2\nenv SECRET=${ENVIRONMENT}\n` +
      `stonith_host * external/ipmi node2 192.0.2.9 admin ${PARAMETER}\n#stonith_host * apc old ${PARAMETER}\n` +
      `respawn hacluster /usr/bin/thing ${ARGUMENT}\n`,
  );
  writeFileSync(
    join(configDir, 'haresources'),
    `node1 192.0.2.10 Filesystem:://server/share::/srv::cifs::username=joe,password=${MOUNT}\n`,
  );
  const vrrp = join(configDir, 'keepalived.conf');
  writeFileSync(
    vrrp,
    `vrrp_instance VI_1 {\n authentication {\n auth_type PASS\n auth_pass ${VRRP}\n }\n}\n`,
  );
  writeFileSync(
    join(configDir, 'heartbeat.ini'),
    `[vrrp]\nconfig = ${vrrp}\n[mail]\npassword = ${MAIL}\npassword_file = /etc/mail-password\n`,
  );
  writeFileSync(join(configDir, 'resource.d', 'mine'), `#!/bin/sh\nPASSWORD=${PARAMETER}\n`);
  const log = [...SECRETS, 'https://joe:in-a-url@example.org/', `secret=${MAIL}`, 'node2 is dead'];
  writeFileSync(logfile, `${log.join('\n')}\n`);
  writeFileSync(
    join(stateDir, 'events.jsonl'),
    `${JSON.stringify({ code: 'x', text: `said ${OLD_KEY}`, wallMs: 1 })}\n`,
  );
  const image = serialize({
    config: { key: KEY, peers: new Map([['node2', new Set([PARAMETER, 'kept'])]]) },
  });
  const head = { recorder: 1, program: '4.0.0', node: 'node1', wallMs: 1, image: image.toString('base64') };
  writeFileSync(
    join(stateDir, 'recorder', '000000000000001.jsonl'),
    `${JSON.stringify(head)}\n${JSON.stringify([1, 1, { kind: 'x', text: OLD_KEY }, 'd'])}\n`,
  );
  writeFileSync(join(stateDir, 'recorder', '000000000000002.jsonl'), `damaged ${KEY}\n`);
  return paths;
}

function unpacked(file: string, folder: string): Map<string, Buffer> {
  mkdirSync(folder);
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', folder], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const [top = ''] = readdirSync(folder);
  const names = readdirSync(join(folder, top), { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => statSync(join(folder, top, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, top, name))]),
  );
}

test('a report has no key, password or parameter anywhere, not in a log and not in a recording', async (t) => {
  const paths = node(t);
  await fakeDaemon(t, paths, (request) => {
    if (request.kind === 'snapshot') return sampleSnapshot;
    return request.kind === 'events'
      ? { kind: 'events', events: [{ code: 'x', text: `${PARAMETER} was said`, wallMs: 1 }] }
      : undefined;
  });
  const file = join(paths.stateDir, 'report.tar.gz');
  const output = recordedOutput();
  assert.equal(await runHeartbeat(['report', file], paths, output), 0, output.stderr.join('\n'));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const files = unpacked(file, join(paths.stateDir, 'out'));
  const holding: string[] = [];
  for (const [name, bytes] of files) {
    const texts = [bytes.toString('utf8'), bytes.toString('latin1')];
    if (name.startsWith('recorder/')) {
      const { image } = JSON.parse(bytes.toString('utf8').split('\n')[0] ?? '') as { image: string };
      const raw = Buffer.from(image, 'base64');
      texts.push(raw.toString('latin1'), raw.toString('utf16le'), raw.subarray(1).toString('utf16le'));
      const state = deserialize(raw) as { config: { peers: Map<string, Set<string>> } };
      assert.ok(state.config.peers.get('node2')?.has('kept'), 'what is no secret is as it was');
    }
    for (const secret of SECRETS) {
      const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
      if (forms.some((form) => texts.some((text) => text.includes(form)))) holding.push(`${name}: ${secret}`);
    }
  }
  assert.deepEqual(holding, []);
  const text = (name: string): string => files.get(name)?.toString('utf8') ?? `${name} is absent`;
  assert.match(
    text('configuration/ha.cf'),
    /deadtime 10\nnode node1 node2\nenv SECRET=\(removed\)\nstonith_host \* external\/ipmi \(removed\)/,
  );
  assert.match(text('configuration/authkeys'), /^auth 1\n1 sha1 \(removed\)\n/);
  assert.match(text('configuration/heartbeat.ini'), /password_file = \/etc\/mail-password/);
  assert.match(text('configuration/haresources'), /username=joe,password=\(removed\)/);
  assert.match(text([...files.keys()].find((name) => name.startsWith('logs/')) ?? ''), /node2 is dead/);
  assert.match(text('status.json'), /"schema": 1/);
  assert.match(text('system.json'), /"interfaces"/);
  assert.equal(files.has('recorder/000000000000002.jsonl'), false);
  const said = output.stdout.join('\n');
  assert.match(said, /Left out: .*000000000000002\.jsonl: it is damaged/);
  assert.match(said, /Left out: the scripts of/);
  assert.match(text('README.txt'), /Left out:\n- /);
});

test('a report is made without a daemon and without files too, and overwrites nothing', async (t) => {
  const paths = temporaryPaths(t);
  mkdirSync(paths.stateDir, { recursive: true });
  const file = join(paths.stateDir, 'report.tar.gz');
  const output = recordedOutput();
  assert.equal(await runHeartbeat(['report', file], paths, output), 0);
  assert.match(output.stdout.join('\n'), /Left out: the state of the daemon: Heartbeat is not running/);
  const again = recordedOutput();
  assert.equal(await runHeartbeat(['report', file], paths, again), 1);
  assert.match(again.stderr.join(), /is there already: name another file/);
  assert.equal(await runHeartbeat(['report', '--all'], paths, recordedOutput()), 2);
});

test('words that are no secrets stay: names of nodes, addresses, small numbers, paths', () => {
  const keeper = createSecretKeeper(['node1']);
  keeper.haCf('stonith_host * x node1 192.0.2.1 8080 /etc/file longsecret\n');
  assert.equal(
    keeper.scrub('node1 192.0.2.1 8080 /etc/file longsecret'),
    'node1 192.0.2.1 8080 /etc/file (removed)',
  );
  const pem = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----';
  assert.equal(keeper.scrub(`a ${pem} b`), 'a (removed) b');
});
