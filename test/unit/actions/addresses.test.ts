import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { type AddressKeeper, createAddressKeeper } from '../../../src/actions/addresses.js';
import type { AddressSpec } from '../../../src/config/types.js';
import { ETHERTYPE, openPacketReceiver } from '../../../src/system/packet.js';
import { inOwnNetwork } from '../../compliance/support/namespace.js';
import { until } from '../../compliance/support/until.js';

/** One row of `ip -j addr`. */
interface Row {
  readonly ifname: string;
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly broadcast?: string;
    readonly label?: string;
    readonly scope: string;
    readonly secondary?: boolean;
    readonly nodad?: boolean;
    readonly noprefixroute?: boolean;
    readonly valid_life_time: number;
  }[];
}

const FOREVER = 2 ** 32 - 1;
const four = (address: string, more: Partial<AddressSpec> = {}): AddressSpec => ({
  family: 4,
  address,
  ...more,
});
const six = (address: string, more: Partial<AddressSpec> = {}): AddressSpec => ({
  family: 6,
  address,
  ...more,
});

inOwnNetwork(import.meta.url, (home) => {
  home.ip('link add eth0 type veth peer name peer0');
  home.ip('link add eth1 type veth peer name peer1');
  for (const name of ['eth0', 'eth1', 'peer0', 'peer1']) home.ip(`link set ${name} up`);
  let keeper: AddressKeeper = createAddressKeeper();

  function reset(): void {
    for (const name of ['eth0', 'eth1']) {
      home.ip(`addr flush dev ${name} scope global`);
      home.sysctl(`ipv4.conf.${name}.promote_secondaries`, 0);
    }
    home.ip('addr add 10.0.0.1/24 brd + dev eth0');
    home.ip('-6 addr add fd00::1/64 dev eth0 nodad');
    home.ip('addr add 10.0.0.129/25 dev eth1');
    home.ip('addr add 172.16.0.1/16 dev eth1');
  }
  home.sysctl('ipv4.conf.all.promote_secondaries', 0);
  reset();

  afterEach(() => {
    keeper.close();
    keeper = createAddressKeeper();
    reset();
  });
  after(() => keeper.close());

  function addresses(device: string): Row['addr_info'] {
    const [row] = JSON.parse(home.ip(`-j addr show dev ${device}`)) as Row[];
    return (row?.addr_info ?? []).filter(({ scope }) => scope === 'global');
  }

  const find = (device: string, address: string) => addresses(device).find(({ local }) => local === address);
  const refusal = (result: { ok: boolean; detail?: string }) => (result.ok ? 'accepted' : result.detail);

  test('an address goes to the smallest own network that contains it, with that network as prefix', () => {
    assert.deepEqual(
      keeper.start([four('10.0.0.10'), four('10.0.0.200'), four('172.16.9.9'), six('fd00::10')], undefined),
      {
        ok: true,
        notes: [],
      },
    );
    const first = find('eth0', '10.0.0.10');
    assert.deepEqual(
      [first?.prefixlen, first?.broadcast, first?.label, first?.secondary, first?.valid_life_time],
      [24, '10.0.0.255', 'eth0', true, FOREVER],
    );
    assert.equal(find('eth1', '10.0.0.200')?.prefixlen, 25);
    assert.equal(find('eth1', '172.16.9.9')?.prefixlen, 16);
    assert.deepEqual([find('eth0', 'fd00::10')?.prefixlen, find('eth0', 'fd00::10')?.nodad], [64, true]);
  });

  test('a floating IPv6 address brings the route of its prefix only where no other address does', () => {
    keeper.start([six('fd00::10'), six('fd55::10', { device: 'eth0', prefixLength: 64 })], 30);
    assert.equal(find('eth0', 'fd00::10')?.noprefixroute, true);
    assert.equal(find('eth0', 'fd55::10')?.noprefixroute, undefined);
    keeper.renew([six('fd00::10')], 60);
    assert.equal(find('eth0', 'fd00::10')?.noprefixroute, true);
  });

  test('what prepares for a takeover changes no address, not even one of its own test network', () => {
    home.ip('addr add 192.0.2.1/24 dev eth1');
    const before = home.ip('-j addr');
    keeper.prepare();
    assert.equal(home.ip('-j addr'), before);
    home.ip('addr del 192.0.2.1/24 dev eth1');
    const without = home.ip('-j addr');
    keeper.prepare();
    assert.equal(home.ip('-j addr'), without);
  });

  test('interface, prefix, label and broadcast address may be written', () => {
    const wanted = four('192.0.2.5', {
      device: 'eth1',
      prefixLength: 28,
      label: 'eth1:7',
      broadcast: '192.0.2.99',
    });
    assert.equal(keeper.start([wanted], undefined).ok, true);
    const seen = find('eth1', '192.0.2.5');
    assert.deepEqual([seen?.prefixlen, seen?.label, seen?.broadcast], [28, 'eth1:7', '192.0.2.99']);
  });

  test('an address of no own network goes where its route leads', () => {
    home.ip('route add 198.51.100.0/25 dev eth1');
    home.ip('route add default via 10.0.0.100 dev eth0');
    assert.equal(keeper.start([four('198.51.100.7'), four('203.0.113.9')], undefined).ok, true);
    assert.equal(find('eth1', '198.51.100.7')?.prefixlen, 25);
    assert.equal(find('eth0', '203.0.113.9')?.prefixlen, 32);
    keeper.stop([four('198.51.100.7'), four('203.0.113.9')]);
    home.ip('route del default');
  });

  test('every mistake is said in one sentence, and nothing is set then', () => {
    const result = keeper.start(
      [four('10.0.0.10'), four('10.0.0.300'), four('10.0.0.11', { device: 'eth9' }), six('fd99::1')],
      undefined,
    );
    assert.equal(
      refusal(result),
      '10.0.0.300 is not an IPv4 address. ' +
        '10.0.0.11: there is no interface eth9 on this machine (there are: lo, peer0, eth0, peer1, eth1). ' +
        'fd99::1: no interface of this machine has a network that contains it, and no route leads to it; ' +
        'name the interface, as in fd99::1/64/eth0.',
    );
    assert.equal(find('eth0', '10.0.0.10'), undefined);
    assert.match(
      refusal(keeper.start([four('10.0.0.10', { prefixLength: 33 })], undefined)) ?? '',
      /must be 1 to 32/,
    );
    for (const address of [four('224.0.0.9'), four('0.1.2.3'), six('ff02::9'), six('::')]) {
      assert.match(
        refusal(keeper.start([{ ...address, device: 'eth0' }], undefined)) ?? '',
        /no single host/,
      );
    }
    const label = 'eth0:muchtoolong';
    assert.match(refusal(keeper.start([four('10.0.0.10', { label })], undefined)) ?? '', /longer than 15/);
  });

  test('what the kernel refuses is told with its reason', () => {
    home.sysctl('ipv6.conf.eth1.disable_ipv6', 1);
    const wanted = six('fd00::9', { device: 'eth1', prefixLength: 64 });
    assert.match(
      refusal(keeper.start([wanted, four('10.0.0.10')], undefined)) ?? '',
      /^The kernel cannot set fd00::9\/64 on eth1: .* \(E[A-Z]+\)\.$/,
    );
    home.sysctl('ipv6.conf.eth1.disable_ipv6', 0);
  });

  test('starting what is there already succeeds, sets the lifetime anew and doubles nothing', () => {
    const wanted = [four('10.0.0.10'), six('fd00::10')];
    assert.equal(keeper.start(wanted, 30).ok, true);
    assert.equal(keeper.start(wanted, 60).ok, true);
    for (const address of ['10.0.0.10', 'fd00::10']) {
      const seen = find('eth0', address)?.valid_life_time ?? 0;
      assert.ok(seen > 50 && seen <= 60, `${address} ${seen}`);
    }
    assert.equal(keeper.start(wanted, undefined).ok, true);
    assert.equal(find('eth0', '10.0.0.10')?.valid_life_time, FOREVER);
    assert.equal(addresses('eth0').length, 4);
  });

  test('renewing extends what is there, names what is missing and does not bring it back', () => {
    const wanted = [four('10.0.0.10', { label: 'eth0:1' }), six('fd00::10'), four('10.0.0.11')];
    keeper.start(wanted.slice(0, 2), 5);
    assert.deepEqual(keeper.renew(wanted, 100), { ok: true, missing: [wanted[2]] });
    assert.ok((find('eth0', '10.0.0.10')?.valid_life_time ?? 0) > 90);
    assert.equal(find('eth0', '10.0.0.10')?.label, 'eth0:1');
    assert.ok((find('eth0', 'fd00::10')?.valid_life_time ?? 0) > 90);
    assert.equal(find('eth0', '10.0.0.11'), undefined);
    assert.deepEqual(keeper.present(wanted), wanted.slice(0, 2));
  });

  test('the kernel removes an address whose lifetime is not renewed, and nothing else', async () => {
    keeper.start([four('10.0.0.10'), six('fd00::10')], 30);
    keeper.renew([four('10.0.0.10'), six('fd00::10')], 1);
    await until(() => keeper.present([four('10.0.0.10'), six('fd00::10')]).length === 0, 'they are gone');
    assert.deepEqual(
      addresses('eth0').map(({ local }) => local),
      ['10.0.0.1', 'fd00::1'],
    );
    assert.match(home.ip('-6 route show dev eth0'), /^fd00::\/64 (?!.*expires)/m);
  });

  test('stopping removes at once, whatever the prefix, and what is absent counts as removed', () => {
    home.ip('addr add 10.0.0.10/32 dev eth1');
    keeper.start([four('10.0.0.10', { device: 'eth0', prefixLength: 24 }), six('fd00::10')], undefined);
    const wanted = [four('10.0.0.10'), six('fd00::10'), four('10.0.0.77')];
    assert.deepEqual(keeper.stop(wanted), { ok: true, notes: [] });
    assert.deepEqual(keeper.present(wanted), []);
    assert.equal(find('eth1', '10.0.0.10'), undefined);
    assert.deepEqual(keeper.stop(wanted), { ok: true, notes: [] });
  });

  test('a real server of LVS keeps the address that it has on lo', () => {
    home.ip('addr add 10.0.0.10/32 dev lo');
    assert.deepEqual(keeper.present([four('10.0.0.10')]), []);
    assert.deepEqual(keeper.stop([four('10.0.0.10')]), { ok: true, notes: [] });
    assert.match(home.ip('addr show dev lo'), /10\.0\.0\.10\/32/);
    home.ip('addr del 10.0.0.10/32 dev lo');
  });

  test('removing a floating address never removes the node own one, even where it is the secondary', async () => {
    for (const lifetimeS of [undefined, 1]) {
      home.ip('addr flush dev eth0 scope global');
      const wanted = four('10.0.0.10', { device: 'eth0', prefixLength: 24 });
      keeper.start([wanted], lifetimeS);
      home.ip('addr add 10.0.0.1/24 dev eth0');
      home.ip('route add default via 10.0.0.254');
      assert.equal(find('eth0', '10.0.0.1')?.secondary, true);
      if (lifetimeS === undefined) keeper.stop([wanted]);
      else await until(() => keeper.present([wanted]).length === 0, 'the kernel has removed it');
      assert.deepEqual(
        addresses('eth0').map(({ local, secondary }) => [local, secondary]),
        [['10.0.0.1', undefined]],
      );
      assert.match(home.ip('route show default'), /via 10\.0\.0\.254/);
      home.ip('route del default');
    }
  });

  test('an address on an interface that is down brings it up', () => {
    home.ip('link set eth0 down');
    assert.equal(keeper.start([four('10.0.0.10', { device: 'eth0', prefixLength: 24 })], undefined).ok, true);
    assert.match(home.ip('link show dev eth0'), /[<,]UP[,>]/);
  });

  test('starting and announcing tell the segment in both forms of ARP and by neighbour advertisement', async () => {
    const frames: string[] = [];
    const [row] = JSON.parse(home.ip('-j link show dev eth0')) as { address: string; link: string }[];
    const [peer] = JSON.parse(home.ip('-j link show dev peer0')) as { ifindex: number }[];
    const mac = (row?.address ?? '').replaceAll(':', '');
    const note = (frame: Uint8Array) => frames.push(Buffer.from(frame).toString('hex'));
    const receivers = [ETHERTYPE.arp, ETHERTYPE.ipv6].map((type) =>
      openPacketReceiver(peer?.ifindex ?? -1, type, note),
    );
    const wanted = [four('10.0.0.10'), four('10.0.0.11'), six('fd00::10')];
    const request = (ip: string) => `ffffffffffff${mac}08060001080006040001${mac}${ip}000000000000${ip}`;
    const reply = (ip: string) => `ffffffffffff${mac}08060001080006040002${mac}${ip}${mac}${ip}`;
    const target = 'fd000000000000000000000000000010';
    const expected = [request('0a00000a'), reply('0a00000a'), request('0a00000b'), reply('0a00000b')];
    const advertised = () =>
      frames.filter(
        (frame) => frame.startsWith(`333300000001${mac}86dd`) && frame.includes(`${target}0201${mac}`),
      ).length;
    const seen = (times: number) =>
      expected.every((arp) => frames.filter((frame) => frame === arp).length === times) &&
      advertised() === times;

    assert.deepEqual(keeper.start(wanted, undefined), { ok: true, notes: [] });
    await until(() => seen(1), 'every address was announced once');
    // Three of four: 10.0.0.99 is not here, so nothing may be said about it.
    assert.deepEqual(keeper.announce([...wanted, four('10.0.0.99')]), { frames: 5, problems: [] });
    await until(() => seen(2), 'every address was announced twice');
    assert.equal(
      frames.some((frame) => frame.includes('0a000063')),
      false,
    );
    for (const receiver of receivers) if (receiver.ok) receiver.value.close();
  });

  test('two hundred addresses are started, renewed and stopped in one batch each', () => {
    const wanted = Array.from({ length: 200 }, (_, i) => four(`172.16.1.${i + 1}`));
    assert.deepEqual(keeper.start(wanted, 60), { ok: true, notes: [] });
    assert.equal(keeper.present(wanted).length, 200);
    assert.deepEqual(keeper.renew(wanted, 90), { ok: true, missing: [] });
    assert.deepEqual(keeper.stop(wanted), { ok: true, notes: [] });
    assert.equal(keeper.present(wanted).length, 0);
  });
});
