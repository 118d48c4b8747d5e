/** Further rows of vrrp-lvs.md section 6: sync groups, routes and rules, how often is announced, restarts. */
import assert from 'node:assert/strict';
import type { LabNode } from '../../lab/lib/index.js';
import { instanceText, type Program, VIP, type VrrpPair } from '../../lab/vrrp/pair.js';
import { alone, startBoth, type VrrpStory, write } from './stories.js';
import { firstPackets } from './wire-stories.js';

const SECOND = '10.78.0.100';
const RESTARTS = 100;

/** VI_1 on eth0 and VI_2 on eth1, which share their fate. */
function grouped(priority: number): string {
  const second = instanceText({ name: 'VI_2', vrid: 52, priority, addresses: [`${SECOND}/24`] });
  return [
    'vrrp_sync_group G {',
    '    group {',
    '        VI_1',
    '        VI_2',
    '    }',
    '}',
    instanceText({ priority }),
    second.replace('interface eth0', 'interface eth1'),
  ].join('\n');
}

const ROUTES = [
  'static_ipaddress {',
  '    10.99.1.1/24 dev eth1 scope link',
  '}',
  'static_routes {',
  '    10.99.2.0/24 via 10.99.1.254 dev eth1',
  '}',
  'static_rules {',
  '    from 10.99.1.0/24 table 77 priority 1077',
  '}',
  instanceText({
    priority: 100,
    addresses: [`${VIP}/24 brd + dev eth0 label eth0:9`, `${SECOND}/28 dev eth1 scope link`],
    more: [
      'virtual_ipaddress_excluded {',
      '    fd77::99/64',
      '}',
      'virtual_routes {',
      `    10.99.3.0/24 via 10.77.0.2 dev eth0 metric 50`,
      '    10.99.4.0/24 dev eth1 table 78',
      '}',
      'virtual_rules {',
      `    from ${VIP}/32 table 78 priority 1078`,
      '}',
    ],
  }),
].join('\n');

/**
 * Addresses, routes and rules as ip(8) shows them, without who made them. A route without a gateway has the scope of the
 * link with ip(8), which sets ours, and the global one with keepalived: the kernel treats both alike.
 */
async function belongings(node: LabNode): Promise<string> {
  const commands = ['ip -o -4 addr', 'ip -o -6 addr', 'ip route show table all', 'ip rule'];
  const { stdout } = await node.exec(['sh', '-c', commands.join('; ')]);
  return stdout
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/ proto \S+/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .replace(/^(\d\S+ dev .*) scope link$/, '$1'),
    )
    .filter((line) => !line.includes('fe80:') && !line.includes('ff00::') && !line.includes('table local'))
    .sort()
    .join('\n');
}

/** As master and after the stop, of one program alone on node1. */
async function owned(pair: VrrpPair, program: Program): Promise<readonly [string, string]> {
  await pair.start(pair.node1, program);
  await pair.gets(pair.node1, 'fd77::99');
  await pair.lab.until(async () => (await belongings(pair.node1)).includes('1078'), {
    withinMs: 15_000,
    what: 'the rule of the master',
  });
  const master = await belongings(pair.node1);
  await pair.stop(pair.node1, program);
  return [master, await belongings(pair.node1)];
}

/** How many gratuitous ARP there are until the one that is `count` and no more for the time given. */
function announcements(name: string, lines: readonly string[], count: number): VrrpStory {
  return {
    name: `announcements: ${name}`,
    async play(pair, programs) {
      const numbers: number[] = [];
      for (const program of programs) {
        await pair.configure(pair.node1, instanceText({ priority: 100, more: lines }));
        const dump = pair.node2.exec([
          ...['timeout', '14', 'tcpdump', '-i', 'eth0', '-nn', '-t', '-l', `arp host ${VIP}`],
        ]);
        await pair.start(pair.node1, program);
        numbers.push((await dump).stdout.split('\n').filter((line) => line.startsWith('ARP')).length);
        await pair.stop(pair.node1, program);
      }
      for (const number of numbers) {
        // With a refresh the end of the time may hold one burst more or fewer.
        const margin = lines.some((line) => line.includes('refresh')) ? 3 : 0;
        assert.ok(Math.abs(number - count) <= margin, `${numbers.join(' and ')} instead of ${count}`);
      }
      return `${numbers.join(' and ')} in 14 s`;
    },
  };
}

export const VRRP_FURTHER_STORIES: readonly VrrpStory[] = [
  {
    name: 'sync group on two links: the loss of one moves both, and its return brings both back',
    async play(pair, programs) {
      await pair.configure(pair.node1, grouped(100));
      await pair.configure(pair.node2, grouped(90));
      await startBoth(pair, programs);
      await alone(pair, pair.node1, SECOND);
      await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'down']);
      await alone(pair, pair.node2);
      await alone(pair, pair.node2, SECOND);
      await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'up']);
      await alone(pair, pair.node1);
      await alone(pair, pair.node1, SECOND);
      return undefined;
    },
  },
  {
    name: 'addresses, routes and rules, virtual and static, are those of keepalived, and all go at the stop',
    async play(pair, programs) {
      await pair.configure(pair.node1, ROUTES);
      const before = await belongings(pair.node1);
      const [first, second] = [await owned(pair, programs[0]), await owned(pair, programs[1])];
      assert.equal(first[0], second[0]);
      assert.equal(first[1], before);
      assert.equal(second[1], before);
      return `${first[0].split('\n').length - before.split('\n').length} lines more as master`;
    },
  },
  announcements('five, and five after five seconds', [], 10),
  announcements(
    'garp_master_repeat 2, garp_master_delay 1',
    ['garp_master_repeat 2', 'garp_master_delay 1'],
    4,
  ),
  announcements(
    'garp_master_refresh 2 with a repeat of 3',
    ['garp_master_delay 0', 'garp_master_refresh 2', 'garp_master_refresh_repeat 3'],
    20,
  ),
  {
    name: 'neighbour advertisements, byte for byte',
    async play(pair, programs) {
      const given = { priority: 100, password: null, addresses: ['fe80::77:1/64', 'fd77::99/64'] };
      await pair.configure(pair.node1, instanceText(given));
      const filter = 'icmp6 and ip6[40] == 136 and ip6[8:2] == 0xfd77 and ip6[22:2] == 0x0099';
      const first = await firstPackets(pair, pair.node1, programs[0], 5, filter);
      const second = await firstPackets(pair, pair.node1, programs[1], 5, filter);
      assert.equal(first.length, 5);
      assert.deepEqual(first, second);
      return undefined;
    },
  },
  {
    name: 'passwords 12345678ABC and 12345678XYZ: eight characters count, and they agree',
    async play(pair, programs) {
      await write(pair, { password: '12345678ABC' }, '', { password: '12345678XYZ' });
      await startBoth(pair, programs);
      await pair.stop(pair.node1, programs[0]);
      await alone(pair, pair.node2);
      await pair.start(pair.node1, programs[0]);
      await alone(pair, pair.node1);
      return undefined;
    },
  },
  {
    name: 'both have priority 255: one steps back to 254, and one master remains',
    async play(pair, programs) {
      await write(pair, { priority: 255 }, '', { priority: 255, state: 'MASTER' });
      await pair.start(pair.node1, programs[0]);
      await pair.gets(pair.node1);
      await pair.start(pair.node2, programs[1]);
      let holder = '';
      await pair.lab.until(
        async () => {
          const held = [await pair.holds(pair.node1), await pair.holds(pair.node2)];
          const logs = await Promise.all(
            [pair.node1, pair.node2].map((node) => node.exec(['cat', '/var/log/keepalived.log'])),
          );
          if (!logs.some(({ stdout }) => stdout.includes('CONFIGURATION ERROR'))) return false;
          holder = held[0] === true ? 'node1' : 'node2';
          return held[0] !== held[1];
        },
        { withinMs: 30_000, what: 'one master, and a line about it', everyMs: 200 },
      );
      return holder;
    },
  },
  {
    name: 'vrrp_track_file: -254 in the file gives the address away, 0 takes it back, without a reload',
    async play(pair, programs) {
      for (const node of [pair.node1, pair.node2]) await node.write('/etc/standby', '0\n');
      const head = 'vrrp_track_file standby {\n    file /etc/standby\n    weight 1\n}';
      await write(pair, { more: ['track_file {', '    standby', '}'] }, head);
      await startBoth(pair, programs);
      await pair.node1.exec(['sh', '-c', 'echo -254 > /etc/standby']);
      await alone(pair, pair.node2);
      await pair.node1.exec(['sh', '-c', 'echo 0 > /etc/standby']);
      await alone(pair, pair.node1);
      return undefined;
    },
  },
  {
    name: `${RESTARTS} restarts, one after the other: each stop gives the address away, and the last start has it`,
    async play(pair, programs) {
      await write(pair, { advertInt: '0.1', password: null }, 'global_defs {\n    vrrp_version 3\n}');
      await startBoth(pair, programs);
      const beganMs = performance.now();
      for (let turn = 0; turn < RESTARTS; turn++) {
        await pair.stop(pair.node1, programs[0]);
        assert.equal(await pair.holds(pair.node1), false, `after stop ${turn + 1}`);
        await pair.start(pair.node1, programs[0]);
        await pair.lab.until(
          async () => (await pair.node1.exec(['test', '-s', '/run/keepalived.pid'])).code === 0,
          {
            withinMs: 15_000,
            what: `start ${turn + 1}`,
            everyMs: 20,
          },
        );
      }
      await alone(pair, pair.node1);
      return `${((performance.now() - beganMs) / 1000 / RESTARTS).toFixed(2)} s each`;
    },
  },
];
