/** Sync groups, and the routes and rules that go with a master (vrrp-lvs.md 2.7, 3.3, 3.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabNode } from './lib/index.js';
import { instanceText, VIP, type VrrpPair, withPair } from './vrrp/pair.js';

const SECOND = '10.78.0.100';

const holders = async (pair: VrrpPair, address: string): Promise<string> => {
  const names: string[] = [];
  for (const node of [pair.node1, pair.node2]) if (await pair.holds(node, address)) names.push(node.name);
  return names.join(' ');
};

async function bothAt(pair: VrrpPair, name: string): Promise<void> {
  await pair.lab.until(
    async () => (await holders(pair, VIP)) === name && (await holders(pair, SECOND)) === name,
    { withinMs: 60_000, what: `both addresses on ${name}`, everyMs: 200 },
  );
}

test('instances of a sync group move together when one of their interfaces is lost, and come back together', async () => {
  await withPair(async (pair) => {
    for (const [node, priority] of [
      [pair.node1, 100],
      [pair.node2, 90],
    ] as const) {
      const second = instanceText({ name: 'VI_2', vrid: 52, priority, addresses: [`${SECOND}/24`] });
      const text = [
        'vrrp_sync_group G {\n    group {\n        VI_1\n        VI_2\n    }\n    notify /etc/keepalived/notify.sh\n}',
        instanceText({ priority }),
        second.replace('interface eth0', 'interface eth1'),
      ];
      await node.write('/etc/keepalived/notify.sh', '#!/bin/sh\necho "$@" >> /var/log/notify\n', 0o755);
      await pair.configure(node, text.join('\n'));
      await pair.start(node, 'ours');
      if (node === pair.node1) await bothAt(pair, 'node1');
    }
    await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'down']);
    await bothAt(pair, 'node2');
    await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'up']);
    await bothAt(pair, 'node1');
    const log = async (): Promise<string> =>
      (await pair.node1.exec(['cat', '/var/log/notify'])).stdout.trim();
    const told = ['BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'MASTER'].map((state) => `GROUP G ${state} 0`);
    await pair.lab.until(async () => (await log()).split('\n').length >= told.length, {
      withinMs: 30_000,
      what: 'the notifications of the group',
    });
    assert.deepEqual((await log()).split('\n'), told);
  });
});

async function shows(node: LabNode): Promise<string> {
  return (await node.exec(['sh', '-c', 'ip -o addr; ip route show table all; ip rule'])).stdout;
}

const STATIC = [/10\.99\.1\.1\/24/, /10\.99\.2\.0\/24 via 10\.99\.1\.254/, /from 10\.99\.1\.0\/24 lookup 77/];
const VIRTUAL = [
  /inet 10\.77\.0\.100\/24 brd 10\.77\.0\.255 scope global secondary eth0:9/,
  /10\.99\.3\.0\/24 via 10\.77\.0\.2 dev eth0 metric 50/,
  /10\.99\.4\.0\/24 dev eth1 table 78/,
  /from 10\.77\.0\.100 lookup 78/,
];

test('static addresses, routes and rules stand while the daemon runs, virtual ones while it is master', async () => {
  await withPair(async (pair) => {
    const { lab, node1, node2 } = pair;
    const head = [
      'static_ipaddress {\n    10.99.1.1/24 dev eth1\n}',
      'static_routes {\n    10.99.2.0/24 via 10.99.1.254 dev eth1\n}',
      'static_rules {\n    from 10.99.1.0/24 table 77\n}',
    ];
    const more = [
      'virtual_routes {\n    10.99.3.0/24 via 10.77.0.2 dev eth0 metric 50\n    10.99.4.0/24 dev eth1 table 78\n}',
      `virtual_rules {\n    from ${VIP}/32 table 78\n}`,
    ];
    const addresses = [`${VIP}/24 brd + dev eth0 label eth0:9`];
    await pair.configure(node1, [...head, instanceText({ priority: 90, addresses, more })].join('\n'));
    await pair.configure(node2, instanceText({ priority: 100 }));
    const until = (node: LabNode, there: readonly RegExp[], absent: readonly RegExp[], what: string) =>
      lab.until(
        async () => {
          const text = await shows(node);
          return there.every((one) => one.test(text)) && !absent.some((one) => one.test(text));
        },
        { withinMs: 60_000, what, everyMs: 200 },
      );
    await pair.start(node1, 'ours');
    await until(node1, [...STATIC, ...VIRTUAL], [], 'everything on the master');
    await pair.start(node2, 'ours');
    await until(node1, STATIC, VIRTUAL, 'only the static ones on the backup');
    await pair.stop(node1, 'ours');
    await until(node1, [], [...STATIC, ...VIRTUAL], 'nothing after the stop');
  });
});

test('a number written into the file of vrrp_track_file gives the address away and takes it back', async () => {
  await withPair(async (pair) => {
    const head = 'vrrp_track_file standby {\n    file /etc/standby\n    weight 1\n}\n';
    const more = ['track_file {', '    standby', '}'];
    const alone = (name: string) =>
      pair.lab.until(async () => (await holders(pair, VIP)) === name, {
        withinMs: 60_000,
        what: `the address on ${name} alone`,
        everyMs: 200,
      });
    await pair.configure(pair.node1, head + instanceText({ priority: 100, more }));
    await pair.configure(pair.node2, instanceText({ priority: 90 }));
    await pair.start(pair.node1, 'ours');
    await pair.gets(pair.node1);
    await pair.start(pair.node2, 'ours');
    await pair.lab.until(async () => (await pair.see(pair.node2))?.state === 'backup', {
      withinMs: 60_000,
      what: 'node2 to be backup',
    });
    await pair.node1.write('/etc/standby', '-254\n');
    await alone('node2');
    assert.equal((await pair.see(pair.node1))?.state, 'fault');
    await pair.node1.write('/etc/standby', '0\n');
    await alone('node1');
  });
});
