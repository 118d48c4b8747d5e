/** Why a packet was not taken, as a person should read it: what it means depends on where it came from. */
import type { Link } from '../../links/link.js';
import { isUnauthentic } from '../../wire/packet.js';
import type { RejectReason } from '../../wire/reject.js';

/** Code and sentence for the log. `authentic`: this link has carried messages with the right signature. */
export function rejection(
  reason: RejectReason,
  link: Link,
  authentic: boolean,
): [code: string, sentence: string] {
  const serial = link.format === 'classic';
  if (serial && authentic) {
    const sentence = `A message was damaged on ${link.description} (${reason}) and dropped, others arrive whole: noise on the cable.`;
    return ['serial-damaged', sentence];
  }
  if (!isUnauthentic(reason)) {
    const sentence = `A packet that is no heartbeat message was dropped (${reason}) on ${link.description}.`;
    return ['packet-malformed', sentence];
  }
  const question = serial
    ? 'is authkeys the same on all nodes, and does the cable lead to the right machine?'
    : 'is authkeys the same on all nodes?';
  const sentence = `Packet failed authentication check (${reason}) on ${link.description}: ${question}`;
  return ['packet-unauthentic', sentence];
}
