/** The agents of the Debian package resource-agents, really run, as words of haresources. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseMetadata } from '../../src/actions/agents/metadata.js';
import { openRoom, programsMissing, ROOM, type Room, roomMissing } from './support/room.js';

const AGENTS = '/usr/lib/ocf/resource.d/heartbeat';
const agentsMissing = programsMissing(`${AGENTS}/Dummy`);
const skip = agentsMissing === false ? roomMissing() : agentsMissing;
const withPrograms = (...paths: readonly string[]): string | false =>
  skip === false ? programsMissing(...paths) : skip;

/** The whole life of a resource that works; what it does meanwhile is looked at by `whileUp`. */
async function lives(room: Room, word: string, whileUp: () => Promise<void> = async () => undefined) {
  const down = await room.run('monitor', word);
  assert.match(down.ok ? 'ok' : down.detail, /does not run$/, `${word} before its start`);
  assert.deepEqual(await room.run('start', word), { ok: true }, `start of ${word}`);
  assert.deepEqual(
    await room.run('start', word),
    { ok: true, alreadyActive: true },
    `second start of ${word}`,
  );
  assert.deepEqual(await room.run('monitor', word), { ok: true }, `monitor of ${word}`);
  await whileUp();
  assert.deepEqual(await room.run('stop', word), { ok: true }, `stop of ${word}`);
  assert.deepEqual(await room.run('stop', word), { ok: true }, `second stop of ${word}`);
  assert.deepEqual(await room.run('release', word), { ok: true }, `release of ${word}`);
  const after = await room.run('monitor', word);
  assert.match(after.ok ? 'ok' : after.detail, /does not run$/, `${word} after its stop`);
}

test('the meta-data of every agent of the package is understood', { skip: agentsMissing }, () => {
  const names = readdirSync(AGENTS);
  const wrong = names.flatMap((name) => {
    const run = spawnSync(join(AGENTS, name), ['meta-data'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, OCF_ROOT: '/usr/lib/ocf' },
    });
    // Some need a program (python modules, cluster manager) only to describe themselves.
    if (run.status !== 0) return [];
    const read = parseMetadata(run.stdout);
    if (!read.ok) return [`${name}: ${read.sentence}`];
    return read.metadata.advisedMs.start === undefined ? [`${name}: no timeout of start`] : [];
  });
  assert.deepEqual(wrong, []);
  assert.ok(names.length > 100, `${names.length} agents`);
});

test('ocf:heartbeat:Dummy lives, and its monitor notices that its state is gone', { skip }, async (t) => {
  const room = await openRoom(t);
  const word = 'ocf:heartbeat:Dummy::state=/run/room/dummy';
  await lives(room, word, async () => {
    await room.done('rm /run/room/dummy');
    assert.equal((await room.run('monitor', word)).ok, false);
    assert.deepEqual(await room.run('start', word), { ok: true });
  });
  // Two instances do not know of each other.
  await room.run('start', 'ocf:heartbeat:Dummy::fake=a');
  assert.equal((await room.run('monitor', 'ocf:heartbeat:Dummy::fake=b')).ok, false);
});

test('ocf:heartbeat:Delay lives', { skip }, async (t) => {
  const room = await openRoom(t);
  await lives(room, 'ocf:heartbeat:Delay::startdelay=0::stopdelay=0::mondelay=0');
});

test('ocf:heartbeat:IPaddr2 sets IPv4 and IPv6 addresses and notices that one is gone', {
  skip,
}, async (t) => {
  const room = await openRoom(t);
  const word = 'ocf:heartbeat:IPaddr2::ip=10.9.0.10::cidr_netmask=24::nic=eth0';
  await lives(room, word, async () => {
    assert.match(await room.done('ip -o -4 address show dev eth0'), /inet 10\.9\.0\.10\/24/);
    await room.done('ip address del 10.9.0.10/24 dev eth0');
    assert.equal((await room.run('monitor', word)).ok, false);
  });
  await lives(room, 'ocf:heartbeat:IPaddr2::ip=2001:db8:9::10::cidr_netmask=64::nic=eth0', async () => {
    assert.match(await room.done('ip -o -6 address show dev eth0'), /inet6 2001:db8:9::10\/64/);
  });
});

test('ocf:heartbeat:IPsrcaddr and Route change what the kernel routes', { skip }, async (t) => {
  const room = await openRoom(t);
  await lives(room, 'ocf:heartbeat:Route::destination=10.50.0.0/24::device=eth0', async () => {
    assert.match(await room.done('ip route show'), /10\.50\.0\.0\/24 dev eth0/);
  });
  await room.done('ip route add default via 10.9.0.254 dev eth0 && ip address add 10.9.0.10/24 dev eth0');
  // This agent refuses a second stop, which an agent may not; so does a stop in the field only once, of what runs.
  const word = 'ocf:heartbeat:IPsrcaddr::ipaddress=10.9.0.10::cidr_netmask=24';
  assert.deepEqual(await room.run('start', word), { ok: true });
  assert.match(await room.done('ip route show'), /src 10\.9\.0\.10/);
  assert.deepEqual(await room.run('monitor', word), { ok: true });
  assert.deepEqual(await room.run('release', word), { ok: true });
  assert.doesNotMatch(await room.done('ip route show default'), /src 10\.9\.0\.10/);
});

test('ocf:heartbeat:symlink makes and removes a link, and keeps what it replaced', { skip }, async (t) => {
  const room = await openRoom(t);
  await room.done('echo new > target; echo old > link');
  const word = `ocf:heartbeat:symlink::link=${ROOM}/link::target=${ROOM}/target::backup_suffix=.old`;
  await lives(room, word, async () => {
    assert.equal(await room.done('readlink link; cat link.old'), `${ROOM}/target\nold`);
  });
  assert.equal(await room.done('cat link'), 'old');
});

test('ocf:heartbeat:anything keeps a program; options with blanks come from conf/OCF', {
  skip,
}, async (t) => {
  const room = await openRoom(t);
  await room.done(`mkdir -p ha.d/conf/OCF/anything
cat > ha.d/conf/OCF/anything/sleeper <<END
binfile=/bin/sh
cmdline_options="-c 'while :; do sleep 1; done'"
pidfile=${ROOM}/sleeper.pid
END`);
  const word = 'OCF::anything::sleeper';
  await lives(room, word, async () => {
    await room.done('kill -9 "$(cat sleeper.pid)"');
    assert.equal((await room.run('monitor', word)).ok, false);
    assert.deepEqual(await room.run('start', word), { ok: true });
  });
});

test('ocf:heartbeat:Filesystem mounts a loop device and ends who keeps it busy', {
  skip: withPrograms('/usr/sbin/mkfs.ext4'),
}, async (t) => {
  const room = await openRoom(t);
  const made = await room.shell(
    'truncate -s 16M disk && mkfs.ext4 -q disk && losetup -f --show disk && mkdir -p /mnt/data',
  );
  if (made.code !== 0) {
    t.skip(`no loop device here: ${made.output}`);
    return;
  }
  const device = made.output.split('\n').at(-1) ?? '';
  // The agent wants modprobe even where nothing has to be loaded.
  await room.done('command -v modprobe >/dev/null || { mkdir -p bin; ln -s /bin/true bin/modprobe; }');
  try {
    const word = `ocf:heartbeat:Filesystem::device=${device}::directory=/mnt/data::fstype=ext4`;
    await lives(room, word, async () => {
      assert.match(await room.done('cat /proc/mounts'), new RegExp(`${device} /mnt/data ext4`));
      await room.done('(cd /mnt/data && exec sleep 1000) >/dev/null 2>&1 & echo $! > busy.pid');
    });
    assert.notEqual((await room.shell('kill -0 "$(cat busy.pid)"')).code, 0);
  } finally {
    await room.shell(`umount /mnt/data; losetup -d ${device}`);
  }
});

test('ocf:heartbeat:nginx serves a page and notices that its process is gone', {
  skip: withPrograms('/usr/sbin/nginx', '/usr/bin/curl'),
}, async (t) => {
  const room = await openRoom(t);
  await room.done(`mkdir -p www; echo here > www/index.html
cat > nginx.conf <<END
user root;
pid ${ROOM}/nginx.pid;
error_log ${ROOM}/error.log;
events { }
http {
  access_log off;
  server { listen 10.9.0.1:80; root ${ROOM}/www; location /nginx_status { stub_status on; } }
}
END`);
  const word = `ocf:heartbeat:nginx::configfile=${ROOM}/nginx.conf::status10url=http://10.9.0.1/nginx_status`;
  await lives(room, word, async () => {
    assert.equal(await room.done('curl -sf --max-time 5 http://10.9.0.1/'), 'here');
    await room.done(`kill -9 $(cat nginx.pid) $(pgrep -P "$(cat nginx.pid)")`);
    assert.equal((await room.run('monitor', word)).ok, false);
    assert.deepEqual(await room.run('start', word), { ok: true });
  });
});

test('ocf:heartbeat:apache serves a page, and its deep monitor asks for one', {
  skip: withPrograms('/usr/sbin/apache2', '/usr/bin/curl', '/usr/lib/apache2/modules/mod_mpm_event.so'),
}, async (t) => {
  const room = await openRoom(t);
  await room.done(`mkdir -p www; echo here > www/index.html
cat > apache.conf <<END
ServerRoot ${ROOM}
ServerName room
PidFile ${ROOM}/apache.pid
ErrorLog ${ROOM}/error.log
Listen 10.9.0.1:80
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule status_module /usr/lib/apache2/modules/mod_status.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
DocumentRoot ${ROOM}/www
<Location /server-status>
SetHandler server-status
</Location>
END`);
  const word = `ocf:heartbeat:apache::configfile=${ROOM}/apache.conf::httpd=/usr/sbin/apache2::statusurl=http://10.9.0.1/server-status::OCF_CHECK_LEVEL=10::testurl=http://10.9.0.1/::testregex10=here`;
  await lives(room, word, async () => {
    assert.equal(await room.done('curl -sf --max-time 5 http://10.9.0.1/index.html'), 'here');
  });
});

test('ocf:heartbeat:MailTo hands a mail to mail(1) at start and stop', { skip }, async (t) => {
  const room = await openRoom(t);
  await room.done(
    'mkdir -p bin; printf "#!/bin/sh\\necho \\"\\$*\\" >> /run/room/mails\\n" > bin/mail; chmod 755 bin/mail',
  );
  const word = 'ocf:heartbeat:MailTo::email=admin@example.com::subject=moved';
  assert.deepEqual(await room.run('start', word), { ok: true });
  assert.deepEqual(await room.run('stop', word), { ok: true });
  const mails = await room.done('cat mails');
  assert.match(mails, /^-s moved Takeover .*admin@example\.com$/m);
  assert.match(mails, /^-s moved Migrating .*admin@example\.com$/m);
});

test('an agent whose program is absent refuses its start in words', { skip }, async (t) => {
  const room = await openRoom(t);
  const word = 'ocf:heartbeat:named::named=/nowhere/named';
  const result = await room.run('start', word);
  assert.match(result.ok ? 'ok' : result.detail, /the program behind it is not installed|not configured/);
  assert.deepEqual(await room.run('release', word), { ok: true });
});
