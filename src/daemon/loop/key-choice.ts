/**
 * With which key an original wants to be spoken to. It checks every packet with the key of its own active index,
 * whatever index the packet names (heartbeat-protocol.md 4.4): so a change of keys, one node after the other, splits
 * a pair of originals. A node of this program holds the pair together by signing as the original does.
 */
import { hexNumber } from '../../core/heartbeat/numbers.js';
import { generationOf } from '../../core/heartbeat/receive.js';
import type { State } from '../../core/state.js';
import { textOf } from '../../wire/message.js';
import type { Decoded } from '../../wire/packet.js';

/**
 * Called after the core has had the packet: the index to sign with from now on, undefined for the active one, null
 * when this packet says nothing about it. Only the newest status of the partner's present run counts, so that a
 * replayed packet changes nothing.
 */
export function keyFor(state: State, decoded: Decoded): number | undefined | null {
  const { message, authIndex } = decoded;
  const peer = state.peers.get(textOf(message, 'src') ?? '');
  if (peer === undefined || peer.name !== state.resources.partner || textOf(message, 't') !== 'status')
    return null;
  const isNewest =
    peer.lastStatusSeq === hexNumber(textOf(message, 'seq')) &&
    peer.tracking.generation === generationOf(message) &&
    peer.status !== 'dead';
  if (!isNewest) return null;
  return peer.extra === undefined ? authIndex : undefined;
}
