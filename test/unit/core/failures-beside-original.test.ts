import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inMaintenance } from '../../../src/core/resources/maintenance.js';
import { BesideOriginal } from '../../support/beside-original.js';

/** The start of web fails on this node for as long as `broken` holds. */
function brokenWeb(autoFailback: 'on' | 'off' | 'legacy' = 'on'): {
  pair: BesideOriginal;
  repair: () => void;
} {
  let broken = true;
  const pair = new BesideOriginal({ autoFailback });
  pair.outcome = ({ operation }) => {
    const { verb, target, id } = operation;
    const isWeb = target.kind === 'script' && target.resource.word === 'web';
    const result =
      broken && isWeb && verb === 'start'
        ? ({ ok: false, detail: 'broken' } as const)
        : ({ ok: true } as const);
    return { kind: 'operationDone', operationId: id, result };
  };
  return {
    pair,
    repair: () => {
      broken = false;
    },
  };
}

const asked = (pair: BesideOriginal, sinceMs = 0): string[] =>
  pair.said(sinceMs).filter((words) => words.startsWith('ask_resources'));

const events = (pair: BesideOriginal): string[] =>
  pair.effects.flatMap(({ effect }) => (effect.kind === 'event' ? [effect.code] : []));

/** The original takes what it is offered. */
function accept(pair: BesideOriginal): void {
  pair.say('ask_resources', { rsc_hold: 'local', info: 'other' });
  pair.run(200);
  pair.say('ask_resources', { rsc_hold: 'local', info: 'done' });
  pair.say('resource', { rsc_hold: 'all', rtype: 'full', isstable: '1' });
  pair.run(200);
}

/** The original hands our groups back, as its operator or a failure there wants it. */
function handBack(pair: BesideOriginal): void {
  pair.say('ask_resources', { rsc_hold: 'foreign', info: 'me' });
  pair.run(100);
  pair.say('ask_resources', { rsc_hold: 'foreign', info: 'done' });
  pair.run(300);
  pair.say('resource', { rsc_hold: 'local', rtype: 'full', isstable: '1' });
  pair.run(300);
}

test('a failed own group is offered to the original with its set, once', () => {
  const { pair } = brokenWeb();
  pair.begin();
  pair.run(1500);
  assert.deepEqual(asked(pair), ['ask_resources local me']);
  accept(pair);
  assert.deepEqual(asked(pair), ['ask_resources local me', 'ask_resources local done']);
  pair.run(60_000);
  assert.equal(asked(pair).length, 2);
});

test('handed back by the original it is tried once more, and not offered again: no going back and forth', () => {
  const { pair } = brokenWeb();
  pair.begin();
  pair.run(1500);
  accept(pair);
  const sinceMs = pair.nowMs;
  handBack(pair);
  pair.run(60_000);
  assert.deepEqual(asked(pair, sinceMs), ['ask_resources foreign other', 'ask_resources foreign done']);
  assert.ok(events(pair).includes('group-given-up'));
  assert.equal(pair.state.resources.groups[0]?.wanted, false);
});

test('an offer that the original does not answer is repeated', () => {
  const { pair } = brokenWeb();
  pair.begin();
  pair.run(25_000);
  assert.deepEqual(new Set(asked(pair)), new Set(['ask_resources local me']));
  assert.ok(asked(pair).length >= 2);
  accept(pair);
  pair.run(60_000);
  assert.equal(asked(pair).at(-1), 'ask_resources local done');
});

test('handed back when it is repaired it runs here', () => {
  const { pair, repair } = brokenWeb();
  pair.begin();
  pair.run(1500);
  accept(pair);
  repair();
  handBack(pair);
  assert.equal(pair.state.resources.groups[0]?.phase, 'running');
});

test('an original that is away at the failure is offered the group when it is there', () => {
  const { pair } = brokenWeb('off');
  pair.input({ kind: 'boot' });
  pair.run(10_000);
  assert.ok(events(pair).includes('group-given-up'));
  assert.deepEqual(asked(pair), []);
  pair.speak('up');
  pair.run(400);
  pair.speak('active');
  pair.say('starting');
  pair.run(500);
  pair.say('resource', { rsc_hold: 'none', rtype: 'full', isstable: '1' });
  pair.run(3000);
  assert.ok(asked(pair).includes('ask_resources local me'), asked(pair).join());
});

test('in auto_failback legacy there is no way to offer it: it stays down and that is said', () => {
  const { pair } = brokenWeb('legacy');
  pair.input({ kind: 'boot' });
  pair.speak('up');
  pair.run(400);
  pair.say('repnodes', { dest: 'node1', nodelist: 'node1 node2 ', delnodelist: ' ' });
  pair.speak('active');
  pair.run(300);
  pair.say('ip-request-resp', { dest: 'node1', ipaddr: 'web', weown: 'no', ok: 'OK' });
  pair.run(60_000);
  assert.deepEqual(asked(pair), []);
  assert.ok(events(pair).includes('group-given-up'));
});

test('a cleanup starts the group here again and tells the original nothing', () => {
  const { pair, repair } = brokenWeb();
  pair.begin();
  repair();
  const sinceMs = pair.nowMs;
  pair.command({ kind: 'cleanup', group: 'web' });
  pair.run(200);
  assert.equal(pair.state.resources.groups[0]?.phase, 'running');
  assert.ok(!pair.said(sinceMs).some((words) => words.startsWith('hb_cleanup')));
});

test('a node that stops in maintenance beside a living original releases everything: the original takes it', () => {
  const { pair, repair } = brokenWeb();
  repair();
  pair.begin();
  const commandId = pair.command({ kind: 'maintenance', on: true, force: false });
  const reply = pair.effects.find(({ effect }) => effect.kind === 'reply' && effect.commandId === commandId);
  assert.match(
    reply?.effect.kind === 'reply' ? reply.effect.text : '',
    /node2 runs the original, which knows/,
  );
  pair.run(5000);
  pair.command({ kind: 'shutdown' });
  pair.run(5000);
  assert.equal(inMaintenance(pair.state), false);
  assert.deepEqual(
    pair.state.resources.groups.map(({ phase }) => phase),
    ['stopped', 'stopped'],
  );
  assert.ok(pair.said().includes('shutdone dead'));
});

test('in maintenance an original that asks is not answered, and its death moves nothing', () => {
  const { pair, repair } = brokenWeb();
  repair();
  pair.begin();
  pair.command({ kind: 'maintenance', on: true, force: false });
  const sinceMs = pair.nowMs;
  pair.say('ask_resources', { rsc_hold: 'local', info: 'me' });
  pair.run(500);
  assert.deepEqual(asked(pair, sinceMs), []);
  pair.silence();
  pair.run(20_000);
  assert.equal(pair.state.resources.groups[1]?.phase, 'stopped');
  pair.command({ kind: 'maintenance', on: false, force: false });
  pair.run(500);
  assert.equal(pair.state.resources.groups[1]?.phase, 'running');
});
