/** Interfaces, scripts, processes and files: faults and priorities; and sync groups (vrrp-lvs.md 2.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultVrrpGlobal,
  NO_NOTIFY,
  NO_TRACKING,
  plainVrrpAddress,
  vrrpConfig,
} from '../../../../src/config/vrrp-defaults.js';
import type { VrrpScript, VrrpSyncGroup, VrrpTrack } from '../../../../src/config/vrrp-types.js';
import { Bench, brief, instance } from './support/bench.js';

const track = (name: string, weight = 0, reverse = false): VrrpTrack => ({ name, weight, reverse });

test('a tracked interface that goes down without a weight is a fault, with one the priority falls', () => {
  const plain = new Bench(instance({ tracking: { ...NO_TRACKING, interfaces: [track('eth1')] } })).boot();
  plain.interface('eth1', false);
  assert.equal(plain.see().state, 'fault');
  assert.deepEqual(plain.see().faults, ['interface eth1 is down']);
  for (const [weight, reverse, up, down] of [
    [-20, false, 100, 80],
    [20, false, 120, 100],
    [-20, true, 80, 100],
    [20, true, 100, 120],
    [-253, false, 100, 1],
    [253, false, 254, 100],
  ] as const) {
    const tracking = { ...NO_TRACKING, interfaces: [track('eth1', weight, reverse)] };
    const bench = new Bench(instance({ tracking })).boot();
    assert.equal(bench.see().priority, up, `weight ${weight} reverse ${reverse} up`);
    bench.interface('eth1', false);
    assert.equal(bench.see().priority, down, `weight ${weight} reverse ${reverse} down`);
    assert.equal(bench.see().state, 'backup');
  }
});

test('an owner keeps priority 255 whatever the weights', () => {
  const tracking = { ...NO_TRACKING, interfaces: [track('eth1', -20)] };
  const bench = new Bench(instance({ priority: 255, initialState: 'master', tracking })).boot();
  bench.interface('eth1', false);
  assert.equal(bench.see().priority, 255);
});

test('a priority that falls in a backup moves the running count; in a master the next advert carries it', () => {
  const tracking = { ...NO_TRACKING, interfaces: [track('eth1', -50)] };
  const bench = new Bench(instance({ tracking })).boot();
  bench.pass(1000);
  bench.interface('eth1', false);
  assert.deepEqual(brief(bench.pass(2609 + 195)), []);
  assert.equal(brief(bench.pass(2))[0], 'advert 50');
  bench.interface('eth1', true);
  assert.deepEqual(brief(bench.last), []);
  assert.equal(brief(bench.pass(1000))[0], 'advert 100');
});

test('no own address on the interface, or no interface, is a fault; dont_track_primary ignores only its state', () => {
  const bench = new Bench(instance());
  bench.input({ kind: 'boot' });
  assert.deepEqual(bench.see().faults, ['there is no interface eth0']);
  bench.interface('eth0', true, null);
  assert.deepEqual(bench.see().faults, ['interface eth0 has no IPv4 address of its own']);
  bench.interface('eth0', true);
  assert.equal(bench.see().state, 'backup');
  const loose = new Bench(instance({ trackPrimary: false })).boot();
  loose.interface('eth0', false);
  assert.equal(loose.see().state, 'backup');
});

test('the interface of an address elsewhere is tracked, unless no_track', () => {
  for (const [tracked, state] of [
    [true, 'fault'],
    [false, 'backup'],
  ] as const) {
    const address = { ...plainVrrpAddress('10.78.0.100', 'eth1', 24), onInstanceInterface: false, tracked };
    const bench = new Bench(instance({ addresses: [address] })).boot();
    bench.interface('eth1', false);
    assert.equal(bench.see().state, state);
  }
});

const script = (given: Partial<VrrpScript> = {}): VrrpScript => ({
  name: 'chk',
  command: { words: ['/bin/true'] },
  intervalMs: 1000,
  timeoutMs: 1000,
  weight: 0,
  reverse: false,
  rise: 1,
  fall: 1,
  initFail: false,
  line: 1,
  ...given,
});

function scripted(given: Partial<VrrpScript>, weight = 0): Bench {
  const tracking = { ...NO_TRACKING, scripts: [track('chk', weight)] };
  return new Bench(vrrpConfig({ instances: [instance({ tracking })], scripts: [script(given)] })).boot();
}

function result(bench: Bench, good: boolean): void {
  bench.input({
    kind: 'vrrpCheckDone',
    name: 'script/chk',
    result: { kind: 'verdict', good, detail: `ended with exit status ${good ? 0 : 1}` },
  });
}

test('an instance does not begin before its script has a result; the first one counts at once', () => {
  const bench = scripted({ rise: 3 });
  bench.pass(0);
  assert.equal(bench.see().state, 'init');
  result(bench, true);
  assert.equal(bench.see().state, 'backup');
  const failing = scripted({});
  result(failing, false);
  assert.equal(failing.see().state, 'fault');
  assert.deepEqual(failing.see().faults, ['script chk failed (ended with exit status 1)']);
});

test('init_fail: bad until it has succeeded as often as rise says', () => {
  const bench = scripted({ initFail: true, rise: 2 });
  assert.equal(bench.see().state, 'fault');
  result(bench, true);
  assert.equal(bench.see().state, 'fault');
  result(bench, true);
  assert.equal(bench.see().state, 'backup');
});

test('fall and rise count results in a row', () => {
  const bench = scripted({ fall: 3, rise: 2 });
  result(bench, true);
  for (const good of [false, false, true, false, false]) result(bench, good);
  assert.equal(bench.see().state, 'backup');
  result(bench, false);
  assert.equal(bench.see().state, 'fault');
  result(bench, true);
  result(bench, false);
  result(bench, true);
  assert.equal(bench.see().state, 'fault');
  result(bench, true);
  assert.equal(bench.see().state, 'backup');
});

test('a script runs every interval, never twice at once, and again when its result never came', () => {
  const bench = scripted({ intervalMs: 1000, timeoutMs: 1000 });
  const runs = (effects: readonly string[]): number =>
    effects.filter((word) => word.startsWith('check')).length;
  assert.equal(runs(brief(bench.pass(0))), 1);
  assert.equal(runs(brief(bench.pass(5000))), 0);
  result(bench, true);
  assert.equal(runs(brief(bench.pass(1000))), 1);
  assert.equal(runs(brief(bench.pass(10_000))), 0);
  assert.equal(runs(brief(bench.pass(2000))), 1);
});

test('a script with a weight moves the priority', () => {
  const bench = scripted({}, -30);
  result(bench, true);
  assert.equal(bench.see().priority, 100);
  result(bench, false);
  assert.equal(bench.see().priority, 70);
  assert.equal(bench.see().state, 'backup');
});

test('the number in a tracked file, times its weight, is added; far below it is a fault', () => {
  const files = [{ name: 'f', path: '/etc/f', weight: 2, reverse: false, line: 1 }];
  const tracking = { ...NO_TRACKING, files: [track('f', 2)] };
  const bench = new Bench(vrrpConfig({ instances: [instance({ tracking })], files })).boot();
  const value = (number: number): void => {
    bench.input({ kind: 'vrrpCheckDone', name: 'file/f', result: { kind: 'value', value: number } });
  };
  value(10);
  assert.equal(bench.see().priority, 120);
  value(-127);
  assert.equal(bench.see().state, 'fault');
  value(0);
  assert.equal(bench.see().state, 'backup');
});

const group: VrrpSyncGroup = {
  name: 'G',
  members: ['VI_1', 'VI_2'],
  tracking: NO_TRACKING,
  trackingWeight: false,
  notify: NO_NOTIFY,
  line: 1,
};

function synced(): Bench {
  const second = instance({
    name: 'VI_2',
    interface: 'eth1',
    virtualRouterId: 52,
    addresses: [plainVrrpAddress('10.78.0.100', 'eth1', 24)],
  });
  return new Bench(vrrpConfig({ instances: [instance(), second], syncGroups: [group] })).boot();
}

test('sync group: no member is master before all want to be', () => {
  const bench = synced();
  for (let i = 0; i < 8; i++) {
    bench.hear({ priority: 200 }, 'VI_2');
    bench.pass(1000);
  }
  assert.deepEqual([bench.see('VI_1').state, bench.see('VI_2').state], ['backup', 'backup']);
  bench.pass(3610);
  assert.deepEqual([bench.see('VI_1').state, bench.see('VI_2').state], ['master', 'master']);
});

test('sync group: one that yields takes the others along, and their peers are told', () => {
  const bench = synced();
  bench.pass(4000);
  bench.hear({ priority: 200 }, 'VI_1');
  assert.deepEqual([bench.see('VI_1').state, bench.see('VI_2').state], ['backup', 'backup']);
  const adverts = bench.last.flatMap((effect) =>
    effect.kind === 'advert' ? [`${effect.instance} ${effect.priority}`] : [],
  );
  assert.deepEqual(adverts, ['VI_1 100', 'VI_2 0']);
});

test('sync group: one in fault takes all into fault; the group is notified once for each state', () => {
  const bench = synced();
  bench.pass(4000);
  bench.interface('eth1', false);
  assert.deepEqual([bench.see('VI_1').state, bench.see('VI_2').state], ['fault', 'fault']);
  bench.interface('eth1', true);
  assert.deepEqual([bench.see('VI_1').state, bench.see('VI_2').state], ['backup', 'backup']);
  const said = bench.all.flatMap(({ effect }) =>
    effect.kind === 'vrrpNotify' && effect.scope === 'GROUP' ? [effect.state] : [],
  );
  assert.deepEqual(said, ['BACKUP', 'MASTER', 'FAULT', 'BACKUP']);
});

test('sync group: weights of members do not count, a failure of what they track is a fault', () => {
  const tracking = { ...NO_TRACKING, interfaces: [track('eth1', -20)] };
  for (const [trackingWeight, state, priority] of [
    [false, 'fault', 100],
    [true, 'backup', 80],
  ] as const) {
    const instances = [instance({ tracking })];
    const syncGroups = [{ ...group, members: ['VI_1'], trackingWeight }];
    const bench = new Bench(vrrpConfig({ instances, syncGroups })).boot();
    bench.interface('eth1', false);
    assert.equal(bench.see().state, state);
    assert.equal(bench.see().priority, priority);
  }
});

test('a change of priority goes to the named pipes where that is asked for, and to no program', () => {
  const one = instance({ tracking: { ...NO_TRACKING, interfaces: [track('eth1', -20)] } });
  for (const notifyPriorityChanges of [true, false]) {
    const global = { ...defaultVrrpGlobal('node1'), notifyPriorityChanges };
    const bench = new Bench(vrrpConfig({ instances: [one], global })).boot();
    bench.pass(4000);
    bench.interface('eth1', false);
    const said = bench.last.flatMap((effect) =>
      effect.kind === 'vrrpNotify' ? [[effect.state, effect.priority, effect.commands.length]] : [],
    );
    assert.deepEqual(said, notifyPriorityChanges ? [['MASTER_PRIORITY', 80, 0]] : []);
  }
});

test('track_src_ip: a source address that is taken from the interface is a fault until it is back', () => {
  const transport = { kind: 'multicast', group: '224.0.0.18', source: '10.77.0.9' } as const;
  const own = (addresses: readonly string[]) =>
    ({
      kind: 'vrrpInterface',
      name: 'eth0',
      state: { up: true, address4: '10.77.0.1', address6: null, addresses },
    }) as const;
  for (const trackSource of [true, false]) {
    const bench = new Bench(instance({ transport, trackSource }));
    bench.input(own(['10.77.0.1', '10.77.0.9']));
    bench.input({ kind: 'boot' });
    assert.equal(bench.see().state, 'backup');
    bench.input(own(['10.77.0.1']));
    assert.equal(bench.see().state, trackSource ? 'fault' : 'backup');
    if (trackSource)
      assert.deepEqual(bench.see().faults, ['interface eth0 does not have the source address 10.77.0.9']);
    bench.input(own(['10.77.0.1', '10.77.0.9']));
    assert.equal(bench.see().state, 'backup');
  }
});

test('unicast_fault_no_peer: an instance that has nobody to talk to is in fault', () => {
  const transport = { kind: 'unicast', peers: [], ttl: 255, checkSource: false } as const;
  const bench = new Bench(instance({ transport })).boot();
  assert.deepEqual(bench.see().faults, ['unicast_peer names nobody (unicast_fault_no_peer)']);
  assert.equal(bench.see().state, 'fault');
});
