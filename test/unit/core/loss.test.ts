import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTracking } from '../../../src/core/heartbeat/state.js';
import {
  countArrival,
  LOSS_WINDOW_MS,
  lossPerMille,
  newLossCounts,
  toldLossPerMille,
} from '../../../src/core/membership/loss.js';
import { newPeer, type Peer } from '../../../src/core/membership/state.js';
import { encodeExtra, parseExtra } from '../../../src/wire/extra-codec.js';

function peerWith(...numbers: readonly (readonly number[])[]): Peer {
  const peer = newPeer('node2', newTracking(0));
  for (const [at, heard] of numbers.entries()) {
    const loss = newLossCounts(0);
    let highestSeq = 0;
    for (const seq of heard) {
      countArrival(loss, highestSeq === 0 ? 0 : seq - highestSeq - 1, seq);
      highestSeq = seq;
    }
    peer.links.set(`eth${at}`, { up: true, heardMs: 0, highestSeq, statusSeq: 0, loss });
  }
  return peer;
}

function lossOn(peer: Peer, link: string): number | null {
  const found = peer.links.get(link);
  assert.ok(found);
  return lossPerMille(peer, found);
}

test('loss is counted by gaps, and by what other links have carried meanwhile', () => {
  const all = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
  const peer = peerWith(all, [5, 7, 8, 9, 10, 11, 12, 13, 14], [5, 6, 7, 8, 9], [13]);
  assert.equal(lossOn(peer, 'eth0'), 0);
  assert.equal(lossOn(peer, 'eth1'), 100);
  assert.equal(lossOn(peer, 'eth2'), 500);
  // One that is only just on its way is not lost.
  assert.equal(lossOn(peer, 'eth3'), 0);
});

test('old losses are forgotten after two windows', () => {
  const counts = newLossCounts(0);
  countArrival(counts, 9, 1);
  countArrival(counts, 0, LOSS_WINDOW_MS);
  assert.deepEqual([counts.lost, counts.earlierLost], [0, 9]);
  countArrival(counts, 0, 2 * LOSS_WINDOW_MS);
  assert.deepEqual([counts.lost, counts.earlierLost, counts.earlierReceived], [0, 0, 1]);
  countArrival(counts, 1, 9 * LOSS_WINDOW_MS);
  assert.deepEqual([counts.lost, counts.earlierLost, counts.earlierReceived], [1, 0, 0]);
});

test('what the peer loses travels in the extra field; a link that it does not name loses nothing', () => {
  const nonce = '0123456789abcdef';
  const extra = {
    version: 1,
    program: '4.0.0',
    capabilities: ['groups'],
    nonce,
    heard: [
      {
        node: 'node1',
        nonce,
        links: [
          { link: 'eth0', seq: 9 },
          { link: '/dev/ttyS0', seq: 9 },
        ],
      },
    ],
    groupsDigest: '00000000',
    claims: [],
    losses: [{ node: 'node1', nonce: '', links: [{ link: '/dev/ttyS0', seq: 250 }] }],
  };
  const text = encodeExtra(extra);
  assert.match(text, /\/l:node1@@%2Fdev%2FttyS0=fa$/);
  assert.deepEqual(parseExtra(text), extra);
  const peer = { ...newPeer('node2', newTracking(0)), status: 'active' as const, extra: parseExtra(text) };
  assert.equal(toldLossPerMille('node1', peer, '/dev/ttyS0'), 250);
  assert.equal(toldLossPerMille('node1', peer, 'eth0'), 0);
  assert.equal(toldLossPerMille('node1', peer, 'eth7'), null);
  assert.equal(toldLossPerMille('node1', { ...peer, status: 'dead' }, 'eth0'), null);
  assert.equal(toldLossPerMille('node1', { ...peer, extra: undefined }, 'eth0'), null);
});
