/** Who may sign on as which client: `apiauth` of ha.cf and the defaults of the original (heartbeat-admin.md 1.5). */
import { findAccount } from '../../actions/accounts.js';
import type { ApiAuth } from '../../config/types.js';
import type { PeerCredentials } from '../../system/local-socket.js';
import { type Message, textOf } from '../../wire/message.js';

const DEFAULTS: readonly ApiAuth[] = [
  { client: 'ipfail', users: ['hacluster'], groups: [] },
  { client: 'ccm', users: ['hacluster'], groups: [] },
  { client: 'ping', users: [], groups: ['haclient'] },
  { client: 'lha-snmpagent', users: ['root'], groups: [] },
  { client: 'anon', users: ['root'], groups: ['haclient'] },
];

/** Looks a name up; the tests put another in its place. */
export type Lookup = (kind: 'user' | 'group', name: string) => number | undefined;

export const lookUpAccount: Lookup = (kind, name) => {
  const found = kind === 'user' ? findAccount(name) : findAccount('0', name);
  if (!found.ok) return undefined;
  return kind === 'user' ? found.account.uid : found.account.gid;
};

function ruleFor(client: string, configured: readonly ApiAuth[]): ApiAuth | undefined {
  const named = (name: string): ApiAuth | undefined =>
    configured.find((one) => one.client === name) ?? DEFAULTS.find((one) => one.client === name);
  return named(client) ?? configured.find((one) => one.client === 'default');
}

/** The name of the client that signs on, or why it may not (a word for the client, a sentence for nobody). */
export function authorize(
  signon: Message,
  peer: PeerCredentials,
  configured: readonly ApiAuth[],
  lookUp: Lookup = lookUpAccount,
):
  | { readonly ok: true; readonly client: string; readonly casual: boolean }
  | { readonly ok: false; readonly reason: string } {
  const pid = textOf(signon, 'pid') ?? '';
  const claimed = [pid, textOf(signon, 'uid'), textOf(signon, 'gid')];
  const real = [peer.pid, peer.uid, peer.gid].map(String);
  if (claimed.some((word, index) => word !== real[index]))
    return { ok: false, reason: 'pid, uid or gid mismatch' };
  const client = textOf(signon, 'from_id') ?? pid;
  const casual = client === pid;
  const rule = ruleFor(casual ? 'anon' : client, configured);
  if (rule === undefined) return { ok: false, reason: 'client not authorized' };
  const allowed =
    rule.users.some((user) => lookUp('user', user) === peer.uid) ||
    rule.groups.some((group) => lookUp('group', group) === peer.gid);
  return allowed ? { ok: true, client, casual } : { ok: false, reason: 'client not authorized' };
}
