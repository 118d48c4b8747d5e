/** What a line that leaves heartbeats out means for the numbering: no flood of requests, no loss told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS } from '../../src/sim/cluster.js';
import { createVerifier } from '../../src/wire/auth.js';
import { textOf } from '../../src/wire/message.js';
import { decodePacket } from '../../src/wire/packet.js';
import { runningPair } from './support/pair.js';

test('heartbeats that were left out are asked for in one request and refused in one answer, without a word of loss', () => {
  const { sim: simulation } = runningPair({ recordEffects: true });
  const verify = createVerifier(KEYS);
  simulation.network.record = true;
  // node2 hears nothing of node1 for a few heartbeats, as when a slow line carries only the newest.
  simulation.network.setDirection('node1', 'node2', { cut: true });
  simulation.runFor(900);
  simulation.network.setDirection('node1', 'node2', { cut: false });
  simulation.runFor(3000);
  const counts = new Map<string, number>();
  for (const { link, packet } of simulation.network.archive) {
    const decoded = decodePacket(packet.bytes, verify);
    const type =
      decoded.ok && link === simulation.network.links[0] ? textOf(decoded.message, 't') : undefined;
    if (type !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  assert.equal(counts.get('NS_rexmit'), 1, 'one request for the whole gap');
  assert.equal(counts.get('NS_nak_rexmit'), 1, 'one answer for the whole gap');
  assert.doesNotMatch((simulation.effects?.lines ?? []).join('\n'), /packet-given-up|Irretrievably/);
});
