/** Reload, restart of the loop process, addresses that vanish: all without a change of role. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultVrrpGlobal, plainVrrpAddress, vrrpConfig } from '../../../../src/config/vrrp-defaults.js';
import type { VrrpInstance } from '../../../../src/config/vrrp-types.js';
import { Bench, brief, instance, VIP } from './support/bench.js';

const reload = (bench: Bench, ...instances: readonly VrrpInstance[]): string[] =>
  brief(bench.input({ kind: 'vrrpConfig', config: vrrpConfig({ instances }) }));

const second = plainVrrpAddress('10.77.0.101', 'eth0', 24);
const first = plainVrrpAddress(VIP, 'eth0', 24);

test('a reload sets what came and removes what went; the master stays master', () => {
  const bench = new Bench(instance()).master();
  const { transitions } = bench.see();
  assert.deepEqual(reload(bench, instance({ addresses: [first, second] })), [
    'advert 100',
    'set 10.77.0.101',
    'announce x5',
  ]);
  assert.deepEqual(reload(bench, instance({ addresses: [second] })), ['advert 100', `remove ${VIP}`]);
  assert.equal(bench.see().state, 'master');
  assert.equal(bench.see().transitions, transitions);
  assert.equal(brief(bench.pass(1000))[0], 'advert 100');
});

test('a reload of a backup says and sets nothing', () => {
  const bench = new Bench(instance()).boot();
  bench.hear({ priority: 200 });
  assert.deepEqual(reload(bench, instance({ addresses: [first, second] })), []);
  assert.equal(bench.see().state, 'backup');
});

test('a new priority is in force with the next advert', () => {
  const bench = new Bench(instance()).master();
  assert.deepEqual(reload(bench, instance({ priority: 150 })), ['advert 150']);
});

test('an instance that is gone from the file leaves in good order; a new one begins', () => {
  const bench = new Bench(instance()).master();
  const other = instance({ name: 'VI_9', virtualRouterId: 9, addresses: [second] });
  assert.deepEqual(reload(bench, other), [
    'advert 0',
    `remove ${VIP}`,
    'notify STOP',
    'notify DELETED',
    'remove 10.77.0.101',
    'notify BACKUP',
  ]);
  bench.pass(4000);
  assert.equal(bench.see('VI_9').state, 'master');
});

test('an instance that moves to another router id begins anew', () => {
  const bench = new Bench(instance()).master();
  assert.deepEqual(reload(bench, instance({ virtualRouterId: 99 })).slice(0, 3), [
    'advert 0',
    `remove ${VIP}`,
    'notify STOP',
  ]);
  assert.equal(bench.see().state, 'backup');
});

test('nothing changes in a reload of the same file', () => {
  const bench = new Bench(instance()).master();
  assert.deepEqual(reload(bench, instance()), ['advert 100']);
});

test('a new loop process goes on as master: it advertises at once and sets what should be there', () => {
  const bench = new Bench(instance()).master();
  const { transitions } = bench.see();
  bench.restart();
  bench.interface('eth0', true);
  bench.interface('eth1', true);
  bench.input({ kind: 'tick' });
  assert.deepEqual(brief(bench.last), [`set ${VIP}`, 'advert 100']);
  assert.equal(bench.see().transitions, transitions);
});

test('a new loop process in a backup counts the silence from its own beginning', () => {
  const bench = new Bench(instance()).boot();
  bench.hear({ priority: 200 });
  bench.nowMs += 3000;
  bench.restart();
  bench.interface('eth0', true);
  bench.input({ kind: 'tick' });
  assert.deepEqual(brief(bench.pass(3609)), []);
  assert.equal(brief(bench.pass(1))[0], 'advert 100');
});

test('who removes an address again and again is answered once a second', () => {
  const bench = new Bench(instance()).master();
  bench.pass(10_000);
  let sets = 0;
  const untilMs = bench.nowMs + 10_000;
  while (bench.nowMs < untilMs) {
    const done = bench.input({ kind: 'vrrpLost', instance: 'VI_1', addresses: [VIP] });
    sets += [...done, ...bench.pass(10)].filter(({ kind }) => kind === 'vrrpSet').length;
  }
  assert.ok(sets >= 20 && sets <= 32, `${sets} times`);
  assert.equal(bench.see().state, 'master');
});

test('the end of the daemon: priority 0, addresses gone, exit', () => {
  const bench = new Bench(instance()).master();
  const done = bench.input({ kind: 'command', commandId: 7, command: { kind: 'shutdown' } });
  assert.deepEqual(brief(done), ['advert 0', `remove ${VIP}`, 'notify STOP', 'exit']);
  assert.equal(bench.state.timers.nextDueMs(), undefined);
});

test('fifo_write_vrrp_states_on_reload: the named pipes get the present state, and no program is run', () => {
  const any = { words: ['/etc/notify'] };
  const own = instance({ notify: { mail: true, any } });
  const bench = new Bench(own).master();
  const global = { ...defaultVrrpGlobal('node1'), fifoStatesOnReload: true };
  const told = (config = vrrpConfig({ instances: [own], global })) =>
    bench.input({ kind: 'vrrpConfig', config }).filter(({ kind }) => kind === 'vrrpNotify');
  assert.deepEqual(told(), [
    {
      kind: 'vrrpNotify',
      scope: 'INSTANCE',
      name: 'VI_1',
      state: 'MASTER',
      priority: 100,
      commands: [],
      mail: false,
    },
  ]);
  assert.deepEqual(told(vrrpConfig({ instances: [own] })), []);
});
