/** What global_defs says to the director (keepalived.conf(5)). */
import type { DirectorGlobal, SyncDaemon, TlsFiles } from '../virtual-server-types.js';
import type { Draft, Writable } from './draft.js';
import type { Row, Table } from './table.js';
import { tableOf } from './table.js';
import type { Statement } from './tree.js';
import { first, integer, ipAddress } from './values.js';

const SECONDS_MAX = 2_678_400;

export const DIRECTOR_ROWS: readonly Row<Draft>[] = [
  {
    name: 'lvs_flush',
    arguments: '',
    sentence: 'The kernel table of virtual servers is emptied at the start.',
    maxArguments: 0,
    read: (_statement, draft) => {
      draft.director.flushAtStart = true;
    },
  },
  {
    name: 'lvs_keep_on_stop',
    arguments: '',
    sentence: 'Of this program: the rules stay in the kernel when the daemon stops.',
    maxArguments: 0,
    read: (_statement, draft) => {
      draft.director.keepOnStop = true;
    },
  },
  {
    name: 'lvs_timeouts',
    arguments: '[tcp SECONDS] [tcpfin SECONDS] [udp SECONDS]',
    sentence: 'How long the kernel remembers connections.',
    maxArguments: 6,
    read: (statement, draft) => {
      const found = named(statement, ['tcp', 'tcpfin', 'udp'], 0);
      const value = (name: string): number =>
        integer(statement, { min: 0, max: SECONDS_MAX }, found.get(name)) ?? 0;
      const of = (name: string): number => (found.has(name) ? value(name) : 0);
      draft.director.timeoutsS = { tcp: of('tcp'), tcpFin: of('tcpfin'), udp: of('udp') };
    },
  },
  {
    name: 'lvs_sync_daemon',
    arguments: 'INTERFACE [inst] INSTANCE [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]',
    sentence:
      'Connections are told to the other director, in the direction that the role of the instance gives.',
    maxArguments: 14,
    read: (statement, draft) => {
      const sync = syncDaemon(statement);
      if (sync !== undefined) draft.director.syncDaemon = sync;
    },
  },
];

function syncDaemon(statement: Statement): SyncDaemon | undefined {
  const device = first(statement, 'an interface');
  if (device === undefined) return undefined;
  const rest = statement.args.slice(1);
  const at = rest[0]?.text === 'inst' ? 1 : 0;
  const instance = rest[at];
  if (instance === undefined) {
    const message = 'lvs_sync_daemon needs an interface and the VRRP instance whose role it follows.';
    statement.problems.error(statement, 'argument-missing', message, 'Write "lvs_sync_daemon eth0 VI_1".');
    return undefined;
  }
  const found = named(statement, ['id', 'maxlen', 'port', 'ttl', 'group'], at + 2);
  const value = (name: string, max: number, min = 0): number | undefined =>
    found.has(name) ? integer(statement, { min, max }, found.get(name)) : undefined;
  const group = found.get('group');
  const options: Writable<SyncDaemon> = {
    maxLengthBytes: value('maxlen', 65_535, 1),
    port: value('port', 65_535, 1),
    ttl: value('ttl', 255, 1),
    group: group === undefined ? undefined : ipAddress(group, statement.problems, 'lvs_sync_daemon group'),
  };
  return {
    interface: device.text,
    instance: instance.text,
    syncId: value('id', 255) ?? 0,
    ...(Object.fromEntries(
      Object.entries(options).filter(([, one]) => one !== undefined),
    ) as Partial<SyncDaemon>),
  };
}

/** Pairs of a known word and its value, from this argument on; anything else is told. */
function named(statement: Statement, names: readonly string[], from: number) {
  const found = new Map<string, Statement['args'][number]>();
  const { args, keyword, problems } = statement;
  for (let at = from; at < args.length; at += 2) {
    const [name, value] = [args[at], args[at + 1]];
    if (name === undefined) break;
    if (!names.includes(name.text) || value === undefined) {
      const message = `${keyword.text}: "${name.text}" is not one of ${names.join(', ')} with a value behind it.`;
      problems.error(name, 'word-invalid', message);
      break;
    }
    found.set(name.text, value);
  }
  return found;
}

const TLS_WORDS = {
  password: 'Password of the key.',
  ca: 'File with the certificates of authorities.',
  certificate: 'File with the certificate that servers get to see.',
  key: 'File with its key.',
} as const;

/** The keywords of the SSL block. */
export const TLS_TABLE: Table<Writable<TlsFiles>> = tableOf(
  (Object.keys(TLS_WORDS) as (keyof typeof TLS_WORDS)[]).map(
    (name): Row<Writable<TlsFiles>> => ({
      name,
      arguments: name === 'password' ? 'PASSWORD' : 'FILE',
      sentence: TLS_WORDS[name],
      maxArguments: 1,
      read: (statement, draft) => {
        draft[name] = first(statement, name === 'password' ? 'a password' : 'the path of a file')?.text;
      },
    }),
  ),
);

/** Undefined: the file says nothing to the director. */
export function finishDirector({ director }: Draft): DirectorGlobal | undefined {
  if (Object.keys(director).length === 0) return undefined;
  return {
    flushAtStart: director.flushAtStart ?? false,
    keepOnStop: director.keepOnStop ?? false,
    ...(director.timeoutsS === undefined ? {} : { timeoutsS: director.timeoutsS }),
    ...(director.tls === undefined ? {} : { tls: director.tls }),
    ...(director.syncDaemon === undefined ? {} : { syncDaemon: director.syncDaemon }),
  };
}
