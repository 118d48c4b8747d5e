import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Posted } from '../../../src/actions/sbd/post.js';
import { diskDiagnostics, judge } from '../../../src/daemon/disk-check.js';
import { create, PillDiskError } from '../../../src/daemon/sbd/tool.js';
import { sampleConfig } from '../../support/configuration.js';

const base = sampleConfig({ keepaliveMs: 1000, deadtimeMs: 10_000, watchdog: '/dev/watchdog' });
const good: Posted = { msgwaitS: 10, watchdogS: 5, loopS: 1, names: ['NODE1', 'node2'] };

test('the times of a disk are judged against the watchdog, the deadline and the delay, one sentence for each', () => {
  const codes = (disk: Partial<Posted>, settings: object = {}, parts: object = {}): string[] =>
    judge({ ...base, ...parts, settings: { ...base.settings, ...settings } }, '/dev/d', {
      ...good,
      ...disk,
    }).map(([code]) => code);
  assert.deepEqual(codes({}), []);
  assert.deepEqual(codes({ msgwaitS: 9 }), ['sbd-msgwait-short']);
  assert.deepEqual(codes({}, { watchdogTimeoutMs: 7000 }), ['sbd-watchdog-long']);
  assert.deepEqual(codes({ msgwaitS: 56 }), ['sbd-deadline-short', 'sbd-takeover-slow']);
  assert.deepEqual(codes({ loopS: 2, msgwaitS: 12 }), ['sbd-delay-short']);
  assert.deepEqual(codes({ loopS: 2, msgwaitS: 12 }, { fencingDelayMs: 0 }), []);
  assert.deepEqual(codes({ names: ['node1'] }), ['sbd-no-slot']);
});

test('a disk that is absent, or holds something else, is said in a sentence; nothing is written on it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'disk-check-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const disk = join(folder, 'disk');
  const check = async (): Promise<string[]> => {
    const config = { ...base, settings: { ...base.settings, sbdDevices: [disk] } };
    return (await diskDiagnostics(config, 'heartbeat.ini')).map(({ code, message }) => `${code}: ${message}`);
  };
  assert.match((await check()).join(), /^sbd-unreadable: .*there is no such disk/);
  writeFileSync(disk, Buffer.alloc(600 * 512, 'x'));
  assert.match((await check()).join(), /^sbd-unreadable: .*it has no header of sbd/);
  const times = { watchdogS: 5, allocateS: 2, loopS: 1, msgwaitS: 10 };
  assert.throws(
    () => create(disk, times, false),
    new PillDiskError(
      `${disk} holds data of something else, and all of it would be lost: --force if it may be.`,
    ),
  );
  create(disk, times, true);
  assert.match((await check()).join(), /^sbd-no-slot: .*no slot for node1 and node2/);
});
