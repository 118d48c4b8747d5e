import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../support/scripts.js';
import { cannotRun, inNamespace } from './support/namespace.js';

/** A folder that the servers' unprivileged workers may read, with the page to serve. */
function website(t: TestContext): string {
  const box = temporaryFolder(t);
  chmodSync(box, 0o755);
  mkdirSync(join(box, 'www'));
  writeFileSync(join(box, 'www/index.html'), 'served by this node\n');
  return box;
}

const GET = `get() { node -e 'fetch("http://127.0.0.1:8088/").then((r) => r.text(), (e) => e.cause.code).then((x) => console.log(x.trim()))'; }`;

/** What a web server script does, as lines: status, two starts, a request, a kill, again, two stops. */
function life(call: string, name: string, wrong: string): string {
  return `${GET}
  S="${call}"
  $S status; echo $?; get
  $S start; echo $?; $S start; echo $?; $S status; get
  pkill -KILL -x ${name}; $S status; $S start; echo $?; get
  echo 'nonsense ' >>$BOX/${wrong}
  $S stop; echo $?; $S stop; echo $?; $S status; get; pgrep -c -x ${name}
  $S start >/dev/null 2>&1; echo $?`;
}

function lived(what: string): string[] {
  const page = 'served by this node';
  const off = `${what} is not running`;
  const on = `${what} is running`;
  return [
    off,
    '3',
    'ECONNREFUSED',
    '0',
    '0',
    on,
    page,
    off,
    '0',
    page,
    '0',
    '0',
    off,
    'ECONNREFUSED',
    '0',
    '1',
  ];
}

test('nginx answers requests after start and none after stop; a broken configuration fails the start, not the stop', {
  skip: cannotRun('nginx', 'pkill'),
}, (t) => {
  const box = website(t);
  const config = join(box, 'nginx.conf');
  writeFileSync(
    config,
    `pid ${box}/nginx.pid; error_log ${box}/error.log;\nevents {}\nhttp { access_log off; server { listen 127.0.0.1:8088; root ${box}/www; } }\n`,
  );
  const output = inNamespace(life(`./nginx ${config}`, 'nginx', 'nginx.conf'), { env: { BOX: box } });
  assert.deepEqual(output.split('\n'), lived(`nginx with ${config}`));
});

test('apache answers requests after start and none after stop; a broken configuration fails the start, not the stop', {
  skip: cannotRun('apache2', '/usr/lib/apache2/modules/mod_mpm_event.so', 'pkill'),
}, (t) => {
  const box = website(t);
  const config = join(box, 'httpd.conf');
  const modules = ['mpm_event', 'authz_core', 'dir'];
  writeFileSync(
    config,
    `ServerRoot ${box}\nServerName node\nListen 127.0.0.1:8088\nPidFile ${box}/httpd.pid\nDefaultRuntimeDir ${box}
ErrorLog ${box}/error.log\n${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('')}
User www-data\nGroup www-data\nDocumentRoot ${box}/www\nDirectoryIndex index.html\n`,
  );
  for (const script of ['apache', 'httpd']) {
    const whole = inNamespace(
      `cp ${config} ${config}.good; ${life(`./${script} ${config}`, 'apache2', 'httpd.conf')}; mv ${config}.good ${config}`,
      { env: { BOX: box } },
    );
    const output = whole.split('\n').filter((line) => !line.includes('Syntax OK'));
    assert.deepEqual(output, lived(`apache with ${config}`));
  }
});

test('smb: a client reads a file from the share after start, and is refused after stop', {
  skip: cannotRun('smbd', 'nmbd', 'smbclient', 'testparm'),
}, (t) => {
  const box = website(t);
  const config = join(box, 'smb.conf');
  const folders = [
    'pid directory',
    'lock directory',
    'state directory',
    'cache directory',
    'private dir',
    'ncalrpc dir',
  ];
  for (const folder of folders) mkdirSync(join(box, folder.replaceAll(' ', '-')), { mode: 0o755 });
  writeFileSync(
    config,
    `[global]
${folders.map((folder) => `  ${folder} = ${box}/${folder.replaceAll(' ', '-')}\n`).join('')}
  log file = ${box}/log.%m
  interfaces = lo
  bind interfaces only = yes
  server role = standalone server
  map to guest = Bad User
  load printers = no
[pages]
  path = ${box}/www
  guest ok = yes
  read only = yes
`,
  );
  const output = inNamespace(
    `S="./smb $BOX/smb.conf"
    get() { rm -f $BOX/got; smbclient -s $BOX/smb.conf -N //127.0.0.1/pages -c "get index.html $BOX/got" >/dev/null 2>&1; cat $BOX/got 2>/dev/null || echo nothing; }
    $S status; echo $?; get; $S start; echo $?; $S start; echo $?; $S status; get
    pkill -KILL -x nmbd; $S status; $S start; echo $?; $S status
    $S stop; echo $?; $S stop; echo $?; $S status; get; pgrep -c -x 'smbd|nmbd'
    echo 'disable netbios = yes' >$BOX/extra; sed -i '1r '$BOX/extra $BOX/smb.conf
    $S start; echo $?; $S status; pgrep -c -x nmbd; get; $S stop; echo $?`,
    { env: { BOX: box } },
  );
  const off = `samba with ${config} is not running`;
  const on = `samba with ${config} is running`;
  const page = 'served by this node';
  const first = [off, '3', 'nothing', '0', '0', on, page, off, '0', on, '0', '0', off, 'nothing', '0'];
  assert.deepEqual(output.split('\n'), [...first, '0', on, '0', page, '0']);
});
