import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { good, read, told } from './support.js';

const SERVER = `virtual_server 10.0.0.10 80 {
  delay_loop 6
  lb_algo wrr
  lb_kind DR
  protocol TCP
  persistence_timeout 600
  quorum 2
  connect_timeout 2
  weight 3
  sorry_server 127.0.0.1 8080
  real_server 10.0.0.21 80 {
    weight 5
    TCP_CHECK { connect_timeout 3
      nb_get_retry 4 }
  }
  real_server 10.0.0.22 {
    HTTP_GET {
      url {
        path /alive
        status_code 200 301-302
        digest 0123456789ABCDEF0123456789abcdef
      }
    }
    MISC_CHECK { misc_path "/usr/bin/check --port 80"
    }
  }
}`;

describe('virtual_server', () => {
  it('has its own values, and real servers take from it what they do not say', () => {
    const [server] = good(SERVER).virtualServers;
    assert.ok(server);
    assert.deepEqual(server.key, { kind: 'address', address: '10.0.0.10', port: 80 });
    assert.deepEqual(
      [server.scheduler, server.method, server.protocol, server.persistenceTimeoutMs, server.quorum],
      ['wrr', 'DR', 'TCP', 600_000, 2],
    );
    assert.deepEqual(server.sorryServer, { address: '127.0.0.1', port: 8080, method: 'DR', inhibit: false });
    assert.deepEqual(
      server.realServers.map(({ address, port, weight, method }) => [address, port, weight, method]),
      [
        ['10.0.0.21', 80, 5, 'DR'],
        ['10.0.0.22', 0, 3, 'DR'],
      ],
    );
  });

  it('checks inherit times from outside and have the defaults of their kind', () => {
    const checks = good(SERVER).virtualServers[0]?.realServers.flatMap(({ checkers }) => checkers) ?? [];
    assert.deepEqual(
      checks.map(({ check, times }) => [
        check.kind,
        times.connectTimeoutMs,
        times.retries,
        times.delayBeforeRetryMs,
      ]),
      [
        ['tcp', 3000, 4, 1000],
        ['http', 2000, 1, 3000],
        ['misc', 2000, 0, 1000],
      ],
    );
    assert.ok(checks.every(({ times }) => times.delayLoopMs === 6000));
  });

  it('a page to be asked for keeps codes as ranges and the digest in small letters', () => {
    const check = good(SERVER).virtualServers[0]?.realServers[1]?.checkers[0]?.check;
    assert.ok(check?.kind === 'http');
    assert.deepEqual(check.urls, [
      {
        path: '/alive',
        statusCodes: [
          { from: 200, to: 200 },
          { from: 301, to: 302 },
        ],
        digest: '0123456789abcdef0123456789abcdef',
      },
    ]);
  });

  it('marks and groups are keys too', () => {
    const text =
      'virtual_server_group G {\n10.0.0.1 80\n}\nvirtual_server fwmark 7 {\nlb_algo rr\nprotocol UDP\n}\nvirtual_server group G {\nlb_algo rr\nprotocol TCP\n}';
    assert.deepEqual(
      good(text).virtualServers.map(({ key }) => key),
      [
        { kind: 'fwmark', mark: 7 },
        { kind: 'group', group: 'G' },
      ],
    );
  });

  it('a group that is not defined, and what is no address in one, are refused with the place', () => {
    const nobody = read('virtual_server group G {\nlb_algo rr\nprotocol TCP\n}');
    assert.ok(told(nobody).includes('error group-unknown 1:1'));
    for (const wrong of ['10.0.0.300', '10.0.0.9-3', '10.0.0.0/33', '10.0.0.0-10.9.0.0', 'web']) {
      const parsed = read(`virtual_server_group G {\n${wrong} 80\n}`);
      assert.ok(told(parsed).includes('error address-invalid 2:1'), wrong);
    }
  });

  const checkOf = (lines: string) =>
    read(
      `virtual_server 10.0.0.10 80 {\nlb_algo rr\nprotocol UDP\nreal_server 10.0.0.21 80 {\n${lines}\n}\n}`,
    );
  const kindOf = (lines: string) => checkOf(lines).config?.virtualServers[0]?.realServers[0]?.checkers[0];

  it('UDP_CHECK: bytes in free words, a pattern for the reply, and its length', () => {
    const lines =
      'UDP_CHECK {\npayload Ab12f 3 456\nrequire_reply a1xx 7\nmin_reply_length 2\nmax_reply_length 9\nalpha\n}';
    assert.deepEqual(kindOf(lines)?.check, {
      kind: 'udp',
      requireReply: true,
      payloadHex: 'ab120f034506',
      replyPattern: 'a1xx07',
      replyMinBytes: 2,
      replyMaxBytes: 9,
    });
    assert.equal(kindOf(lines)?.alpha, true);
    assert.deepEqual(kindOf('UDP_CHECK {\nrequire_reply\n}')?.check, { kind: 'udp', requireReply: true });
    assert.ok(told(checkOf('UDP_CHECK {\npayload 0g\n}')).includes('error payload-invalid 6:9'));
    assert.ok(told(checkOf('UDP_CHECK {\npayload x1\n}')).includes('error payload-invalid 6:9'));
    assert.ok(told(checkOf('UDP_CHECK {\npayload\n}')).includes('error payload-invalid 6:1'));
  });

  it('MISC_CHECK runs as its user; HTTP_GET knows its protocol and fast_recovery', () => {
    assert.deepEqual(kindOf('MISC_CHECK {\nmisc_path "/bin/check it"\nuser nobody nogroup\n}')?.check, {
      kind: 'misc',
      command: { words: ['/bin/check', 'it'], user: 'nobody', group: 'nogroup' },
      timeoutMs: 60_000,
      dynamic: false,
    });
    const http = kindOf('HTTP_GET {\nhttp_protocol 1.0C\nfast_recovery\nurl {\npath /a\n}\n}')?.check;
    assert.ok(http?.kind === 'http');
    assert.deepEqual(
      [http.httpVersion, http.fastRecovery, http.userAgent],
      ['1.0C', true, 'KeepAliveClient'],
    );
  });

  it('the SSL block is for SSL_GET; what it does not say is absent', () => {
    const text = `SSL {\ncertificate /etc/c.pem\nkey /etc/k.pem\npassword secret\n}\n${SERVER}`;
    assert.deepEqual(good(text).director?.tls, {
      certificate: '/etc/c.pem',
      key: '/etc/k.pem',
      password: 'secret',
    });
    assert.ok(told(read(`SSL {\ncert /etc/c.pem\n}\n${SERVER}`)).includes('error unknown-keyword 2:1'));
  });

  const WRONG_TUNNELS: readonly (readonly [words: string, why: RegExp])[] = [
    ['DR type gre', /only TUN takes more words/],
    ['TUN gre', /"type" and the type/],
    ['TUN type vxlan', /is no type of tunnel/],
    ['TUN type gue', /gue needs its port/],
    ['TUN type gue port 6080 some', /is no checksum of gue/],
    ['TUN type gue port 70000', /not a whole number/],
    ['TUN type gre remcsum', /is no checksum of gre/],
    ['TUN type ipip csum', /ipip has no checksum/],
    ['TUN type gre csum csum', /one word too many/],
  ];
  for (const [words, why] of WRONG_TUNNELS) {
    it(`"lb_kind ${words}" is refused in a sentence, with its line`, () => {
      const { config, diagnostics } = read(SERVER.replace('lb_kind DR', `lb_kind ${words}`));
      assert.equal(config, undefined);
      const [first] = diagnostics.filter(({ severity }) => severity === 'error');
      assert.equal(first?.line, 4);
      assert.match(first?.message ?? '', why);
    });
  }

  it('what is not built is named with its line, and a sentence says what that means', () => {
    const { diagnostics } = read(
      `bfd_instance B {\n}\n${SERVER.replace('weight 5', 'BFD_CHECK {\nname B\n}').replace('quorum 2', 'snmp_name a')}`,
    );
    const found = diagnostics
      .filter(({ code }) => code === 'not-supported')
      .map(({ line, message }) => `${line} ${message}`);
    assert.deepEqual(found, [
      '1 bfd_instance is known and not supported: there is no BFD here.',
      '9 snmp_name is known and not supported: there is no SNMP agent; the status page has metrics.',
      '14 BFD_CHECK is known and not supported: there is no BFD here; the server counts as alive as far as this check is concerned.',
    ]);
  });

  it('FILE_CHECK takes the file and the weight from its track_file block', () => {
    const text =
      'vrrp_track_file load {\nfile /run/load\nweight 3\n}\nvirtual_server 10.0.0.10 80 {\nlb_algo rr\nprotocol TCP\nreal_server 10.0.0.21 80 {\nFILE_CHECK {\ntrack_file load\ndynamic\n}\n}\n}';
    assert.deepEqual(good(text).virtualServers[0]?.realServers[0]?.checkers[0]?.check, {
      kind: 'file',
      path: '/run/load',
      weight: 3,
      dynamic: true,
    });
    const unknown = read(text.replace('track_file load\n', 'track_file lode\n'));
    assert.ok(told(unknown).some((line) => line.startsWith('error file-unknown 10:')));
  });

  it('what global_defs says to the director is kept', () => {
    const text =
      'global_defs {\nlvs_flush\nlvs_timeouts tcp 900 udp 30\nlvs_sync_daemon eth1 VI_1 id 7\nlvs_keep_on_stop\n}';
    assert.deepEqual(good(text).director, {
      flushAtStart: true,
      keepOnStop: true,
      timeoutsS: { tcp: 900, tcpFin: 0, udp: 30 },
      syncDaemon: { interface: 'eth1', instance: 'VI_1', syncId: 7 },
    });
    assert.equal(good('').director, undefined);
  });

  it('a scheduler that does not exist is refused with the nearest one', () => {
    const parsed = read('virtual_server 10.0.0.10 80 {\nlb_algo wwr\nprotocol TCP\n}');
    assert.ok(told(parsed).includes('error word-invalid 2:9'));
    assert.equal(parsed.diagnostics.find(({ code }) => code === 'word-invalid')?.hint, 'Did you mean wrr?');
  });
});
