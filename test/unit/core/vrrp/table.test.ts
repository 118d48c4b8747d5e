/** Every state of an instance and every event: what is done, "nothing" included (vrrp-lvs.md 2.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, brief, instance, OWN, PEER, VIP } from './support/bench.js';

type Start = 'init' | 'backup' | 'master' | 'fault' | 'stopped';

function inState(start: Start): Bench {
  if (start === 'init') {
    const bench = new Bench(instance({ startupDelayMs: 60_000 })).boot();
    assert.equal(bench.see().state, 'init');
    return bench;
  }
  const bench = new Bench(instance()).boot();
  if (start === 'master') bench.pass(4000);
  // Past the burst that follows the first one, so that nothing but the event is seen.
  if (start === 'master') bench.pass(6000);
  if (start === 'fault') bench.interface('eth0', false);
  if (start === 'stopped') bench.input({ kind: 'command', commandId: 1, command: { kind: 'shutdown' } });
  assert.equal(bench.see().state, start);
  return bench;
}

type Event = (bench: Bench) => void;

const EVENTS: Readonly<Record<string, Event>> = {
  'higher advert': (bench) => bench.hear({ priority: 200 }),
  'lower advert': (bench) => bench.hear({ priority: 50 }),
  'equal advert, higher address': (bench) => bench.hear({ priority: 100 }),
  'equal advert, lower address': (bench) => bench.hear({ priority: 100, source: '10.77.0.0' }),
  'advert of priority 0': (bench) => bench.hear({ priority: 0 }),
  'wrong password': (bench) => bench.hear({ priority: 200, authentication: 'wrong-password' }),
  'unreadable advert': (bench) =>
    bench.input({
      kind: 'advert',
      instance: 'VI_1',
      heard: { ok: false, source: PEER, reason: 'checksum' },
    }),
  'interface down': (bench) => bench.interface('eth0', false),
  'interface up': (bench) => bench.interface('eth0', true),
  'address deleted by hand': (bench) => bench.input({ kind: 'vrrpLost', instance: 'VI_1', addresses: [VIP] }),
  shutdown: (bench) => bench.input({ kind: 'command', commandId: 2, command: { kind: 'shutdown' } }),
};

const NOTHING: readonly string[] = [];
const GIVES_UP = [`remove ${VIP}`, 'notify BACKUP', 'advert 100'];
const TELLS = ['advert 100', 'notify MASTER_RX_LOWER_PRI', 'announce x5'];

/** Event, then for each state: the state that follows and what is done. Not listed: nothing, and the state stays. */
const TABLE: Readonly<Record<string, Partial<Record<Start, readonly [Start, readonly string[]]>>>> = {
  'higher advert': { master: ['backup', GIVES_UP] },
  'lower advert': { master: ['master', TELLS] },
  'equal advert, higher address': { master: ['backup', GIVES_UP] },
  'equal advert, lower address': { master: ['master', TELLS] },
  'advert of priority 0': { master: ['master', ['advert 100', 'announce x5']] },
  'wrong password': {},
  'unreadable advert': {},
  'interface down': {
    backup: ['fault', ['notify FAULT']],
    master: ['fault', ['advert 0', 'advert 0', `remove ${VIP}`, 'notify FAULT']],
  },
  'interface up': { fault: ['backup', ['notify BACKUP']] },
  'address deleted by hand': { master: ['master', [`set ${VIP}`, 'announce x5']] },
  shutdown: {
    init: ['stopped', ['notify STOP', 'exit']],
    backup: ['stopped', ['notify STOP', 'exit']],
    master: ['stopped', ['advert 0', `remove ${VIP}`, 'notify STOP', 'exit']],
    fault: ['stopped', ['notify STOP', 'exit']],
  },
};

for (const [name, event] of Object.entries(EVENTS)) {
  for (const start of ['init', 'backup', 'master', 'fault', 'stopped'] as const) {
    const [end, effects] = TABLE[name]?.[start] ?? [start, NOTHING];
    test(`${start}, ${name}: ${effects.length === 0 ? 'nothing' : effects.join(', ')}`, () => {
      const bench = inState(start);
      event(bench);
      assert.deepEqual(brief(bench.last), effects);
      assert.equal(bench.see().state, end);
    });
  }
}

test('a start listens for the master-down interval whatever its state says, then takes the address', () => {
  const bench = new Bench(instance({ initialState: 'master', priority: 100 })).boot();
  assert.deepEqual(brief(bench.last), [`remove ${VIP}`, 'notify BACKUP']);
  assert.deepEqual(brief(bench.pass(3609)), []);
  assert.deepEqual(brief(bench.pass(1)), ['advert 100', `set ${VIP}`, 'announce x5', 'notify MASTER']);
});

test('the owner of the addresses is master at once', () => {
  const bench = new Bench(instance({ initialState: 'master', priority: 255 })).boot();
  assert.deepEqual(brief(bench.last), ['advert 255', `set ${VIP}`, 'announce x5', 'notify MASTER']);
});

test('a master advertises every interval and announces its addresses once more after the delay', () => {
  const bench = new Bench(instance()).boot();
  bench.pass(3610);
  assert.deepEqual(brief(bench.pass(5000)), [...new Array<string>(5).fill('advert 100'), 'announce x5']);
});

test('a backup hears the master and keeps still', () => {
  const bench = new Bench(instance()).boot();
  for (let i = 0; i < 20; i++) {
    bench.hear({ priority: 101 });
    assert.deepEqual(brief(bench.pass(1000)), []);
  }
  assert.equal(bench.see().state, 'backup');
  assert.deepEqual(bench.see().master, { address: PEER, priority: 101 });
});

test('a master that leaves is followed after the skew time alone', () => {
  const bench = new Bench(instance({ priority: 98 })).boot();
  bench.hear({ priority: 100 });
  bench.pass(500);
  bench.hear({ priority: 0 });
  assert.deepEqual(brief(bench.pass(617)), []);
  assert.equal(brief(bench.pass(1))[0], 'advert 98');
});

test('a higher priority lets a lower master go on until its own silence has run out', () => {
  const bench = new Bench(instance()).boot();
  for (let i = 0; i < 3; i++) {
    bench.hear({ priority: 90 });
    assert.deepEqual(brief(bench.pass(1000)), []);
  }
  bench.hear({ priority: 90 });
  assert.equal(brief(bench.pass(700))[0], 'advert 100');
});

test('nopreempt: a lower master is left in peace', () => {
  const bench = new Bench(instance({ preempt: false })).boot();
  for (let i = 0; i < 20; i++) {
    bench.hear({ priority: 90 });
    assert.deepEqual(brief(bench.pass(1000)), []);
  }
});

test('preempt_delay begins with the first lower advert; then the silence of one interval is counted', () => {
  const bench = new Bench(instance({ preemptDelayMs: 3000 })).boot();
  const fromMs = bench.nowMs;
  while (bench.see().state === 'backup') {
    bench.hear({ priority: 90 });
    bench.pass(1000);
  }
  const master = bench.all.find(({ effect }) => effect.kind === 'advert');
  assert.equal(Math.floor((master?.atMs ?? 0) - fromMs), 2000 + 3609);
});

test('preempt_delay does not delay a takeover when there is no master', () => {
  const bench = new Bench(instance({ preemptDelayMs: 3000 })).boot();
  assert.equal(brief(bench.pass(3610))[0], 'advert 100');
});

test('two owners: the one that hears the other goes on with 254 and yields', () => {
  const bench = new Bench(instance({ initialState: 'master', priority: 255 })).boot();
  bench.hear({ priority: 255 });
  assert.equal(bench.see().state, 'backup');
  assert.equal(bench.see().priority, 254);
  assert.match(bench.see().disagreements[0]?.sentence ?? '', /^CONFIGURATION ERROR/);
  bench.interface('eth1', false);
  assert.equal(bench.see().priority, 254);
});

test('another machine with our address and priority is named', () => {
  const bench = new Bench(instance()).master();
  bench.hear({ source: OWN });
  assert.equal(bench.see().state, 'master');
  assert.match(bench.see().disagreements[0]?.sentence ?? '', /another machine has our address 10\.77\.0\.1/);
});

test('lower_prio_no_advert: a lower master gets no answer, but hosts are told', () => {
  const bench = new Bench(instance({ lowerPriorityNoAdvert: true })).master();
  bench.pass(6000);
  assert.deepEqual(brief(bench.hear({ priority: 50 })), ['notify MASTER_RX_LOWER_PRI', 'announce x5']);
});

test('strangers cause no more than one burst of announcements in an interval', () => {
  const bench = new Bench(instance()).master();
  bench.pass(6000);
  const bursts = [...new Array(50)].flatMap(() => {
    bench.nowMs += 10;
    return brief(bench.hear({ priority: 50 })).filter((word) => word.startsWith('announce'));
  });
  assert.equal(bursts.length, 1);
});

test('after a neighbour that thought itself master, hosts are told at once, after a second, and after the delay', () => {
  const bench = new Bench(instance()).master();
  bench.pass(6000);
  const fromMs = bench.nowMs;
  bench.hear({ priority: 50 });
  bench.pass(10_000);
  const at = bench.all
    .filter(({ atMs, effect }) => atMs >= fromMs && effect.kind === 'vrrpAnnounce')
    .map(({ atMs }) => atMs - fromMs);
  assert.deepEqual(at, [0, 1100, 5000]);
});
