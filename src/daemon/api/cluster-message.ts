/** What a message from the FIFO or from an API client asks of this daemon. */
import type { Command, ResourceSet } from '../../core/input.js';
import { type Message, textOf } from '../../wire/message.js';

/** Types with which this program speaks for itself: nobody else may say them through it. */
const OWN_TYPES: ReadonlySet<string> = new Set([
  'status',
  'reqnodes',
  'repnodes',
  'starting',
  'resource',
  'ip-request',
  'ip-request-resp',
  'shutdone',
  'stonith',
  'hb_cleanup',
  'hbapi-req',
  'hbapi-resp',
]);

/** Messages that change the list of nodes: the list of ha.cf is what counts here. */
const NODE_LIST_TYPES: ReadonlySet<string> = new Set(['addnode', 'delnode', 'setweight', 'setsite']);

const SETS: Readonly<Record<string, ResourceSet>> = {
  all: 'all',
  local: 'local',
  foreign: 'foreign',
  none: 'none',
};
const TYPE = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
const MAX_FIELDS = 64;
const MAX_VALUE_LENGTH = 4096;
/** Fields that the core adds itself. */
const ADDED: ReadonlySet<string> = new Set([
  't',
  'src',
  'srcuuid',
  'seq',
  'hg',
  'ts',
  'ld',
  'ttl',
  'auth',
  'destuuid',
]);

export type Reading =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly reason: string };

/** Reads it as a command to the core; otherwise says why it is dropped. */
export function readClusterMessage(message: Message, client?: string): Reading {
  const type = textOf(message, 't') ?? '';
  const set = SETS[textOf(message, 'rsc_hold') ?? 'all'] ?? 'all';
  if (!TYPE.test(type) || type.startsWith('NS_'))
    return { ok: false, reason: 'it has no type that may be sent' };
  if (type === 'ask_resources') {
    return textOf(message, 'info') === 'me'
      ? { ok: true, command: { kind: 'standby', set } }
      : { ok: false, reason: 'only info=me may be said of ask_resources' };
  }
  if (type === 'hb_takeover') return { ok: true, command: { kind: 'takeover', set } };
  if (OWN_TYPES.has(type)) return { ok: false, reason: `${type} is for the daemon itself to say` };
  if (NODE_LIST_TYPES.has(type)) return { ok: false, reason: 'nodes are added and removed in ha.cf' };
  const fields: Record<string, string> = {};
  for (const field of message.fields.slice(0, MAX_FIELDS)) {
    if (field.type === 0 && !ADDED.has(field.name) && field.value.length <= MAX_VALUE_LENGTH)
      fields[field.name] ??= field.value;
  }
  if (client !== undefined) Object.assign(fields, { from_id: client, to_id: client });
  return { ok: true, command: { kind: 'broadcast', type, fields } };
}
