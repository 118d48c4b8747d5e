/** VRRP pairs of our own daemons, on real sockets and addresses (vrrp-lvs.md 2.7, 4.5, 6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  instanceText,
  realKeepalivedMissing,
  tcpdumpMissing,
  VIP,
  type VrrpPair,
  withPair,
} from './vrrp/pair.js';

/** Both run, node1 is master. */
async function begin(pair: VrrpPair, more: readonly string[] = []): Promise<void> {
  await pair.configure(pair.node1, instanceText({ priority: 100, more }));
  await pair.configure(pair.node2, instanceText({ priority: 90, more }));
  // One after the other: the skews of two that begin together are 40 ms apart, which a busy machine makes up for.
  await pair.start(pair.node1, 'ours');
  await pair.gets(pair.node1);
  await pair.start(pair.node2, 'ours');
  await pair.lab.until(
    async () => {
      const seen = await pair.see(pair.node2);
      return seen?.state === 'backup' && seen.counters.advertsHeard > 0;
    },
    { withinMs: 60_000, what: 'node2 to hear the master' },
  );
  await pair.lab.until(async () => (await pair.holds(pair.node1)) && !(await pair.holds(pair.node2)), {
    withinMs: 30_000,
    what: 'node1 alone to hold the address',
  });
}

test('the address moves with an orderly stop and comes back with the higher priority', async () => {
  await withPair(async (pair) => {
    await begin(pair);
    await pair.stop(pair.node1, 'ours');
    assert.equal(await pair.holds(pair.node1), false);
    await pair.gets(pair.node2);
    await pair.start(pair.node1, 'ours');
    await pair.gets(pair.node1);
    await pair.lab.until(async () => !(await pair.holds(pair.node2)), {
      withinMs: 30_000,
      what: 'node2 to let go',
    });
  });
});

test('an address deleted by hand is back without a transition', async () => {
  await withPair(async (pair) => {
    await begin(pair);
    const before = await pair.see(pair.node1);
    await pair.node1.exec(['ip', 'addr', 'del', `${VIP}/24`, 'dev', 'eth0']);
    await pair.gets(pair.node1, VIP);
    const after = await pair.see(pair.node1);
    assert.equal(after?.transitions, before?.transitions);
    assert.equal(after?.counters.addressesRestored, 1);
    assert.equal((await pair.see(pair.node2))?.state, 'backup');
  });
});

test('a killed worker keeps the address and its role', async () => {
  await withPair(async (pair) => {
    await begin(pair);
    const before = await pair.see(pair.node1);
    const { stdout } = await pair.node1.exec(['pgrep', '-f', 'daemon/loop/main.js']);
    const pids = stdout.trim().split('\n');
    const status = await pair.node1.exec(['sh', '-c', `kill -9 ${pids.join(' ')}; ip -o addr show dev eth0`]);
    assert.match(status.stdout, new RegExp(` ${VIP}/`));
    await pair.lab.until(async () => (await pair.see(pair.node1))?.state === 'master', {
      withinMs: 30_000,
      what: 'the new worker to go on as master',
    });
    assert.equal((await pair.see(pair.node1))?.transitions, before?.transitions);
    assert.equal(await pair.holds(pair.node1), true);
    assert.equal((await pair.see(pair.node2))?.state, 'backup');
  });
});

test('a reload brings a new address without a transition and without two masters', async () => {
  await withPair(async (pair) => {
    await begin(pair);
    const transitions = (await pair.see(pair.node1))?.transitions;
    const addresses = [`${VIP}/24`, '10.77.0.101/24'];
    await pair.configure(pair.node1, instanceText({ priority: 100, addresses }));
    await pair.reload(pair.node1, 'ours');
    await pair.gets(pair.node1, '10.77.0.101');
    // Longer than the master-down interval of the node that was not reloaded.
    const seen = await pair.see(pair.node2);
    await pair.lab.until(
      async () =>
        ((await pair.see(pair.node2))?.counters.advertsHeard ?? 0) >= (seen?.counters.advertsHeard ?? 0) + 5,
      { withinMs: 15_000, what: 'five more adverts' },
    );
    const [one, two] = [await pair.see(pair.node1), await pair.see(pair.node2)];
    assert.equal(one?.state, 'master');
    assert.equal(one?.transitions, transitions);
    assert.equal(two?.state, 'backup');
    assert.equal(two?.disagreements[0]?.field, 'virtual_ipaddress');
    assert.match(two?.disagreements[0]?.sentence ?? '', /only there: 10\.77\.0\.101/);
    await pair.configure(pair.node1, instanceText({ priority: 100 }));
    await pair.reload(pair.node1, 'ours');
    await pair.lab.until(async () => !(await pair.holds(pair.node1, '10.77.0.101')), {
      withinMs: 30_000,
      what: 'the address to be gone again',
    });
    assert.equal((await pair.see(pair.node1))?.transitions, transitions);
  });
});

test('a tracked interface that goes down is a fault; notification programs run in order', async () => {
  await withPair(async (pair) => {
    const script = '#!/bin/sh\nsleep 0.2\necho "$@" >> /var/log/notify\n';
    const more = [
      'track_interface {',
      '    eth1',
      '}',
      'notify_master "/etc/keepalived/notify.sh master"',
      'notify_backup "/etc/keepalived/notify.sh backup"',
      'notify_fault "/etc/keepalived/notify.sh fault"',
      'notify /etc/keepalived/notify.sh',
    ];
    await pair.node1.write('/etc/keepalived/notify.sh', script, 0o755);
    await pair.node2.write('/etc/keepalived/notify.sh', script, 0o755);
    await begin(pair, more);
    await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'down']);
    await pair.gets(pair.node2);
    assert.equal(await pair.holds(pair.node1), false);
    await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'up']);
    await pair.gets(pair.node1);
    const expected = ['backup', 'INSTANCE VI_1 BACKUP 100', 'master', 'INSTANCE VI_1 MASTER 100', 'fault'];
    expected.push('INSTANCE VI_1 FAULT 100', ...expected.slice(0, 4));
    const log = async (): Promise<string[]> =>
      (await pair.node1.exec(['cat', '/var/log/notify'])).stdout.trim().split('\n');
    await pair.lab.until(async () => (await log()).length >= expected.length, {
      withinMs: 30_000,
      what: 'all notifications',
    });
    assert.deepEqual(await log(), expected);
  });
});

test('use_vmac: adverts, the address and its ARP have the MAC of the virtual router, which goes with the daemon', {
  skip: tcpdumpMissing(),
}, async () => {
  await withPair(async (pair) => {
    const arpIgnore = async (): Promise<string> =>
      (await pair.node1.exec(['cat', '/proc/sys/net/ipv4/conf/eth0/arp_ignore'])).stdout.trim();
    await pair.node1.exec(['sh', '-c', 'echo 2 > /proc/sys/net/ipv4/conf/eth0/arp_ignore']);
    const before = await arpIgnore();
    await begin(pair, ['use_vmac']);
    assert.equal(await arpIgnore(), '1');
    await pair.lab.until(async () => ((await pair.see(pair.node2))?.counters.advertsHeard ?? 0) >= 5, {
      withinMs: 20_000,
      what: 'node2 to hear five adverts',
    });
    assert.equal((await pair.see(pair.node2))?.state, 'backup');
    const shown = await pair.node1.exec(['ip', '-o', 'addr', 'show', 'dev', 'vrrp.51']);
    assert.match(shown.stdout, new RegExp(` ${VIP}/24 `));
    const link = await pair.node1.exec(['ip', '-o', 'link', 'show', 'dev', 'vrrp.51']);
    assert.match(link.stdout, /link\/ether 00:00:5e:00:01:33/);
    const { stdout } = await pair.node2.exec([
      'timeout',
      '10',
      'tcpdump',
      '-i',
      'eth0',
      '-nne',
      '-c',
      '1',
      'proto',
      '112',
    ]);
    assert.match(stdout, /00:00:5e:00:01:33 > 01:00:5e:00:00:12/);
    const client = await pair.lab.client(`udp://${VIP}`);
    await pair.lab.until(async () => (await client.newest())?.from === 'node1', {
      withinMs: 30_000,
      what: 'node1',
    });
    await pair.stop(pair.node1, 'ours');
    await pair.lab.until(async () => (await client.newest())?.from === 'node2', {
      withinMs: 30_000,
      what: 'node2',
    });
    assert.notEqual((await pair.node1.exec(['ip', 'link', 'show', 'dev', 'vrrp.51'])).code, 0);
    assert.equal(await arpIgnore(), before);
  });
});

for (const program of ['ours', 'keepalived'] as const) {
  const missing = program === 'keepalived' ? realKeepalivedMissing() : undefined;
  test(`${program}: each change is a line in the named pipe of notify_fifo`, {
    skip: missing ?? false,
  }, async () => {
    await withPair(async (pair) => {
      const { lab, node1 } = pair;
      const fifo = '/run/changes';
      await pair.configure(
        node1,
        `global_defs {\n    notify_fifo ${fifo}\n}\n${instanceText({ priority: 100 })}`,
      );
      await node1.run(['sh', '-c', `mkfifo ${fifo}; (cat ${fifo} >/root/lines 2>/dev/null </dev/null &)`]);
      await pair.start(node1, program);
      await pair.gets(node1);
      const lines = async (): Promise<string[]> => (await node1.read('/root/lines')).trim().split('\n');
      await lab.until(async () => (await lines()).includes('INSTANCE "VI_1" MASTER 100'), {
        withinMs: 20_000,
        what: 'the line of the master',
      });
      await pair.stop(node1, program);
      await lab.until(async () => (await lines()).includes('INSTANCE "VI_1" STOP 100'), {
        withinMs: 20_000,
        what: 'the line of the end',
      });
      assert.deepEqual(await lines(), [
        'INSTANCE "VI_1" BACKUP 100',
        'INSTANCE "VI_1" MASTER 100',
        'INSTANCE "VI_1" STOP 100',
      ]);
    });
  });
}

for (const program of ['ours', 'keepalived'] as const) {
  const missing = tcpdumpMissing() || (program === 'keepalived' ? realKeepalivedMissing() : undefined);
  test(`${program}: garp_extra_if all tells the first address on another interface again and again`, {
    skip: missing || false,
  }, async () => {
    await withPair(async (pair) => {
      const { node1, node2 } = pair;
      const addresses = [`${VIP}/24`, '10.78.0.100/24 dev eth1', '10.78.0.101/24 dev eth1'];
      const more = ['garp_extra_if all 1', 'garp_master_delay 0'];
      await pair.configure(node1, instanceText({ priority: 100, addresses, more }));
      await pair.start(node1, program);
      await pair.gets(node1, '10.78.0.101');
      // The five of the takeover may still be on their way: what matters comes after them.
      const dump = [
        'timeout',
        '60',
        'tcpdump',
        '-i',
        'eth1',
        '-nn',
        '-t',
        '-l',
        '-c',
        '8',
        'arp host 10.78.0.100',
      ];
      const { stdout } = await node2.exec(dump);
      const told = stdout.trim().split('\n').slice(-3);
      assert.equal(told.length, 3);
      for (const line of told)
        assert.match(line, /^ARP, Request who-has 10\.78\.0\.100 .*tell 10\.78\.0\.100/);
    });
  });
}
