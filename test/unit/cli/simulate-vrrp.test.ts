/** `heartbeat simulate --keepalived`: what would this pair of keepalived.conf do if. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runHeartbeat } from '../../../src/cli/heartbeat.js';
import { resolvePaths } from '../../../src/daemon/paths.js';
import { repositoryRoot } from '../../support/root.js';

const PAGE = join(repositoryRoot(), 'test', 'fixtures', 'corpus', 'keepalived');
const page = (name: string): string => readFileSync(join(PAGE, `${name}.conf`), 'utf8');

interface Text {
  readonly priority: number;
  readonly head?: string;
  readonly device?: string;
  readonly password?: string;
  readonly more?: string;
}

const text = ({ priority, head = '', device = 'eth0', password = '1234', more = '' }: Text): string =>
  `${head}
vrrp_instance VI_1 {
  state BACKUP
  interface ${device}
  virtual_router_id 51
  priority ${priority}
  authentication {
    auth_type PASS
    auth_pass ${password}
  }
  virtual_ipaddress {
    10.0.0.100/24
  }
${more}
}
`;

describe('heartbeat simulate --keepalived', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hb-simulate-vrrp-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function play(files: readonly string[], scenario: string): Promise<{ code: number; out: string }> {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const argv = files.flatMap((content, i) => {
      const path = join(folder, `keepalived${i + 1}.conf`);
      writeFileSync(path, content);
      return ['--keepalived', `node${i + 1}=${path}`];
    });
    const file = join(folder, 'scenario.txt');
    writeFileSync(file, scenario);
    const paths = resolvePaths({ configDir: folder }, {});
    const output = { out: say, err: say, terminal: false };
    const code = await runHeartbeat(['simulate', ...argv, file], paths, output);
    return { code, out: lines.join('\n') };
  }

  it('plays the pair of walk-through 002: loss, return with preemption, and the partition with two masters', async () => {
    const scenario = [
      'start all',
      'at 10s expect myroute on node1',
      'at 20s power-off node1',
      'expect myroute on node2 within 4s',
      'at 40s power-on node1',
      'expect myroute on node1 within 5s',
      'at 60s cut node1 out for 20s',
      'at 82s expect myroute on node1',
      'expect outage < 4s',
      'expect never two owners longer than 18s',
    ];
    const { code, out } = await play([page('s002_n1'), page('s002_n2')], scenario.join('\n'));
    assert.equal(code, 0, out);
    assert.match(out, /Two owners of myroute: node1 and node2/);
    assert.match(out, /All 6 expectations were met\./);
  });

  it('shows what a pair that does not fit together does: two masters, with the keyword that differs', async () => {
    const scenario = 'start all\nat 20s expect one owner of VI_1\nat 20s expect log vrrp-disagrees';
    const wrong = await play([text({ priority: 100 }), text({ priority: 90, password: '4321' })], scenario);
    assert.equal(wrong.code, 1, wrong.out);
    assert.match(wrong.out, /VI_1 is on node1 and node2/);
    assert.match(wrong.out, /has another password \(auth_pass\)/);
    assert.match(wrong.out, /1 of 2 expectations were not met/);
    const head = 'global_defs {\n  vrrp_mcast_group4 224.0.100.50\n}';
    const apart = await play([text({ priority: 100 }), text({ priority: 90, head })], scenario);
    assert.match(apart.out, /VI_1 is on node1 and node2/);
  });

  it('lets a tracked script fail and a cable be pulled', async () => {
    const head = 'vrrp_script chk {\n  script "/bin/true"\n  interval 1\n  weight -20\n}';
    const files = [100, 90].map((priority) =>
      text({ priority, head, more: '  track_script {\n    chk\n  }' }),
    );
    const scenario = [
      'start all',
      'at 10s expect VI_1 on node1',
      'at 20s chk monitor fails on node1 for 20s',
      'expect VI_1 on node2 within 6s',
      'at 50s expect VI_1 on node1',
      'at 60s unplug node1 eth0 for 20s',
      'expect VI_1 on node2 within 5s',
      'at 100s expect VI_1 on node1',
      'expect never two owners longer than 100ms',
    ];
    const { code, out } = await play(files, scenario.join('\n'));
    assert.equal(code, 0, out);
  });

  it('unicast packets reach the machine that they are for, and nobody else', async () => {
    const peers = (own: number, other: number) =>
      `  unicast_src_ip 10.0.0.${own}\n  unicast_peer {\n    10.0.0.${other}\n  }`;
    const scenario = 'start all\nat 20s expect VI_1 on node1';
    const one = text({ priority: 100, more: peers(1, 2) });
    const good = await play([one, text({ priority: 90, more: peers(2, 1) })], scenario);
    assert.equal(good.code, 0, good.out);
    const strange = text({ priority: 100, more: peers(1, 9) });
    const bad = await play([strange, text({ priority: 90, more: peers(2, 1) })], scenario);
    assert.match(bad.out, /VI_1 is on node1 and node2/);
  });

  it('a machine that sleeps has nothing until it wakes', async () => {
    const scenario = [
      'start all',
      'at 20s suspend node1 for 30s',
      'expect VI_1 on node2 within 4s',
      'at 70s expect VI_1 on node1',
    ];
    const files = [text({ priority: 100 }), text({ priority: 90 })];
    const { code, out } = await play(files, scenario.join('\n'));
    assert.equal(code, 0, out);
  });

  it('instances beside resource groups are played with them, and a group follows its instance', async () => {
    const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
    const ini = '[vrrp]\nconfig = /etc/keepalived/keepalived.conf\n';
    mkdirSync(join(folder, 'node2'));
    write('ha.cf', 'keepalive 1\ndeadtime 5\nbcast eth0\nnode node1 node2\nauto_failback on\n');
    write('haresources', 'node1 10.77.0.110/24/eth0\nvrrp:VI_1 follower\n');
    write('heartbeat.ini', ini);
    write('keepalived.conf', text({ priority: 90 }));
    write('node2/keepalived.conf', text({ priority: 100 }));
    const steps = ['at 20s expect VI_1 on node2', 'expect follower on node2', 'expect 10.77.0.110 on node1'];
    write(
      'beside.txt',
      ['start all', ...steps, 'at 30s power-off node2', 'expect follower on node1 within 5s'].join('\n'),
    );
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const paths = resolvePaths({ configDir: folder }, {});
    const argv = ['simulate', '--node', `node2=${join(folder, 'node2')}`, join(folder, 'beside.txt')];
    const code = await runHeartbeat(argv, paths, { out: say, err: say, terminal: false });
    assert.equal(code, 0, lines.join('\n'));
    const worst = ['simulate', '--node', `node2=${join(folder, 'node2')}`, '--worst-case'];
    assert.equal(await runHeartbeat(worst, paths, { out: say, err: say, terminal: false }), 0);
    assert.match(lines.join('\n'), /VI_1/);
  });

  it('one file, a file that cannot be read, and interfaces of other names are told', async () => {
    const alone = await play([text({ priority: 100 })], 'start all');
    assert.equal(alone.code, 6);
    assert.match(alone.out, /needs the files of two machines/);
    const apart = await play([text({ priority: 100 }), text({ priority: 90, device: 'ens3' })], 'start all');
    assert.equal(apart.code, 6);
    assert.match(apart.out, /VI_1 is on eth0 of node1 and on ens3 of node2/);
    const paths = resolvePaths({ configDir: folder }, {});
    const lines: string[] = [];
    const output = {
      out: (line: string) => void lines.push(line),
      err: (line: string) => void lines.push(line),
      terminal: false,
    };
    const argv = ['simulate', '--keepalived', 'node1=/nowhere/a', '--keepalived', 'node2=/nowhere/b', 'x'];
    assert.equal(await runHeartbeat(argv, paths, output), 6);
    assert.match(lines.join('\n'), /\/nowhere\/a cannot be read: there is no such file/);
    assert.equal(await runHeartbeat(['simulate', '--keepalived', 'node1', 'x'], paths, output), 2);
  });
});
