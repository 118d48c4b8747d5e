/** ldirectord.cf: its grammar becomes virtual servers, and a mistake is told with its place (ldirectord(8)). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLdirectord } from '../../../src/config/ldirectord/parse.js';

const SAMPLE = `# Global Directives
checktimeout=3
checkinterval=2
failurecount = 3
autoreload=yes
fallback=127.0.0.1:80 gate
quiescent=no
emailalert="admin@example.org, ops@example.org"
logfile="/var/log/ldirectord.log"

# A sample virtual with a fallback that will override the gobal setting
virtual=192.168.6.240:80
\treal=192.168.6.2->192.168.6.3:80 gate 5
\treal=192.168.6.6:8080 masq 2 "alive.html", "I'm alive!"
\tfallback=127.0.0.1:8080 gate
\tservice=http
\trequest="index.html"
\treceive="Test Page"
\tvirtualhost=www.x.y.z
\tscheduler=rr
\tpersistent=600
\tnetmask=255.255.255.0
\tprotocol=tcp
\tchecktype=negotiate

virtual=1
        real=192.168.6.2:0 ipip
        checktype=3
        service=smtp
        quiescent=yes
        protocol=fwm
virtual6=[fd00::1]:domain
        real6=[fd00::2]:53 gate
        protocol=udp
        checktype=connect
`;

test('a whole file: global lines are defaults, ranges are written out, methods and checks are ours', () => {
  const { config, diagnostics } = parseLdirectord('/etc/ha.d/l.cf', SAMPLE, 'node1');
  assert.ok(config, JSON.stringify(diagnostics));
  assert.deepEqual(
    diagnostics.map(({ severity, code, line }) => `${severity} ${code} ${line}`),
    ['warning without-effect 5'],
  );
  const [web, mark, dns] = config.servers;
  assert.ok(web && mark && dns);
  assert.deepEqual(web.key, { kind: 'address', address: '192.168.6.240', port: 80 });
  assert.deepEqual(
    [web.scheduler, web.persistenceTimeoutMs, web.persistenceGranularity, web.protocol],
    ['rr', 600_000, '255.255.255.0', 'TCP'],
  );
  assert.deepEqual(
    web.realServers.map(({ address, port, weight, method, alpha, inhibitOnFailure }) => [
      ...[address, port, weight, method, alpha, inhibitOnFailure],
    ]),
    [
      ['192.168.6.2', 80, 5, 'DR', true, false],
      ['192.168.6.3', 80, 5, 'DR', true, false],
      ['192.168.6.6', 8080, 2, 'NAT', true, false],
    ],
  );
  assert.deepEqual(web.realServers[0]?.checkers[0]?.times, {
    connectTimeoutMs: 30_000,
    retries: 2,
    delayBeforeRetryMs: 2000,
    delayLoopMs: 2000,
    warmupMs: 0,
  });
  const urls = web.realServers.map(({ checkers: [one] }) =>
    one?.check.kind === 'http' ? one.check.urls[0] : one,
  );
  assert.deepEqual(urls[0], {
    path: '/index.html',
    statusCodes: [],
    virtualHost: 'www.x.y.z',
    regex: 'Test Page',
  });
  assert.deepEqual(urls[2], {
    path: '/alive.html',
    statusCodes: [],
    virtualHost: 'www.x.y.z',
    regex: "I'm alive!",
  });
  assert.deepEqual(web.sorryServer, { address: '127.0.0.1', port: 8080, method: 'DR', inhibit: false });
  assert.deepEqual(mark.key, { kind: 'fwmark', mark: 1 });
  assert.equal(mark.realServers[0]?.method, 'TUN');
  assert.equal(mark.realServers[0]?.inhibitOnFailure, true, 'quiescent of its own');
  assert.equal(mark.realServers[0]?.checkers[0]?.check.kind, 'smtp');
  assert.equal(mark.sorryServer?.port, 80, 'the global fallback');
  assert.deepEqual([dns.key, dns.protocol], [{ kind: 'address', address: 'fd00::1', port: 53 }, 'UDP']);
  assert.deepEqual(dns.realServers[0]?.checkers[0]?.check, { kind: 'udp', requireReply: false });
  assert.deepEqual(config.mail?.to, ['admin@example.org', 'ops@example.org']);
  assert.equal(config.logfile, '/var/log/ldirectord.log');
});

const CHECKS: readonly (readonly [lines: string, kind: string | undefined, times?: string])[] = [
  ['checktype=connect', 'tcp'],
  ['checktype=ping', 'ping'],
  ['checktype=on', undefined],
  ['checktype=negotiate', 'http'],
  ['', 'http'],
  ['service=https', 'https'],
  ['service=ftp', 'tcp'],
  ['checktype=external\n checkcommand=/bin/check', 'misc'],
];

for (const [lines, kind] of CHECKS) {
  test(`ldirectord.cf: "${lines.replace('\n', ';')}" on port 80 is checked by ${kind ?? 'nobody'}`, () => {
    const text = `virtual=10.0.0.1:80\n real=10.0.0.2:80 gate\n ${lines}\n`;
    const { config } = parseLdirectord('f', text, 'n');
    assert.equal(config?.servers[0]?.realServers[0]?.checkers[0]?.check.kind, kind);
  });
}

test('checktype=off uses no real server at all; an external command gets the places as arguments', () => {
  const off = parseLdirectord('f', 'virtual=10.0.0.1:80\n real=10.0.0.2:80 gate\n checktype=off\n', 'n');
  assert.deepEqual(off.config?.servers[0]?.realServers, []);
  const text = 'virtual=10.0.0.1:80\n real=10.0.0.2:81 gate\n checktype=external\n checkcommand=/bin/c\n';
  const check = parseLdirectord('f', text, 'n').config?.servers[0]?.realServers[0]?.checkers[0]?.check;
  assert.deepEqual(check?.kind === 'misc' ? check.command.words : [], [
    '/bin/c',
    '10.0.0.1',
    '80',
    '10.0.0.2',
    '81',
  ]);
});

const MISTAKES: readonly (readonly [text: string, told: string])[] = [
  ['virtual=10.0.0.300:80\n', 'error address-invalid 1'],
  ['virtual=10.0.0.1\n', 'error address-invalid 1'],
  [' real=10.0.0.1:80 gate\n', 'error line-invalid 1'],
  ['virtual=10.0.0.1:80\n real=10.0.0.2:80\n', 'error address-invalid 2'],
  ['virtual=10.0.0.1:80\n real=10.0.0.9->10.0.0.2:80 gate\n', 'error address-invalid 2'],
  ['virtual=10.0.0.1:80\n real=10.0.0.2:80 gate\n shedule=rr\n', 'error keyword-unknown 3'],
  ['virtual=10.0.0.1:80\n real=10.0.0.2:80 gate\n checktype=conect\n', 'error word-invalid 3'],
  ['virtual=10.0.0.1:80\n real=10.0.0.2:80 gate\n receive="("\n', 'error regex-invalid 3'],
  ['checkinterval=0\n', 'error number-invalid 1'],
  ['quiescent=perhaps\n', 'error switch-invalid 1'],
  ['wibble\n', 'error line-invalid 1'],
];

for (const [text, told] of MISTAKES) {
  test(`ldirectord.cf: ${JSON.stringify(text)} is refused at its line`, () => {
    const { config, diagnostics } = parseLdirectord('f', text, 'n');
    assert.equal(config, undefined);
    assert.ok(
      diagnostics.some(({ severity, code, line }) => `${severity} ${code} ${line}` === told),
      JSON.stringify(diagnostics),
    );
  });
}
