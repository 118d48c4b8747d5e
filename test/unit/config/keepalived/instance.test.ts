import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { good, instanceWith, read, told } from './support.js';

const instance = (...lines: readonly string[]) => {
  const [first] = good(instanceWith(...lines)).instances;
  assert.ok(first);
  return first;
};

describe('vrrp_instance', () => {
  it('what is left out has the defaults of the original', () => {
    const plain = instance();
    assert.deepEqual(
      [
        plain.initialState,
        plain.priority,
        plain.version,
        plain.advertIntervalMs,
        plain.preempt,
        plain.downTimerAdverts,
      ],
      ['backup', 100, 2, 1000, true, 3],
    );
    assert.deepEqual(plain.transport, { kind: 'multicast', group: '224.0.0.18' });
    assert.equal(plain.announcing.masterRepeat, 5);
  });

  it('state MASTER without a priority is the owner of the addresses', () => {
    assert.equal(instance('state MASTER').priority, 255);
    assert.equal(instance('state MASTER', 'priority 100').priority, 100);
  });

  it('an address line takes prefix, device, broadcast, scope and label', () => {
    const text =
      'virtual_ipaddress_excluded { 10.1.0.9/16 dev eth1 brd + scope link label eth1:9 noprefixroute }';
    assert.deepEqual(instance(text).excludedAddresses, [
      {
        family: 4,
        address: '10.1.0.9',
        prefixLength: 16,
        device: 'eth1',
        broadcast: '10.1.255.255',
        scope: 253,
        label: 'eth1:9',
        noPrefixRoute: true,
        onInstanceInterface: false,
        tracked: true,
      },
    ]);
  });

  it('an address without prefix is a host, and one without dev goes on the interface of the instance', () => {
    const [address] = instance('virtual_ipaddress_excluded { 10.1.0.9 }').excludedAddresses;
    assert.deepEqual(
      [address?.prefixLength, address?.device, address?.onInstanceInterface],
      [32, 'eth0', true],
    );
  });

  it('IPv6 addresses make an instance of version 3 with the IPv6 group', () => {
    const text =
      'vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress { fe80::5/64\n fd00::5/64 }\n}';
    const [six] = good(text).instances;
    assert.deepEqual([six?.family, six?.version], [6, 3]);
    assert.deepEqual(six?.transport, { kind: 'multicast', group: 'ff02::12' });
  });

  it('defaults of global_defs hold for instances that say nothing themselves', () => {
    const globals =
      'global_defs {\nvrrp_version 3\nvrrp_garp_master_repeat 2\nvrrp_garp_master_delay 7\nvrrp_mcast_group4 224.0.100.50\nvrrp_down_timer_adverts 4\n}\n';
    const own = instanceWith('garp_master_delay 1', 'down_timer_adverts 5');
    const [first] = good(globals + own).instances;
    assert.deepEqual(
      [
        first?.version,
        first?.announcing.masterRepeat,
        first?.announcing.masterDelayMs,
        first?.downTimerAdverts,
      ],
      [3, 2, 1000, 5],
    );
    assert.equal(first?.announcing.lowerPriorityRepeat, 2);
    assert.deepEqual(first?.transport, { kind: 'multicast', group: '224.0.100.50' });
  });

  it('unicast peers take the place of the group', () => {
    assert.deepEqual(
      instance(
        'unicast_src_ip 10.0.0.1',
        'unicast_peer {',
        '10.0.0.2',
        '10.0.0.3 min_ttl 250',
        '}',
        'unicast_ttl 64',
      ).transport,
      {
        kind: 'unicast',
        peers: [
          { address: '10.0.0.2', minTtl: 0, maxTtl: 255 },
          { address: '10.0.0.3', minTtl: 250, maxTtl: 255 },
        ],
        source: '10.0.0.1',
        ttl: 64,
        checkSource: false,
      },
    );
  });

  it('garp_extra_if takes all and seconds, in an instance and in global_defs', () => {
    const { announcing } = instance('garp_extra_if all 100');
    assert.deepEqual([announcing.extraMs, announcing.extraEverywhere], [100_000, true]);
    const [first] = good(`global_defs {\nvrrp_garp_extra_if 30\n}\n${instanceWith()}`).instances;
    assert.deepEqual([first?.announcing.extraMs, first?.announcing.extraEverywhere], [30_000, false]);
    for (const line of ['garp_extra_if all', 'garp_extra_if', 'garp_extra_if all often'])
      assert.equal(read(instanceWith(line)).config, undefined, line);
  });

  it('a unicast_peer block that names nobody means multicast, and with unicast_fault_no_peer a fault', () => {
    const empty = ['unicast_peer {', '}'];
    assert.equal(instance(...empty).transport.kind, 'multicast');
    const { transport } = instance(...empty, 'unicast_fault_no_peer', 'track_src_ip');
    assert.equal(transport.kind === 'unicast' && transport.peers.length, 0);
    assert.equal(instance('track_src_ip').trackSource, true);
  });

  it('use_vmac names the interface and the address of the RFC', () => {
    assert.deepEqual(instance('use_vmac').vmac, {
      device: 'vrrp.51',
      mac: '00:00:5e:00:01:33',
      sendFromBase: false,
    });
    assert.equal(instance('use_vmac vmac0', 'vmac_xmit_base').vmac?.device, 'vmac0');
  });

  it('a password is cut to eight characters and never stands in a diagnostic', () => {
    const parsed = read(
      instanceWith('authentication {', 'auth_type PASS', 'auth_pass geheimnisvoll and more', '}'),
    );
    assert.deepEqual(parsed.config?.instances[0]?.authentication, { kind: 'password', password: 'geheimni' });
    assert.doesNotMatch(JSON.stringify(parsed.diagnostics), /geheim/);
  });

  it('intervals: fractions need version 3, which counts in hundredths up to 40.95 s', () => {
    assert.equal(instance('version 3', 'advert_int 0.05').advertIntervalMs, 50);
    assert.equal(instance('version 3', 'advert_int 0.015').advertIntervalMs, 20);
    assert.ok(told(read(instanceWith('version 3', 'advert_int 41'))).includes('error interval-too-long 6:3'));
    assert.ok(told(read(instanceWith('advert_int 1.5'))).includes('error interval-fraction 5:3'));
  });

  it('a tracked script has the weight of its definition unless the entry names one', () => {
    const script = 'vrrp_script chk {\nscript "/bin/true"\nweight -20\nfall 3\n}\n';
    assert.deepEqual(good(script + instanceWith('track_script { chk }')).instances[0]?.tracking.scripts, [
      { name: 'chk', weight: -20, reverse: false },
    ]);
    assert.deepEqual(
      good(script + instanceWith('track_script { chk weight 5 reverse }')).instances[0]?.tracking.scripts,
      [{ name: 'chk', weight: 5, reverse: true }],
    );
    const [wrong] = read(script + instanceWith('track_script { chck }')).diagnostics;
    assert.equal(wrong?.hint, 'Did you mean chk?');
  });

  it('a script that does not exist is warned of, and one that is insecure refused where security is on', () => {
    const parsed = read(instanceWith('notify_master "/no/such.sh x"'), { programs: [] });
    assert.deepEqual(told(parsed), ['warning script-absent 5:3']);
    assert.ok(parsed.config);
  });

  it('a keyword that is known and not supported is named with its line, and the rest runs', () => {
    const parsed = read(instanceWith('use_ipvlan', 'debug 4'));
    assert.deepEqual(told(parsed), ['warning not-supported 5:3', 'warning not-supported 6:3']);
    assert.ok(parsed.config);
  });
});

describe('sync groups', () => {
  const two = (rest: string): string =>
    `${instanceWith()}\nvrrp_instance VI_2 {\ninterface eth1\nvirtual_router_id 52\nvirtual_ipaddress { 10.1.0.10 }\n}\n${rest}`;

  it('name instances that exist', () => {
    const config = good(two('vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n}\n'));
    assert.deepEqual(config.syncGroups[0]?.members, ['VI_1', 'VI_2']);
    assert.ok(
      told(read(two('vrrp_sync_group G { group { VI_1\nVI_3\n}\n}'))).some((one) =>
        one.includes('member-unknown'),
      ),
    );
  });
});
