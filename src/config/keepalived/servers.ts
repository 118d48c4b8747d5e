/** virtual_server and real_server blocks (vrrp-lvs.md 3.5): what they say, and what they inherit from each other. */

import { shown } from '../problems.js';
import type { Tunnel, VirtualServerKey } from '../virtual-server-types.js';
import { CHECKER_NAMES } from './checkers.js';
import type { Draft } from './draft.js';
import type { Word } from './lexer.js';
import { timeRows } from './server-times.js';
import {
  type Common,
  type DraftReal,
  type DraftVirtual,
  emptyCommon,
  type Forwarding,
  finishVirtual,
} from './servers-finish.js';
import { interpret, type Row, type Surrounding, type Table, tableOf, unsupported, within } from './table.js';
import type { Statement } from './tree.js';
import { command, first, flag, integer, ipAddress, oneOf, seconds } from './values.js';

const SCHEDULERS = [
  ...['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'mh', 'dh', 'fo', 'ovf', 'sed', 'nq', 'twos'],
] as const;
/** As `ipvsadm -b` takes them. */
const SCHEDULER_FLAGS = [
  ...['hashed', 'flag-1', 'flag-2', 'flag-3', 'sh-port', 'sh-fallback', 'mh-port', 'mh-fallback'],
] as const;
const METHODS = ['NAT', 'DR', 'TUN'] as const;

function commonRows<D extends Common>(): Row<D>[] {
  return [
    ...timeRows<D>(),
    {
      name: 'inhibit_on_failure',
      arguments: '',
      sentence: 'A failed server gets weight 0 instead of leaving the table.',
      read: (statement, draft) => {
        draft.inhibitOnFailure = flag(statement);
      },
    },
    {
      name: 'smtp_alert',
      arguments: '[on|off]',
      sentence: 'A mail at each change.',
      read: (statement, draft) => {
        draft.mail = flag(statement);
      },
    },
    {
      name: 'virtualhost',
      arguments: 'NAME',
      sentence: 'Host name in the requests of HTTP checks.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.virtualHost = first(statement, 'a host name')?.text;
      },
    },
    {
      name: 'alpha',
      arguments: '',
      sentence: 'A server counts as failed until its first good check.',
      read: (statement, draft) => {
        draft.alpha = flag(statement);
      },
    },
  ];
}

function methodRow<D>(name: string, set: (draft: D, forwarding: Forwarding) => void): Row<D> {
  return {
    name,
    arguments: 'NAT|DR|TUN [type ipip|gue port N|gre [nocsum|csum|remcsum]]',
    sentence: 'How packets reach the real server.',
    maxArguments: 6,
    read: (statement, draft) => {
      const method = oneOf(statement, METHODS);
      if (method === undefined) return;
      const tunnel = tunnelOf(statement, method === 'TUN');
      if (tunnel !== undefined) set(draft, tunnel === 'ipip' ? { method } : { method, tunnel });
    },
  };
}

/** What stands behind TUN: "type gue port 6080 csum". Undefined after a diagnostic. */
function tunnelOf(statement: Statement, isTunnel: boolean): Tunnel | 'ipip' | undefined {
  const { problems, keyword } = statement;
  const words = statement.args.slice(1);
  const [head, typeWord] = words;
  const refuse = (at: Word, why: string): undefined => {
    const form = 'Write "TUN type ipip", "TUN type gue port 6080 [csum|remcsum]" or "TUN type gre [csum]".';
    problems.error(at, 'tunnel-invalid', `${keyword.text}: ${why}`, form);
    return undefined;
  };
  if (head === undefined) return 'ipip';
  if (!isTunnel) return refuse(head, `only TUN takes more words than one; ${shown(head.text)} is another.`);
  if (head.text !== 'type' || typeWord === undefined)
    return refuse(head, `"type" and the type of the tunnel come after TUN, not ${shown(head.text)}.`);
  const type = typeWord.text;
  if (type !== 'ipip' && type !== 'gue' && type !== 'gre')
    return refuse(typeWord, `${shown(type)} is no type of tunnel.`);
  const [portWord, port] = type === 'gue' ? words.slice(2, 4) : [];
  const rest = words.slice(type === 'gue' ? 4 : 2);
  const [checksumWord = typeWord, extra] = rest;
  const checksum = rest.length === 0 ? 'nocsum' : checksumWord.text;
  if (extra !== undefined) return refuse(extra, `${shown(extra.text)} is one word too many.`);
  if (type === 'ipip') return rest.length === 0 ? 'ipip' : refuse(checksumWord, 'ipip has no checksum.');
  if (type === 'gre') {
    if (checksum === 'nocsum' || checksum === 'csum') return { type, checksum };
    return refuse(checksumWord, `${shown(checksum)} is no checksum of gre.`);
  }
  if (portWord?.text !== 'port' || port === undefined) return refuse(typeWord, 'gue needs its port.');
  const number = integer(statement, { min: 1, max: 65_535 }, port);
  if (number === undefined) return undefined;
  if (checksum !== 'nocsum' && checksum !== 'csum' && checksum !== 'remcsum')
    return refuse(checksumWord, `${shown(checksum)} is no checksum of gue.`);
  return { type, port: number, checksum };
}

function commandRow<D>(
  name: string,
  file: Draft,
  set: (draft: D, found: NonNullable<ReturnType<typeof command>>) => void,
  sentence: string,
): Row<D> {
  return {
    name,
    arguments: '"COMMAND" [USER [GROUP]]',
    sentence,
    maxArguments: 3,
    read: (statement, draft) => {
      const found = command(statement);
      if (found === undefined) return;
      set(draft, found);
      file.commands.push({ command: found, at: statement });
    },
  };
}

function realTable(file: Draft): Table<DraftReal> {
  return tableOf<DraftReal>(commonRows<DraftReal>(), [
    {
      name: 'weight',
      arguments: '0..65535',
      sentence: 'Its share of the load.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.values.weight = integer(statement, { min: 0, max: 65_535 });
      },
    },
    ...['lvs_method', 'lb_kind'].map((name) =>
      methodRow<DraftReal>(name, (draft, method) => {
        draft.method = method;
      }),
    ),
    commandRow(
      'notify_up',
      file,
      (draft, found) => Object.assign(draft.values, { notifyUp: found }),
      'Run when it comes.',
    ),
    commandRow(
      'notify_down',
      file,
      (draft, found) => Object.assign(draft.values, { notifyDown: found }),
      'Run when it goes.',
    ),
    ...(['uthreshold', 'lthreshold'] as const).map(
      (name): Row<DraftReal> => ({
        name,
        arguments: 'COUNT',
        sentence: name === 'uthreshold' ? 'No more connections than this.' : 'New ones again below this.',
        maxArguments: 1,
        read: (statement, draft) => {
          const count = integer(statement, { min: 0, max: 2_147_483_647 });
          if (name === 'uthreshold') draft.values.upperThreshold = count;
          else draft.values.lowerThreshold = count;
        },
      }),
    ),
    ...CHECKER_NAMES.map(
      (name): Row<DraftReal> => ({
        name,
        arguments: '{ ... }',
        sentence: 'A health check.',
        block: true,
        read: (statement, draft) => {
          draft.checks.push(statement);
        },
      }),
    ),
    unsupported<DraftReal>(
      'BFD_CHECK',
      'there is no BFD here; the server counts as alive as far as this check is concerned.',
    ),
  ]);
}

function virtualTable(file: Draft, where: () => Surrounding): Table<DraftVirtual> {
  const reals = realTable(file);
  return tableOf<DraftVirtual>(commonRows<DraftVirtual>(), [
    ...['lb_algo', 'lvs_sched'].map(
      (name): Row<DraftVirtual> => ({
        name,
        arguments: SCHEDULERS.join('|'),
        sentence: 'How a real server is chosen.',
        maxArguments: 1,
        read: (statement, draft) => {
          draft.values.scheduler = oneOf(statement, SCHEDULERS);
        },
      }),
    ),
    ...['lb_kind', 'lvs_method'].map((name) =>
      methodRow<DraftVirtual>(name, (draft, method) => {
        draft.method = method;
      }),
    ),
    {
      name: 'protocol',
      arguments: 'TCP|UDP|SCTP',
      sentence: 'Protocol of the service.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.values.protocol = oneOf(statement, ['TCP', 'UDP', 'SCTP']);
      },
    },
    {
      name: 'persistence_timeout',
      arguments: '[SECONDS]',
      sentence: 'A client stays with its server for so long; without a number 360.',
      maxArguments: 1,
      read: (statement, draft) => {
        const range = { minMs: 1000, maxMs: 2_678_400_000, zeroMeans: 'not persistent' };
        draft.values.persistenceTimeoutMs = statement.args.length === 0 ? 360_000 : seconds(statement, range);
      },
    },
    {
      name: 'persistence_granularity',
      arguments: 'NETMASK|PREFIX',
      sentence: 'Clients of one network count as one.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.values.persistenceGranularity = first(statement, 'a mask')?.text;
      },
    },
    {
      name: 'nat_mask',
      arguments: 'MASK',
      sentence: 'Of keepalived 1.x.',
      maxArguments: 1,
      legacy: 'keepalived 1.x knew it; it has no meaning any more.',
      read: () => undefined,
    },
    ...(['quorum', 'hysteresis'] as const).map(
      (name): Row<DraftVirtual> => ({
        name,
        arguments: 'WEIGHT',
        sentence:
          name === 'quorum' ? 'So much weight has to be alive.' : 'So much more to gain, less to lose it.',
        maxArguments: 1,
        read: (statement, draft) => {
          draft.values[name] = integer(statement, { min: name === 'quorum' ? 1 : 0, max: 1_000_000 });
        },
      }),
    ),
    commandRow(
      'quorum_up',
      file,
      (draft, found) => Object.assign(draft.values, { quorumUp: found }),
      'Run on gaining it.',
    ),
    commandRow(
      'quorum_down',
      file,
      (draft, found) => Object.assign(draft.values, { quorumDown: found }),
      'Run on losing it.',
    ),
    {
      name: 'ha_suspend',
      arguments: '',
      sentence: 'Checks run only while the address is on this machine.',
      read: (statement, draft) => {
        draft.values.suspendWithoutAddress = flag(statement);
      },
    },
    {
      name: 'omega',
      arguments: '',
      sentence: 'The commands for going down run at the end of the daemon too.',
      read: (statement, draft) => {
        draft.values.omega = flag(statement);
      },
    },
    {
      name: 'weight',
      arguments: '0..65535',
      sentence: 'Weight of real servers that name none.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.weight = integer(statement, { min: 0, max: 65_535 }) ?? 1;
      },
    },
    {
      name: 'sorry_server',
      arguments: 'ADDRESS [PORT]',
      sentence: 'Answers when no real server does.',
      maxArguments: 2,
      read: (statement, draft) => {
        draft.sorry = endpoint(statement);
      },
    },
    {
      name: 'sorry_server_inhibit',
      arguments: '',
      sentence: 'It stays in the table, with weight 0 while it is not needed.',
      read: (statement, draft) => {
        draft.sorryInhibit = flag(statement);
      },
    },
    methodRow<DraftVirtual>('sorry_server_lvs_method', (draft, method) => {
      draft.sorryMethod = method;
    }),
    {
      name: 'real_server',
      arguments: 'ADDRESS [PORT] { ... }',
      sentence: 'A machine that does the work.',
      block: true,
      maxArguments: 2,
      read: (statement, draft) => {
        const real: DraftReal = { ...emptyCommon(), values: {}, checks: [] };
        const at = endpoint(statement);
        interpret(statement.block ?? [], reals, real, within(statement, reals, where()));
        if (at === undefined) return;
        Object.assign(real.values, at);
        draft.reals.push({ statement, draft: real });
      },
    },
    {
      name: 'persistence_engine',
      arguments: 'sip',
      sentence: 'What of a packet tells clients apart.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.values.persistenceEngine = oneOf(statement, ['sip']);
      },
    },
    {
      name: 'ops',
      arguments: '',
      sentence: 'Each packet of UDP is scheduled alone.',
      maxArguments: 0,
      read: (_statement, draft) => {
        draft.values.onePacket = true;
      },
    },
    {
      name: 'ip_family',
      arguments: 'inet|inet6',
      sentence: 'Of a firewall mark whose real servers do not say it.',
      maxArguments: 1,
      read: (statement, draft) => {
        const word = oneOf(statement, ['inet', 'inet6']);
        if (word !== undefined) draft.values.family = word === 'inet6' ? 6 : 4;
      },
    },
    ...SCHEDULER_FLAGS.map(
      (name): Row<DraftVirtual> => ({
        name,
        arguments: '',
        sentence: 'A flag of the scheduler.',
        maxArguments: 0,
        read: (_statement, draft) => {
          draft.flags.push(name === 'hashed' ? 'flag-1' : name);
        },
      }),
    ),
    unsupported<DraftVirtual>('snmp_name', 'there is no SNMP agent; the status page has metrics.'),
    unsupported<DraftVirtual>('service_type', 'it has no effect here.'),
  ]);
}

function endpoint(statement: Statement): { address: string; port: number } | undefined {
  const word = first(statement, 'an address');
  if (word === undefined) return undefined;
  const address = ipAddress(word, statement.problems, statement.keyword.text);
  const portWord = statement.args[1];
  const port = portWord === undefined ? 0 : integer(statement, { min: 0, max: 65_535 }, portWord);
  return address === undefined || port === undefined ? undefined : { address, port };
}

function keyOf(statement: Statement): VirtualServerKey | undefined {
  const [what, value] = statement.args;
  if (what?.text === 'fwmark') {
    const mark = integer(statement, { min: 1, max: 4_294_967_295 }, value);
    return mark === undefined ? undefined : { kind: 'fwmark', mark };
  }
  if (what?.text === 'group') {
    if (value !== undefined) return { kind: 'group', group: value.text };
    statement.problems.error(statement, 'argument-missing', 'virtual_server group needs a name.');
    return undefined;
  }
  const at = endpoint(statement);
  return at === undefined ? undefined : { kind: 'address', ...at };
}

/** Reads a whole virtual_server block into the draft. */
export function readVirtualServer(statement: Statement, file: Draft, outer: Surrounding): void {
  const draft: DraftVirtual = {
    ...emptyCommon(),
    values: {},
    reals: [],
    sorry: undefined,
    sorryMethod: undefined,
    sorryInhibit: false,
    flags: [],
    weight: 1,
  };
  let where: Surrounding = outer;
  const table = virtualTable(file, () => where);
  where = within(statement, table, outer);
  const key = keyOf(statement);
  interpret(statement.block ?? [], table, draft, where);
  if (key === undefined) return;
  file.virtualServers.push(finishVirtual(draft, key, statement, file, where));
}
