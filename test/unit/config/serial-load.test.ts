import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusFrameBytes } from '../../../src/config/serial-load.js';
import type { ClusterConfig } from '../../../src/config/types.js';
import { group, KEYS, PAIR, pairConfig } from '../../../src/sim/cluster.js';
import { Simulation } from '../../../src/sim/simulation.js';
import { createSigner, createVerifier } from '../../../src/wire/auth.js';
import { encodeClassic } from '../../../src/wire/encode.js';
import { textOf } from '../../../src/wire/message.js';
import { decodePacket } from '../../../src/wire/packet.js';
import { codes, judge, only } from './support.js';

/** Bytes of the last heartbeat that node1 sends in a running pair, as a serial line carries it. */
function realFrameBytes(config: (self: string) => ClusterConfig, links: readonly string[]): number {
  const names = ['node1', 'node2'];
  const simulation = new Simulation({
    nodes: names.map((name) => ({ config: config(name), authKeys: KEYS })),
    links,
    seed: 1,
  });
  simulation.network.record = true;
  for (const node of simulation.nodes) node.powerOn();
  simulation.runFor(60_000);
  const verify = createVerifier(KEYS);
  const sizes = simulation.network.archive.flatMap(({ from, packet }) => {
    const decoded = decodePacket(packet.bytes, verify);
    if (from !== 'node1' || !decoded.ok || textOf(decoded.message, 't') !== 'status') return [];
    return [encodeClassic(decoded.message, createSigner(KEYS)).length];
  });
  return sizes.at(-1) ?? 0;
}

test('the estimated size of a heartbeat is that of a real one, within a tenth', () => {
  const many = Array.from({ length: 20 }, (_, i) => group('node1', i + 1, `10.0.1.${i + 1}`));
  for (const { links, groups } of [
    { links: ['eth0', '/dev/ttyS0'], groups: PAIR.groups },
    { links: ['eth0', 'eth1', '/dev/ttyS0', '/dev/ttyS1'], groups: many },
  ]) {
    const real = realFrameBytes((self) => pairConfig(self, { ...PAIR, groups }), links);
    // Groups of the same state and epoch are written as one in the real field: the estimate may be above.
    const parts = { self: 'node1', peers: ['node2'], links, groups: groups.length, method: 'sha1' } as const;
    const estimate = statusFrameBytes(parts);
    assert.ok(estimate >= real, `${estimate} is at least ${real}`);
    // The virtual node has no load average, which takes 24 bytes of a real one.
    assert.ok(estimate <= (real + 24 + groups.length * 3) * 1.1, `${estimate} is about ${real}`);
  }
});

const haCf = (keepalive: string, deadtime: string, baud: number): string =>
  `keepalive ${keepalive}\ndeadtime ${deadtime}\nbaud ${baud}\nserial /dev/ttyS0\nbcast eth0\nnode node1 node2\nauto_failback on\n`;

test('a keepalive that the serial line cannot carry is warned of with the numbers', () => {
  const problem = only(judge({ haCf: haCf('200ms', '5', 9600) }), 'serial-slow');
  assert.equal(problem.severity, 'warning');
  assert.equal(problem.line, 4);
  assert.match(
    problem.message,
    /^A heartbeat of about 3\d\d bytes takes 0\.3\d s on \/dev\/ttyS0 at 9600 baud, longer than keepalive \(0\.2 s\): the line carries only one of 2 heartbeats\.$/,
  );
  assert.match(
    problem.hint ?? '',
    /^Raise keepalive to 0\.\d s or more, deadtime to 2(\.\d)? s or more, or set a higher baud\.$/,
  );
});

test('a line that heartbeats fill by more than half is warned of', () => {
  const problem = only(judge({ haCf: haCf('500ms', '5', 9600) }), 'serial-slow');
  assert.match(
    problem.message,
    /\d\d % of keepalive \(0\.5 s\): little is left for messages about resources\.$/,
  );
});

test('a deadtime of which a slow line may eat too much is warned of', () => {
  const problem = only(judge({ haCf: haCf('800ms', '1700ms', 9600) }), 'serial-slow');
  assert.match(problem.message, /may come later than deadtime \(1\.7 s\) allows\.$/);
});

test("the walk-through's 19200 baud with a keepalive of 2 s is no reason for a warning", () => {
  const judged = judge({ haCf: haCf('2', '10', 19_200) });
  assert.equal(codes(judged, 'warning').includes('serial-slow'), false);
});
