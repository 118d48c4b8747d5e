/** Rules that the corpus does not show: additions, hints, and what becomes of the values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, corpusFacts, GOOD_HA_CF, judge, only } from './support.js';

/** The good file with a line more. */
const withLine = (line: string): string => `${GOOD_HA_CF}${line}\n`;

describe('ha.cf', () => {
  it('a misspelt directive is refused with the nearest name, its line and column', () => {
    const judged = judge({ haCf: withLine('  keepalve 2') });
    const problem = only(judged, 'unknown-directive');
    assert.equal(judged.accepted, false);
    assert.deepEqual([problem.line, problem.column], [8, 3]);
    assert.equal(problem.hint, 'Did you mean keepalive?');
  });

  it('a directive glued to its value is told apart', () => {
    const hint = only(judge({ haCf: withLine('deadtime=10') }), 'unknown-directive').hint;
    assert.equal(hint, 'Put a blank between name and value: deadtime 10');
  });

  it('all wrong lines are reported at once, in the order of the file', () => {
    const judged = judge({ haCf: withLine('foo 1\nbar 2\nkeepalive 10s') });
    const lines = judged.diagnostics.filter((one) => one.severity === 'error').map((one) => one.line);
    assert.deepEqual(lines, [8, 9, 10]);
  });

  it('a byte order mark is named instead of an odd directive', () => {
    const problem = only(judge({ haCf: `\ufeff${GOOD_HA_CF}` }), 'unknown-directive');
    assert.match(problem.message, /byte order mark/);
  });

  it('a deadtime of twice the keepalive is refused, one of a little more only warned of', () => {
    const two = judge({ haCf: 'keepalive 5\ndeadtime 10\nbcast eth0\nnode node1 node2\nauto_failback on\n' });
    assert.deepEqual(codes(two, 'error'), ['deadtime-too-small']);
    assert.equal(only(two, 'deadtime-too-small').line, 2);
    const more = judge({
      haCf: 'keepalive 5\ndeadtime 11\nbcast eth0\nnode node1 node2\nauto_failback on\n',
    });
    assert.equal(more.accepted, true);
    only(more, 'deadtime-tight');
  });

  it('a medium keeps the port in force at its line, and a later udpport is warned of', () => {
    const judged = judge({ haCf: withLine('udpport 1694\nbcast eth1') });
    assert.equal(only(judged, 'udpport-order').line, 8);
    assert.deepEqual(judged.config?.media, [
      { kind: 'bcast', device: 'eth0', port: 694 },
      { kind: 'bcast', device: 'eth1', port: 1694 },
    ]);
  });

  it('an explicit udpport before the media is no reason for a warning', () => {
    const judged = judge({ haCf: `udpport 694\n${GOOD_HA_CF}mcast eth1 225.0.0.1 700 1 0\n` });
    assert.deepEqual(codes(judged, 'warning'), []);
  });

  it('a udpport beyond 65535 is cut to 16 bits as the original does, with a warning', () => {
    const judged = judge({ haCf: `udpport 70000\n${GOOD_HA_CF}` });
    assert.deepEqual(judged.config?.media, [{ kind: 'bcast', device: 'eth0', port: 4464 }]);
    assert.match(only(judged, 'udpport-range').message, /4464/);
  });

  it('a serial line keeps the speed in force at its line', () => {
    const judged = judge({ haCf: withLine('serial /dev/ttyS0\nbaud 38400') });
    assert.deepEqual(judged.config?.media[1], { kind: 'serial', device: '/dev/ttyS0', baud: 19200 });
    only(judged, 'baud-order');
  });

  it('the port of ha-cluster in the services file is the default', () => {
    const services = { 'ha-cluster': 6940 };
    const judged = judge({ facts: { ...corpusFacts, services } });
    assert.deepEqual(judged.config?.media, [{ kind: 'bcast', device: 'eth0', port: 6940 }]);
    assert.equal(judged.effective.udpport, '6940');
  });

  it('names of ucast and ping lines are resolved by the machine', () => {
    const hosts = { peer: ['10.87.0.2', 'fe80::2'] };
    const judged = judge({ haCf: withLine('ucast eth1 peer\nucast6 eth1 peer'), facts: { hosts } });
    assert.deepEqual(judged.config?.media.slice(1), [
      { kind: 'ucast', device: 'eth1', peer: 'peer', address: '10.87.0.2', port: 694 },
      { kind: 'ucast6', device: 'eth1', peer: 'peer', address: 'fe80::2%eth1', port: 694 },
    ]);
  });

  it('ping hosts become pseudo nodes and are no cluster members', () => {
    const judged = judge({ haCf: withLine('ping 10.87.0.254') });
    assert.deepEqual(judged.config?.nodes, ['node1', 'node2']);
    assert.deepEqual(judged.effective.nodes, ['node1', 'node2', '10.87.0.254']);
  });

  it('a node that is named twice counts once here', () => {
    const judged = judge({ haCf: withLine('node node1') });
    assert.deepEqual(judged.config?.nodes, ['node1', 'node2']);
    only(judged, 'duplicate-node');
  });

  it('without a log destination lines go to the system log', () => {
    const judged = judge({ haCf: 'bcast eth0\nnode node1 node2\nauto_failback on\n' });
    assert.deepEqual(judged.config?.log, { facility: 'daemon', debug: 0 });
  });

  it('a stonith_host line counts only on the node that it names', () => {
    const haCf = withLine(
      'stonith_host node2 nonsense\nstonith_host node1 null node2\nstonith_host * null x',
    );
    const devices = judge({ haCf }).config?.stonith;
    assert.deepEqual(devices, [
      { type: 'null', parameters: 'node2', line: 9 },
      { type: 'null', parameters: 'x', line: 10 },
    ]);
  });

  it('a STONITH password is in no diagnostic', () => {
    const judged = judge({ haCf: withLine('stonith_host * external/ipmi node2 10.0.0.9 admin hunter2') });
    assert.equal(judged.accepted, false);
    assert.ok(!JSON.stringify(judged).includes('hunter2'));
  });

  it('env and respawn lines reach the configuration', () => {
    const { config } = judge({ haCf: withLine("env A=1 B=x=y C\nrespawn root /bin/sh -c 'sleep 9'") });
    assert.deepEqual(config?.environment, { A: '1', B: 'x=y', C: '' });
    assert.deepEqual(config?.respawn, [{ user: 'root', command: "/bin/sh -c 'sleep 9'", line: 9 }]);
  });
});

describe('haresources', () => {
  it('addresses are set by the program, in all four forms', () => {
    const haresources = [
      'node1 10.0.0.10/24/eth0 httpd',
      'node2 IPaddr2::10.0.0.11/24/eth0:1 IPaddr::10.0.0.12 IPv6addr::2001:db8:0:0:0:0:0:10/64',
    ].join('\n');
    const groups = judge({ haresources }).config?.groups ?? [];
    assert.deepEqual(
      groups.map((group) => group.resources.map((resource) => [resource.type, resource.address?.address])),
      [
        [
          ['IPaddr', '10.0.0.10'],
          ['httpd', undefined],
        ],
        [
          ['IPaddr2', '10.0.0.11'],
          ['IPaddr', '10.0.0.12'],
          ['IPv6addr', '2001:db8::10'],
        ],
      ],
    );
  });

  it('with builtin = no addresses are left to the scripts', () => {
    const judged = judge({ haresources: 'node1 10.0.0.10\n', ini: '[resources]\nbuiltin = no\n' });
    assert.deepEqual(judged.config?.groups[0]?.resources, [
      { word: '10.0.0.10', type: 'IPaddr', args: ['10.0.0.10'] },
    ]);
  });

  it('IPv6 addresses with a double colon are taken, with a warning about the original', () => {
    const judged = judge({ haresources: 'node1 2001:db8::10/64\nnode2 IPv6addr::2001:db8::11/64/eth0\n' });
    assert.deepEqual(
      judged.config?.groups.map((group) => group.resources[0]?.address),
      [
        { family: 6, address: '2001:db8::10', prefixLength: 64 },
        { family: 6, address: '2001:db8::11', prefixLength: 64, device: 'eth0' },
      ],
    );
    assert.equal(only(judged, 'bare-ipv6').line, 1);
    assert.equal(only(judged, 'compressed-ipv6').line, 2);
    assert.deepEqual(judged.config?.groups[1]?.resources[0]?.args, ['2001:db8::11/64/eth0']);
  });

  it('a second line with the same first resource is not used, and said so', () => {
    const judged = judge({ haresources: 'node1 10.0.0.10 a\nnode2 10.0.0.10 b\n' });
    assert.equal(only(judged, 'duplicate-group').line, 2);
    assert.deepEqual(
      judged.config?.groups.map((group) => [group.node, group.line]),
      [['node1', 1]],
    );
  });

  it('a line without resources is no group', () => {
    assert.deepEqual(judge({ haresources: 'node1\n' }).config?.groups, []);
  });

  it('places are those of the physical line, across a continuation', () => {
    const judged = judge({ haresources: 'node1 10.0.0.10 \\\n  999.1.1.1\n' });
    const problem = only(judged, 'address-invalid');
    assert.deepEqual([problem.line, problem.column], [2, 3]);
  });

  it('carriage returns are dropped with a warning', () => {
    const judged = judge({ haresources: 'node1 10.0.0.10 httpd\r\n' });
    assert.equal(judged.config?.groups[0]?.resources[1]?.type, 'httpd');
    assert.equal(only(judged, 'carriage-return').line, 1);
  });

  it('a resource without a script is warned of where scripts are known', () => {
    const facts = { resourceScripts: ['httpd'] };
    const judged = judge({ haresources: 'node1 10.0.0.10 httpd smb\n', facts });
    assert.match(only(judged, 'script-missing').message, /"smb"/);
  });

  it('a file system without fencing is warned of, with fencing not', () => {
    const haresources = 'node1 Filesystem::/dev/sda1::/srv::ext4\n';
    assert.equal(only(judge({ haresources }), 'no-fencing').line, 1);
    const fenced = judge({ haresources, haCf: withLine('stonith_host * null node2') });
    assert.ok(!codes(fenced, 'warning').includes('no-fencing'));
  });

  it('with three nodes services move between the first two', () => {
    const judged = judge({ haresources: 'node1 10.0.0.10\n', haCf: withLine('node node3') });
    assert.match(only(judged, 'more-than-two-nodes').message, /node1 and node2\.$/);
    assert.equal(judged.accepted, true);
  });
});

describe('authkeys', () => {
  it('a key line before the auth line is not found', () => {
    const judged = judge({ authkeys: '1 sha1 secret\nauth 1\n' });
    assert.match(only(judged, 'key-not-found').message, /stands before/);
  });

  it('a later auth line needs a line of its key behind it', () => {
    const judged = judge({ authkeys: 'auth 1\n1 sha1 one\n2 sha1 two\nauth 2\n' });
    assert.equal(only(judged, 'key-not-found').line, 4);
    const again = judge({ authkeys: 'auth 1\n1 sha1 one\nauth 1\n' });
    assert.equal(only(again, 'key-not-found').line, 3);
  });

  it('sha256 is refused as the original refuses it, unless heartbeat.ini allows it', () => {
    const authkeys = 'auth 1\n1 sha256 secret\n';
    assert.deepEqual(codes(judge({ authkeys }), 'error'), ['key-not-found', 'method-not-original']);
    const allowed = judge({ authkeys, ini: '[auth]\nsha2 = yes\n' });
    assert.equal(only(allowed, 'method-not-original').severity, 'info');
    assert.deepEqual(allowed.authKeys?.keys, [{ index: 1, method: 'sha256', key: 'secret' }]);
  });

  it('crc is warned of on a network, not on a serial cable', () => {
    const authkeys = 'auth 1\n1 crc\n';
    assert.equal(only(judge({ authkeys }), 'crc-on-network').line, 2);
    const serial = 'serial /dev/ttyS0\nauto_failback on\nnode node1 node2\nlogfacility daemon\n';
    assert.ok(!codes(judge({ authkeys, haCf: serial }), 'warning').includes('crc-on-network'));
  });

  it('a crc line beside the active key is warned of', () => {
    const judged = judge({ authkeys: 'auth 1\n1 sha1 secret\n2 crc\n' });
    assert.match(only(judged, 'crc-on-network').message, /Key 2/);
  });

  it('a key is kept byte by byte', () => {
    const bytes = Buffer.concat([
      Buffer.from('auth 1\n1 sha1 a'),
      Buffer.from([0xa0, 0xff, 0x85]),
      Buffer.from('z\n'),
    ]);
    assert.equal(judge({ authkeys: bytes }).authKeys?.keys[0]?.key, 'a\xa0\xff\x85z');
  });
});

describe('heartbeat.ini', () => {
  it('values are read, quotes and comments aside', () => {
    const ini =
      '[groups]\nparallel = 2 ; two\n[resources]\nstart_deadline = 1500ms\n[log]\nformat = "json"\n';
    const settings = judge({ ini }).config?.settings;
    assert.equal(settings?.parallelGroups, 2);
    assert.equal(settings?.startDeadlineMs, 1500);
    assert.equal(settings?.logFormat, 'json');
    assert.equal(settings?.isolated, 'serve');
  });

  it('an unknown section or key is refused with the nearest one', () => {
    const judged = judge({ ini: '[grops]\nparallel = 1\n[log]\nfromat = json\n' });
    assert.match(only(judged, 'unknown-section').hint ?? '', /\[groups\]/);
    const key = only(judged, 'unknown-key');
    assert.deepEqual([key.line, key.hint], [4, 'Did you mean format?']);
  });

  it('a key in the wrong section or in none is refused', () => {
    assert.match(only(judge({ ini: '[log]\nparallel = 1\n' }), 'unknown-key').hint ?? '', /\[groups\]/);
    only(judge({ ini: 'parallel = 1\n' }), 'no-section');
  });

  it('a bad value is refused with the range', () => {
    const problem = only(judge({ ini: '[groups]\nparallel = 0\n' }), 'value-invalid');
    assert.equal(problem.hint, 'Write a whole number, 1 to 1000.');
    only(judge({ ini: '[groups]\nparallel\n' }), 'value-invalid');
    only(judge({ ini: '[resources]\nstop_deadline = 10s\n' }), 'value-invalid');
  });

  it('a key that is set twice keeps the last value, with a warning', () => {
    const judged = judge({ ini: '[groups]\nparallel = 1\nparallel = 2\n' });
    assert.equal(judged.config?.settings.parallelGroups, 2);
    assert.equal(only(judged, 'duplicate-key').line, 3);
    const once = judge({ ini: '[groups]\nparallel = 1\n' });
    assert.ok(!codes(once, 'warning').includes('duplicate-key'));
  });

  it('names of the language itself are no keys', () => {
    assert.equal(judge({ ini: '[__proto__]\npolluted = 1\n[groups]\n__proto__ = 1\n' }).accepted, false);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });
});
