import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openScreen } from '../../../src/cli/screen.js';
import { type StatusPicture, statusLines } from '../../../src/cli/status-view.js';
import { pictureDocument, verdictOf } from '../../../src/daemon/control/picture.js';
import { availabilityPercent, duration, percentage } from '../../../src/log/words.js';
import { recordedOutput, sampleSnapshot, sampleStatus } from '../../support/control.js';
import { schemaViolations } from '../../support/json-schema.js';
import { fullPicture } from '../../support/pictures.js';
import { repositoryRoot } from '../../support/root.js';

assert.ok(sampleSnapshot.kind === 'snapshot');
const { snapshot, daemon } = sampleSnapshot;
const well = { ...sampleStatus, warnings: [] };
const schema = JSON.parse(readFileSync(join(repositoryRoot(), 'etc', 'status.schema.json'), 'utf8'));

function lines(picture: Partial<StatusPicture>, colours = false): string {
  return statusLines({ snapshot, daemon, events: [], ...picture }, colours, 1000).join('\n');
}

test('the verdict names the worst first: failed, fenced, down, waiting, moving, warnings', () => {
  const [group] = well.groups;
  assert.ok(group);
  const nobody = { ...group, owner: null, state: 'stopped' } as const;
  const target = { node: 'node2', phase: 'command', sentence: 'node2 is being reset.' };
  const rows: readonly (readonly [Partial<typeof sampleStatus>, string, RegExp])[] = [
    [{}, 'well', /^All is well\.$/],
    [{ warnings: ['a.'] }, 'warning', /^a\.$/],
    [{ warnings: ['a.', 'b.', 'c.'] }, 'warning', /^a\. And 2 more\.$/],
    [{ groups: [{ ...group, state: 'starting' }] }, 'warning', /is being moved/],
    [{ communicationUp: false, groups: [nobody] }, 'warning', /Waiting for the other nodes/],
    [{ groups: [nobody] }, 'critical', /^10\.0\.0\.10 runs nowhere/],
    [{ fencing: { devices: [], target }, groups: [nobody] }, 'critical', /^node2 is being reset/],
    [{ groups: [{ ...nobody, failedOn: ['node1'] }] }, 'critical', /failed and runs nowhere/],
  ];
  for (const [change, level, sentence] of rows) {
    const verdict = verdictOf({ ...well, ...change });
    assert.equal(verdict.level, level);
    assert.match(verdict.sentence, sentence);
  }
});

test('status shows loss both ways, lateness, the lease and availability', () => {
  const status = {
    ...well,
    nodes: well.nodes.map((node) => ({
      ...node,
      status: 'active',
      links: node.links.map((link) => ({ ...link, lossInPercent: 0.4, lossOutPercent: 25 })),
    })),
    lease: {
      silenceMs: 2000,
      marginMs: 500,
      leaseMs: 1000,
      stopMs: 0,
      watchdogMs: null,
      addressLifetimeMs: null,
      excessMs: 0,
      device: null,
    },
    drift: [{ node: 'node2', files: ['ha.cf'] }],
  };
  const lateness = {
    turns: 1000,
    maxMs: 3.14,
    over10ms: 0,
    p50Ms: 0.1,
    p99Ms: 0.2,
    lastMinute: { turns: 60, maxMs: 0.8, p50Ms: 0.1, p99Ms: 0.25 },
  };
  const availability = [
    {
      group: '10.0.0.10',
      sinceWallMs: 0,
      observedMs: 100_000_000,
      downMs: 1000,
      outages: 1,
      availability: 0.99999,
      mtbfMs: 99_999_000,
      mttrMs: 1000,
      lastOutages: [{ startWallMs: 0, endWallMs: 1000 }],
      spans: [],
    },
  ];
  const text = lines({ snapshot: { ...snapshot, status, lateness }, availability });
  assert.match(text, /^FENCE {2}no device: two nodes/m);
  assert.match(text, /^All is well\.$/m);
  assert.match(text, /^node2:eth0 +up +100 ms ago +0\.4 % +25 %$/m);
  assert.match(
    text,
    /^GUARD {2}no watchdog; services stop here after 1 s .* wait 2 s before they take over$/m,
  );
  assert.match(
    text,
    /^LATE {3}at most 0\.8 ms in the last minute \(99 of 100 turns: 0\.25 ms\), at most 3\.1 ms since/m,
  );
  assert.match(text, /^DRIFT {2}ha\.cf on node2 is not the same as here$/m);
  assert.match(text, /^10\.0\.0\.10 +99\.9990 % +27 h +1 +1 s +1 s +27 h$/m);
});

test('numbers in words: an outage never disappears by rounding', () => {
  assert.equal(availabilityPercent(0.9999999), '99.9999 %');
  assert.equal(availabilityPercent(1), '100 %');
  assert.equal(percentage(0.05), '0.1 %');
  assert.equal(percentage(12.6), '13 %');
  assert.equal(duration(3 * 86_400_000), '3 d');
});

test('the schema of --json describes the sample, and finds what is wrong', () => {
  const document = JSON.parse(JSON.stringify(pictureDocument({ snapshot, daemon, events: [] }, 5)));
  assert.deepEqual(schemaViolations(schema, document), []);
  assert.equal(schemaViolations(schema, { ...document, surprise: 1 }).length, 1);
  const full = JSON.parse(JSON.stringify(pictureDocument(fullPicture(), 5)));
  assert.deepEqual(schemaViolations(schema, full), []);
  const { director } = full;
  assert.equal(schemaViolations(schema, { ...full, director: { ...director, more: 1 } }).length, 1);
  assert.equal(schemaViolations(schema, { ...document, director: {} }).length, 4);
  assert.equal(schemaViolations(schema, { ...document, schema: 2 }).length, 1);
  assert.equal(schemaViolations(schema, { ...document, nodes: [{ name: 1 }] }).length > 5, true);
});

test('--watch gives the terminal back as it was, and ends at a signal', async () => {
  const written: string[] = [];
  const output = { ...recordedOutput(), terminal: true, rows: 3, raw: (text: string) => written.push(text) };
  const screen = openScreen(output, 60_000);
  screen.show('one\ntwo\nthree\nfour');
  const paused = screen.pause();
  process.emit('SIGINT');
  await paused;
  assert.equal(screen.over, true);
  screen.close();
  const text = written.join('');
  assert.ok(text.startsWith('\u001b[?1049h\u001b[?25l'), 'the second page without a cursor');
  assert.ok(text.endsWith('\u001b[?25h\u001b[?1049l'), 'the cursor and the first page');
  assert.ok(text.includes('two') && !text.includes('three'), 'what does not fit is not shown');
  assert.equal(process.listenerCount('SIGINT'), 0);
});
