import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dayWindow, isWithin } from '../../../src/config/ini/schedule.js';
import type { Command } from '../../../src/core/input.js';
import type { StatusSnapshot } from '../../../src/core/snapshot-types.js';
import type { ToLoop } from '../../../src/daemon/mailbox.js';
import { createDrill } from '../../../src/daemon/runner/drill.js';
import { createSchedule } from '../../../src/daemon/runner/schedule.js';
import { sampleConfig } from '../../support/configuration.js';
import { sampleSnapshot, sampleStatus } from '../../support/control.js';
import { temporaryFolder } from '../../support/scripts.js';

const MOVE_MS = 700;

/** A pair that obeys: node1 serves, standby moves everything away, takeover back. Time passes by sleeping. */
function pairOf(t: { after(task: () => void): void }, change: Partial<StatusSnapshot> = {}) {
  let nowMs = 0;
  let owner = 'node1';
  let until = 0;
  let gone = false;
  const commands: Command[] = [];
  const events: string[] = [];
  const status = async (): Promise<StatusSnapshot | undefined> => {
    if (gone) return undefined;
    const isMoving = nowMs < until;
    return {
      ...sampleStatus,
      warnings: [],
      nodes: sampleStatus.nodes.map((node) =>
        node.kind === 'normal' ? { ...node, status: 'active' } : node,
      ),
      resources: isMoving ? 'transition' : owner === 'node1' ? 'local' : 'none',
      groups: sampleStatus.groups.map((group) => ({
        ...group,
        owner: isMoving ? null : owner,
        state: owner === 'node1' && !isMoving ? 'running' : 'stopped',
      })),
      ...change,
    };
  };
  const stateDir = temporaryFolder(t);
  const faults = { refusal: '', onSleep: (_ms: number): void => undefined };
  return {
    commands,
    events,
    stateDir,
    set owner(name: string) {
      owner = name;
    },
    pass(ms: number) {
      nowMs += ms;
    },
    set gone(is: boolean) {
      gone = is;
    },
    faults,
    drill: createDrill({
      stateDir,
      status,
      command: async (command) => {
        commands.push(command);
        if (faults.refusal !== '') return { ok: false, text: faults.refusal };
        owner = command.kind === 'standby' ? 'node2' : 'node1';
        until = nowMs + MOVE_MS;
        return { ok: true, text: '' };
      },
      event: (code, sentence) => events.push(`${code}: ${sentence}`),
      holdMs: () => 5000,
      sleep: async (ms) => {
        nowMs += ms;
        faults.onSleep(nowMs);
      },
      nowMs: () => nowMs,
    }),
  };
}

test('a drill hands over what the node holds, waits, takes it back, and tells how long each took', async (t) => {
  const pair = pairOf(t);
  await pair.drill.hold();
  assert.deepEqual(pair.commands, [
    { kind: 'standby', set: 'local' },
    { kind: 'takeover', set: 'local' },
  ]);
  const { outcome, handoverMs, returnMs } = pair.drill.last ?? {};
  assert.deepEqual([outcome, handoverMs, returnMs], ['done', MOVE_MS, MOVE_MS]);
  assert.deepEqual(pair.events, [
    'drill: failover drill: 10.0.0.10 went to the other node in 700 ms and came back in 700 ms.',
  ]);
  assert.equal(JSON.parse(readFileSync(join(pair.stateDir, 'drill.json'), 'utf8')).outcome, 'done');
});

test('a node that was given its services by the drill of the other one, whose clock is ahead, does not begin a drill of its own', async (t) => {
  const pair = pairOf(t);
  pair.drill.notePeerGave();
  await pair.drill.hold();
  assert.deepEqual([pair.commands, pair.events], [[], []]);
  pair.pass(5000 + 120_000);
  await pair.drill.hold();
  assert.equal(pair.drill.last?.outcome, 'done');
});

test('a drill is refused unless all is well, and the reason is told', async (t) => {
  const [group] = sampleStatus.groups;
  assert.ok(group);
  const dead = sampleStatus.nodes.map((node) => (node.self ? node : { ...node, status: 'dead' }));
  for (const [change, reason] of [
    [{ warnings: ['one link is dead.'] }, /because one link is dead;?\.$/],
    [{ nodes: dead }, /because there is no other node\.$/],
    [{ autoFailback: 'legacy' }, /because auto_failback legacy knows no standby\.$/],
    [{ resources: 'transition' }, /because resources are being moved\.$/],
    [
      { groups: [{ ...group, failedOn: ['node1'], owner: null }] },
      /because 10\.0\.0\.10 failed and runs nowhere\.$/,
    ],
  ] as const) {
    const pair = pairOf(t, change as Partial<StatusSnapshot>);
    await pair.drill.hold();
    assert.deepEqual(pair.commands, []);
    assert.match(pair.events.join(), reason);
    assert.equal(pair.drill.last?.outcome, 'refused');
  }
});

test('the node that holds nothing, or stands second where both hold something, holds no drill and says nothing', async (t) => {
  const [group] = sampleStatus.groups;
  assert.ok(group);
  const [one, two] = sampleStatus.nodes;
  assert.ok(one && two);
  const both = [group, { ...group, key: 'b', owner: 'node2' }];
  for (const change of [
    { groups: [{ ...group, owner: 'node2' }] },
    { groups: both, nodes: [{ ...two, status: 'active' }, one] },
  ]) {
    const pair = pairOf(t, change);
    await pair.drill.hold();
    assert.deepEqual([pair.commands, pair.events, pair.drill.last], [[], [], undefined]);
  }
});

test('what goes wrong ends a drill: a refusal, a partner that does not serve, a partner that stops serving', async (t) => {
  const refused = pairOf(t);
  refused.faults.refusal = 'Other side is in flux.';
  await refused.drill.hold();
  assert.match(
    refused.events.join(),
    /^drill-failed: .* because Other side is in flux; the services stay where they are/,
  );
  const lost = pairOf(t);
  lost.faults.onSleep = (nowMs) => {
    if (nowMs > 3000) lost.owner = 'node1';
  };
  await lost.drill.hold();
  assert.match(lost.events.join(), /because the other node did not go on serving/);
  assert.equal(lost.commands.length, 1, 'nothing more is asked for');
  const silent = pairOf(t);
  silent.faults.onSleep = () => {
    silent.gone = true;
  };
  await silent.drill.hold();
  assert.match(silent.events.join(), /the other node does not serve after 10 min/);
});

test('a drill that a restart cut short counts as failed', (t) => {
  const stateDir = temporaryFolder(t);
  const record = { startedWallMs: 1, outcome: 'away', handoverMs: 5, returnMs: null, sentence: 'x' };
  writeFileSync(join(stateDir, 'drill.json'), JSON.stringify(record));
  const drill = () =>
    createDrill({
      stateDir,
      status: async () => undefined,
      command: async () => undefined,
      event: () => undefined,
      holdMs: () => 1,
    });
  assert.match(drill().last?.sentence ?? '', /cut short by a restart/);
  assert.equal(drill().last?.outcome, 'failed');
  writeFileSync(join(stateDir, 'drill.json'), '{');
  assert.equal(drill().last, undefined);
});

test('a window of the day may pass midnight; its end is outside', () => {
  const night = dayWindow('22:00-05:30');
  assert.ok(night);
  const within = (hour: number, minute = 0): boolean => isWithin(night, 60 * hour + minute);
  assert.deepEqual(
    [within(21, 59), within(22), within(0), within(5, 29), within(5, 30), within(12)],
    [false, true, true, true, false, false],
  );
  for (const wrong of ['', '22-5', '24:00-05:00', '22:60-05:00', '05:00-05:00', 'night']) {
    assert.equal(dayWindow(wrong), undefined, wrong);
  }
});

test('each new loop is told whether the window is open; without a window it is told nothing', (t) => {
  const told: ToLoop[] = [];
  let time = new Date(2026, 0, 1, 21, 0);
  const { settings } = sampleConfig();
  let config = sampleConfig({ settings: { ...settings, failbackWindow: '22:00-05:00' } });
  const schedule = createSchedule({
    stateDir: temporaryFolder(t),
    config: () => config,
    tell: (message) => told.push(message) > 0,
    log: assert.fail,
    ask: async () => sampleSnapshot,
    raise: () => undefined,
    now: () => time,
  });
  t.after(() => schedule.close());
  schedule.attend();
  time = new Date(2026, 0, 1, 23, 0);
  schedule.attend();
  assert.deepEqual(told, [
    { kind: 'failbackWindow', open: false },
    { kind: 'failbackWindow', open: true },
  ]);
  config = sampleConfig();
  schedule.attend();
  assert.equal(told.length, 2);
});
