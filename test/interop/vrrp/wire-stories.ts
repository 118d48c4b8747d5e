/** What goes over the wire, read from outside: byte for byte what the real keepalived sends from the same configuration. */
import assert from 'node:assert/strict';
import type { LabNode } from '../../lab/lib/index.js';
import { type InstanceText, instanceText, type Program, VIP, type VrrpPair } from '../../lab/vrrp/pair.js';
import type { VrrpStory } from './stories.js';

const VERSION_3 = 'global_defs {\n    vrrp_version 3\n}';
const GROUP_50 = 'global_defs {\n    vrrp_mcast_group4 224.0.100.50\n}';

/** The first `count` packets that a filter lets through on node2's eth0, as tcpdump prints them with `options`. */
async function captured(
  pair: VrrpPair,
  count: number,
  filter: string,
  options: readonly string[],
  withinS = 20,
): Promise<string> {
  const words = ['-i', 'eth0', '-nn', '-t', '-l', '-c', String(count), ...options, filter];
  const { stdout } = await pair.node2.exec(['timeout', String(withinS), 'tcpdump', ...words]);
  return stdout;
}

/** The bytes of each packet from its IP header on, in hexadecimal. */
function bytesOf(dump: string): string[] {
  const packets: string[] = [];
  for (const line of dump.split('\n')) {
    const hex = /^\s+0x([0-9a-f]+):\s+((?:[0-9a-f]{2,4} ?)+)/.exec(line);
    if (hex === null) continue;
    const bytes = (hex[2] ?? '').replaceAll(' ', '');
    if (hex[1] === '0000') packets.push(bytes);
    else packets.push((packets.pop() ?? '') + bytes);
  }
  return packets;
}

/** Starts one program alone on node1, takes its first packets from the wire, and stops it. */
export async function firstPackets(
  pair: VrrpPair,
  node: LabNode,
  program: Program,
  count: number,
  filter: string,
): Promise<string[]> {
  const dump = captured(pair, count, filter, ['-x']);
  await pair.start(node, program);
  const packets = bytesOf(await dump);
  await pair.stop(node, program);
  return packets;
}

function sameBytes(name: string, given: InstanceText, head = '', filter = 'proto 112'): VrrpStory {
  return {
    name: `bytes: ${name}`,
    async play(pair, programs) {
      await pair.configure(pair.node1, `${head}\n${instanceText({ priority: 100, ...given })}`);
      const first = await firstPackets(pair, pair.node1, programs[0], 3, filter);
      const second = await firstPackets(pair, pair.node1, programs[1], 3, filter);
      assert.equal(first.length, 3);
      assert.deepEqual(first, second);
      return `${first[0]?.length === undefined ? 0 : first[0].length / 2} bytes each, three adverts alike`;
    },
  };
}

export const VRRP_WIRE_STORIES: readonly VrrpStory[] = [
  sameBytes('version 2, PASS', {}),
  sameBytes('version 2, none', { password: null }),
  sameBytes('version 2, PASS, two addresses, eight characters', {
    password: '12345678',
    addresses: [`${VIP}/24`, '10.77.0.101/24'],
  }),
  sameBytes('version 2, group 224.0.100.50', {}, GROUP_50),
  sameBytes('version 3', { password: null }, VERSION_3),
  sameBytes('version 3, unicast', {
    password: null,
    more: ['version 3', 'unicast_src_ip 10.77.0.1', 'unicast_peer {', '    10.77.0.2', '}'],
  }),
  sameBytes(
    'version 3, IPv6',
    { password: null, addresses: ['fe80::77:1/64', 'fd77::99/64'] },
    VERSION_3,
    'ip6 proto 112',
  ),
  {
    name: 'tcpdump prints what walk-through 002 shows',
    async play(pair, programs) {
      const given: InstanceText = { vrid: 50, priority: 100, password: '123456' };
      await pair.configure(pair.node1, `${GROUP_50}\n${instanceText(given)}`);
      const dump = captured(pair, 2, 'host 224.0.100.50 and proto 112', []);
      await pair.start(pair.node1, programs[0]);
      const text = await dump;
      const expected =
        'IP 10.77.0.1 > 224.0.100.50: VRRPv2, Advertisement, vrid 50, prio 100, authtype simple, intvl 1s, length 20';
      assert.deepEqual(text.trim().split('\n'), [expected, expected]);
      return undefined;
    },
  },
  {
    name: 'gratuitous ARP: five at once and five after five seconds, byte for byte',
    async play(pair, programs) {
      await pair.configure(pair.node1, instanceText({ priority: 100 }));
      const filter = `arp and host ${VIP}`;
      const first = await firstPackets(pair, pair.node1, programs[0], 10, filter);
      const second = await firstPackets(pair, pair.node1, programs[1], 10, filter);
      assert.equal(first.length, 10);
      assert.deepEqual(first, second);
      return undefined;
    },
  },
];
