import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StatusSnapshot } from '../../../src/core/snapshot-types.js';
import {
  type AvailabilityBook,
  availabilityOf,
  EMPTY_BOOK,
  GAP_MS,
  look,
  serverOf,
} from '../../../src/daemon/runner/availability.js';
import { createServiceWatch, readBook } from '../../../src/daemon/runner/service-watch.js';
import { sampleStatus } from '../../support/control.js';
import { temporaryFolder } from '../../support/scripts.js';

const KEY = '10.0.0.10';

interface Change {
  readonly owner?: string | null;
  readonly state?: 'running' | 'stopped' | 'starting';
  readonly peer?: 'active' | 'dead';
  readonly peerAgeMs?: number;
  readonly program?: string | null;
  readonly communicationUp?: boolean;
}

/** The sample with node2 alive and node1 serving, but for what is changed. */
function picture(change: Change = {}): StatusSnapshot {
  const { owner = 'node1', state = 'running', peer = 'active', peerAgeMs = 100, program = '4.0.0' } = change;
  return {
    ...sampleStatus,
    communicationUp: change.communicationUp ?? true,
    nodes: sampleStatus.nodes.map((node) =>
      node.name === 'node2' ? { ...node, status: peer, statusAgeMs: peerAgeMs, program } : node,
    ),
    groups: sampleStatus.groups.map((group) => ({ ...group, owner, state })),
  };
}

function story(...looks: readonly (readonly [number, Change])[]): AvailabilityBook {
  let book = EMPTY_BOOK;
  for (const [atMs, change] of looks) book = look(book, picture(change), atMs);
  return book;
}

function figures(book: AvailabilityBook) {
  const [one] = availabilityOf(book, [KEY]);
  assert.ok(one);
  return one;
}

const T0 = 1_700_000_000_000;

test('availability is MTBF / (MTBF + MTTR) of the outages that were seen', () => {
  const book = story(
    [T0, {}],
    [T0 + 10_000, { state: 'stopped', owner: null }],
    [T0 + 12_000, {}],
    [T0 + 20_000, {}],
    [T0 + 28_000, { state: 'stopped', owner: null }],
    [T0 + 30_000, {}],
    [T0 + 40_000, {}],
  );
  const { availability, mtbfMs, mttrMs, outages, observedMs, downMs, lastOutages } = figures(book);
  assert.deepEqual(
    { mtbfMs, mttrMs, outages, observedMs, downMs },
    {
      mtbfMs: 18_000,
      mttrMs: 2000,
      outages: 2,
      observedMs: 40_000,
      downMs: 4000,
    },
  );
  assert.equal(availability, 18_000 / 20_000);
  assert.deepEqual(lastOutages, [
    { startWallMs: T0 + 10_000, endWallMs: T0 + 12_000 },
    { startWallMs: T0 + 28_000, endWallMs: T0 + 30_000 },
  ]);
});

test('without an outage availability is 1 and there is no mean time', () => {
  const { availability, mtbfMs, mttrMs } = figures(story([T0, {}], [T0 + 5000, {}]));
  assert.deepEqual([availability, mtbfMs, mttrMs], [1, null, null]);
});

test('the outage of a node that died began when it was last heard, not when that was noticed', () => {
  const book = story(
    [T0, { owner: 'node2', state: 'stopped' }],
    [T0 + 9000, { owner: 'node2', state: 'stopped', peerAgeMs: 9000 }],
    [T0 + 10_500, { owner: 'node1', state: 'running', peer: 'dead', peerAgeMs: 10_000 }],
    [T0 + 20_500, { peer: 'dead', peerAgeMs: 20_000 }],
  );
  const { outages, downMs, observedMs, lastOutages, spans } = figures(book);
  assert.deepEqual([outages, downMs, observedMs], [1, 10_000, 20_500]);
  assert.deepEqual(lastOutages, [{ startWallMs: T0 + 500, endWallMs: T0 + 10_500 }]);
  assert.deepEqual(
    spans.map(({ server }) => server),
    ['node2', null, 'node1'],
  );
});

test('time that nobody looked at is neither service nor outage', () => {
  const pauseMs = GAP_MS + 1;
  const book = story([T0, {}], [T0 + 1000, {}], [T0 + 1000 + pauseMs, {}], [T0 + 2000 + pauseMs, {}]);
  const { observedMs, downMs, outages, spans } = figures(book);
  assert.deepEqual([observedMs, downMs, outages], [2000, 0, 0]);
  assert.deepEqual(
    spans.map(({ server, seen }) => [server, seen]),
    [
      ['node1', true],
      [null, false],
      ['node1', true],
    ],
  );
  // A clock that is set back is no time that was seen either.
  assert.equal(figures(look(book, picture(), T0)).observedMs, 2000);
});

test('who serves is not known before the nodes have talked, nor of an original that is silent about groups', () => {
  const none = { owner: null, state: 'stopped' } as const;
  const of = (change: Change) => {
    const status = picture(change);
    const [group] = status.groups;
    assert.ok(group);
    return serverOf(status, group);
  };
  assert.equal(of({}), 'node1');
  assert.equal(of({ state: 'starting' }), null);
  assert.equal(of(none), null);
  assert.equal(of({ ...none, communicationUp: false }), undefined);
  assert.equal(of({ ...none, program: null }), undefined);
  assert.equal(of({ ...none, program: null, peer: 'dead' }), null);
  assert.equal(of({ owner: 'node2', state: 'stopped' }), 'node2');
  assert.equal(of({ owner: 'node2', state: 'stopped', peer: 'dead' }), null);
});

test('a group that was never served has no account yet', () => {
  assert.deepEqual(availabilityOf(story([T0, { owner: null, state: 'stopped' }]), [KEY]), []);
});

test('the account survives a restart, and a damaged file only costs the figures', async (t) => {
  const stateDir = temporaryFolder(t);
  const path = join(stateDir, 'availability.json');
  const looked = async (): Promise<void> => {
    const snapshot = { status: picture(), lateness: { turns: 1, maxMs: 0, over10ms: 0 }, links: [] };
    await new Promise<void>((resolve) => {
      const watch = createServiceWatch({
        stateDir,
        snapshot: async () => ({
          kind: 'snapshot',
          snapshot,
          daemon: { runnerPid: 1, loopPid: 2, startedWallMs: 0, loopRestarts: 0 },
        }),
        problem: assert.fail,
        onLook: () =>
          setImmediate(() => {
            watch.close();
            resolve();
          }),
      });
      watch.start();
    });
  };
  await looked();
  const first = readBook(path);
  assert.equal(first.groups[KEY]?.server, 'node1');
  await looked();
  assert.equal(readBook(path).groups[KEY]?.sinceWallMs, first.groups[KEY]?.sinceWallMs);
  for (const damage of [
    '',
    '{"version":1',
    '[]',
    'null',
    '{"version":1,"lookedWallMs":1,"groups":{"a":{"upMs":-1}}}',
  ]) {
    writeFileSync(path, damage);
    assert.deepEqual(readBook(path).groups, {}, damage);
  }
});
