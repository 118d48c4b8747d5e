/** no_accept and vrrp_strict: the addresses are there for routing alone (vrrp-lvs.md 2.9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabNode } from './lib/index.js';
import {
  type InstanceText,
  instanceText,
  nftMissing,
  type Program,
  realKeepalivedMissing,
  VIP,
  type VrrpPair,
  withPair,
} from './vrrp/pair.js';

const NETWORK = '10.99.0';
const STRICT = 'global_defs {\n    vrrp_strict\n}\n';

async function answers(node: LabNode, address: string): Promise<boolean> {
  return (await node.exec(['ping', '-c', '1', '-W', '1', address])).code === 0;
}

/** Asked until it is so: the first packet after a change may be lost on a busy machine. */
async function becomes(pair: VrrpPair, address: string, wanted: boolean): Promise<void> {
  await pair.lab.until(async () => (await answers(pair.node2, address)) === wanted, {
    withinMs: 30_000,
    what: `${address} ${wanted ? 'to answer' : 'to be deaf'}`,
  });
}

/** node2 knows the MAC address of an address on eth0 that it has tried to reach. */
async function found(pair: VrrpPair, address: string): Promise<void> {
  await pair.lab.until(
    async () => {
      await answers(pair.node2, address.startsWith('fe80') ? `${address}%eth0` : address);
      return (await pair.node2.exec(['ip', 'neigh', 'show', address])).stdout.includes('lladdr');
    },
    { withinMs: 30_000, what: `${address} to be found` },
  );
}

const rules = async (node: LabNode): Promise<string> => (await node.exec(['nft', 'list', 'ruleset'])).stdout;

async function alone(pair: VrrpPair, program: Program, given: InstanceText, head = ''): Promise<void> {
  await pair.configure(pair.node1, head + instanceText({ priority: 100, ...given }));
  await pair.start(pair.node1, program);
  await pair.gets(pair.node1);
}

for (const program of ['ours', 'keepalived'] as const) {
  const missing = nftMissing() || (program === 'keepalived' ? realKeepalivedMissing() : undefined);
  test(`${program}: an address with no_accept is deaf, is found by ARP, and is routed through`, {
    skip: missing || false,
  }, async () => {
    await withPair(async (pair) => {
      const { node1, node2 } = pair;
      // Something behind node1: what goes through the address is not for it.
      await node1.exec([
        'sh',
        '-c',
        `ip addr add ${NETWORK}.1/24 dev eth1; echo 1 > /proc/sys/net/ipv4/ip_forward`,
      ]);
      await alone(pair, program, { more: ['no_accept'] });
      assert.equal(await answers(node2, VIP), false);
      await found(pair, VIP);
      assert.equal(await answers(node1, VIP), false);
      await becomes(pair, '10.77.0.1', true);
      assert.match(await rules(node1), new RegExp(`table ip keepalived[^]*${VIP.replaceAll('.', '\\.')}`));
      await node2.exec(['ip', 'route', 'add', `${NETWORK}.0/24`, 'via', VIP]);
      await becomes(pair, `${NETWORK}.1`, true);
      await pair.stop(node1, program);
      assert.equal((await rules(node1)).trim(), '');
    });
  });
}

test('the packet filter is there before the address, follows a reload without a transition, and goes at the end', {
  skip: nftMissing(),
}, async () => {
  await withPair(async (pair) => {
    const { node1 } = pair;
    await pair.configure(node1, instanceText({ priority: 100, more: ['no_accept'] }));
    // Between two programs that look at the same moment: never the address without the filter.
    await node1.run([
      'sh',
      '-c',
      `(while :; do ip -o addr show dev eth0 | grep -q ' ${VIP}/' && { nft list ruleset > /root/seen; exit; }; done) </dev/null >/dev/null 2>&1 &`,
    ]);
    await pair.start(node1, 'ours');
    await pair.gets(node1);
    await pair.lab.until(async () => (await node1.exec(['test', '-s', '/root/seen'])).code === 0, {
      withinMs: 20_000,
      what: 'the filter at the moment of the address',
    });
    assert.match(await node1.read('/root/seen'), new RegExp(VIP.replaceAll('.', '\\.')));
    const transitions = (await pair.see(node1))?.transitions;

    await pair.configure(node1, instanceText({ priority: 100 }));
    await pair.reload(node1, 'ours');
    await becomes(pair, VIP, true);
    assert.equal((await rules(node1)).trim(), '');
    await pair.configure(node1, instanceText({ priority: 100, more: ['no_accept'] }));
    await pair.reload(node1, 'ours');
    await becomes(pair, VIP, false);
    assert.equal((await pair.see(node1))?.transitions, transitions);
    await pair.stop(node1, 'ours');
    assert.equal((await rules(node1)).trim(), '');
  });
});

test('vrrp_strict drops as no_accept does, but not for the owner of the address', {
  skip: nftMissing(),
}, async () => {
  await withPair(async (pair) => {
    await alone(pair, 'ours', { password: null }, STRICT);
    assert.equal(await answers(pair.node2, VIP), false);
    await pair.configure(
      pair.node1,
      STRICT + instanceText({ state: 'MASTER', priority: 255, password: null }),
    );
    await pair.reload(pair.node1, 'ours');
    await becomes(pair, VIP, true);
  });
});

test('IPv6 with no_accept: neighbours find the addresses, the link-local one too, and get no answer', {
  skip: nftMissing(),
}, async () => {
  await withPair(async (pair) => {
    const [linkLocal, wide] = ['fe80::77:1', 'fd77::99'];
    const addresses = [`${linkLocal}/64`, `${wide}/64`];
    await pair.configure(
      pair.node1,
      instanceText({ priority: 100, password: null, addresses, more: ['no_accept'] }),
    );
    await pair.start(pair.node1, 'ours');
    await pair.gets(pair.node1, wide);
    assert.equal(await answers(pair.node2, wide), false);
    assert.equal(await answers(pair.node2, `${linkLocal}%eth0`), false);
    for (const address of [wide, linkLocal]) await found(pair, address);
    await becomes(pair, 'fd77::1', true);
  });
});
