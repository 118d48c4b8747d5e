/**
 * A walk-through from beginning to end with its own files as they stand on its page, capital letters and all (the real
 * keepalived refuses them): single master, return with preemption, a partition made by a packet filter, two masters
 * with two addresses, a notification program that writes its mail.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import type { LabNode } from './lib/index.js';
import { tcpdumpMissing, type VrrpPair, withPair } from './vrrp/pair.js';

const FIRST = '172.18.50.50';
const SECOND = '172.18.51.51';

const page = (name: string): string =>
  readFileSync(join(repositoryRoot(), 'test', 'fixtures', 'corpus', 'keepalived', `${name}.conf`), 'utf8');

/** The addresses of the page instead of those of the lab. */
async function prepare(pair: VrrpPair): Promise<void> {
  for (const [node, last] of [
    [pair.node1, 11],
    [pair.node2, 12],
  ] as const) {
    await node.exec(['ip', 'addr', 'flush', 'dev', 'eth2', 'scope', 'global']);
    await node.exec(['ip', 'addr', 'add', `172.18.10.${last}/16`, 'dev', 'eth2']);
  }
}

/** Who holds the address, by name. */
async function holders(pair: VrrpPair, address: string): Promise<string> {
  const names: string[] = [];
  for (const node of [pair.node1, pair.node2]) if (await pair.holds(node, address)) names.push(node.name);
  return names.join(' ');
}

async function heldBy(pair: VrrpPair, address: string, names: string): Promise<void> {
  await pair.lab.until(async () => (await holders(pair, address)) === names, {
    withinMs: 30_000,
    what: `${address} to be held by ${names}`,
    everyMs: 100,
  });
}

async function filter(node: LabNode, ...words: readonly string[]): Promise<boolean> {
  return (await node.exec(['iptables', ...words])).code === 0;
}

test('walk-through 002: single master, return, and the partition by a packet filter', {
  skip: tcpdumpMissing(),
}, async (t) => {
  await withPair(
    async (pair) => {
      await prepare(pair);
      await pair.configure(pair.node1, page('s002_n1'));
      await pair.configure(pair.node2, page('s002_n2'));
      await pair.start(pair.node1, 'ours');
      await pair.start(pair.node2, 'ours');
      await heldBy(pair, FIRST, 'node1');
      const shown = await pair.node1.exec(['ip', 'a', 'show', 'dev', 'eth2']);
      assert.match(shown.stdout, /inet 172\.18\.50\.50\/16 scope global secondary eth2/);
      const dump = [
        'timeout',
        '20',
        'tcpdump',
        '-i',
        'eth2',
        '-nn',
        '-t',
        '-c',
        '2',
        'host 224.0.100.50 and proto 112',
      ];
      const expected =
        'IP 172.18.10.11 > 224.0.100.50: VRRPv2, Advertisement, vrid 50, prio 100, authtype simple, intvl 1s, length 20';
      assert.deepEqual((await pair.node2.exec(dump)).stdout.trim().split('\n'), [expected, expected]);

      await pair.stop(pair.node1, 'ours');
      await heldBy(pair, FIRST, 'node2');
      await pair.start(pair.node1, 'ours');
      await heldBy(pair, FIRST, 'node1');

      const rule = ['OUTPUT', '-s', '172.18.10.11', '-d', '224.0.100.50', '-j', 'REJECT'];
      if (!(await filter(pair.node1, '-A', ...rule))) {
        t.diagnostic('this kernel has no packet filter: the partition was left out');
        return;
      }
      await heldBy(pair, FIRST, 'node1 node2');
      await filter(pair.node1, '-F');
      await heldBy(pair, FIRST, 'node1');
    },
    ['eth2'],
  );
});

test('walk-through 002: two masters, both addresses on the survivor, and a mail at each change', async () => {
  // As on the page: the program makes the subject, and mail(1) sends it. Here a mail of our own keeps what it is given.
  const script = [
    '#!/bin/sh',
    'PATH=/etc/keepalived/bin:$PATH',
    'body="$(date): vrrp transition, $(hostname) changed to be $1"',
    'echo "$body" | mail -s "vrrp: $(hostname) to be $1" root@localhost',
  ].join('\n');
  const mail =
    '#!/bin/sh\n[ "$1" = -s ] || exit 1\nprintf "To: %s\\nSubject: %s\\n\\n%s\\n" "$3" "$2" "$(cat)" >> /var/log/mails\n';
  await withPair(
    async (pair) => {
      await prepare(pair);
      for (const node of [pair.node1, pair.node2]) {
        await node.write('/etc/keepalived/bin/mail', mail, 0o755);
        await node.write('/etc/keepalived/notify.sh', `${script}\n`, 0o755);
      }
      await pair.configure(pair.node1, page('s002_vs1_full'));
      await pair.configure(pair.node2, page('s002_vs2_full'));
      // Both have priority 98 for the second address: who is there first keeps it.
      await pair.start(pair.node2, 'ours');
      await heldBy(pair, SECOND, 'node2');
      await pair.start(pair.node1, 'ours');
      await heldBy(pair, FIRST, 'node1');
      assert.equal(await holders(pair, SECOND), 'node2');

      await pair.stop(pair.node2, 'ours');
      await heldBy(pair, SECOND, 'node1');
      assert.equal(await holders(pair, FIRST), 'node1');
      await pair.start(pair.node2, 'ours');
      await pair.stop(pair.node1, 'ours');
      await heldBy(pair, FIRST, 'node2');
      await heldBy(pair, SECOND, 'node2');
      await pair.start(pair.node1, 'ours');
      await heldBy(pair, FIRST, 'node1');

      const mails = async (node: LabNode): Promise<string[]> =>
        [...(await node.exec(['cat', '/var/log/mails'])).stdout.matchAll(/^Subject: (.*)$/gm)].map(
          ([, one]) => one ?? '',
        );
      await pair.lab.until(async () => (await mails(pair.node1)).length >= 4, {
        withinMs: 30_000,
        what: 'four mails',
      });
      const words = ['backup', 'master', 'backup', 'master'];
      const subjects = (): string[] => words.map((word) => `vrrp: node1 to be ${word}`);
      assert.deepEqual(await mails(pair.node1), subjects());
      // The interface fails: both instances are in fault, and the one with a program writes its mail.
      await pair.node1.exec(['ip', 'link', 'set', 'eth2', 'down']);
      words.push('fault');
      await pair.lab.until(async () => (await mails(pair.node1)).length >= words.length, {
        withinMs: 30_000,
        what: 'the mail of the fault',
      });
      assert.deepEqual(await mails(pair.node1), subjects());
      const { stdout } = await pair.node1.exec(['cat', '/var/log/mails']);
      assert.match(stdout, /^To: root@localhost$/m);
      assert.match(stdout, /: vrrp transition, node1 changed to be fault$/m);
    },
    ['eth2'],
  );
});
