/** Keywords of vrrp_instance (vrrp-lvs.md 3.3). */
import { shown } from '../problems.js';
import { readAddress } from './addresses.js';
import type { Draft, DraftInstance } from './draft.js';
import { announcingRows } from './keywords-announcing.js';
import { notifyRows, trackingRows } from './keywords-shared.js';
import { type Row, type Table, tableOf, unsupported } from './table.js';
import type { Statement } from './tree.js';
import { first, flag, integer, ipAddress, oneOf, seconds } from './values.js';

const MAX_PREEMPT_DELAY_MS = 1_000_000;

const BASIC_ROWS: readonly Row<DraftInstance>[] = [
  {
    name: 'state',
    arguments: 'MASTER|BACKUP',
    sentence: 'What the instance is meant to be; the election decides.',
    maxArguments: 1,
    read: (statement, draft) => {
      const state = oneOf(statement, ['MASTER', 'BACKUP']);
      if (state !== undefined) draft.values.initialState = state === 'MASTER' ? 'master' : 'backup';
    },
  },
  {
    name: 'interface',
    arguments: 'INTERFACE',
    sentence: 'Interface that carries the adverts.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.values.interface = first(statement, 'an interface')?.text;
    },
  },
  {
    name: 'virtual_router_id',
    arguments: '1..255',
    sentence: 'Number of the virtual router, the same on all its machines and no other in the network.',
    maxArguments: 1,
    read: (statement, draft) => {
      // A wrong one is told once; the check for an absent one stays quiet then.
      draft.values.virtualRouterId = integer(statement, { min: 1, max: 255 }) ?? 0;
    },
  },
  {
    name: 'priority',
    arguments: '1..255',
    sentence: 'The highest becomes master; 255 is the owner of the addresses.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.priorityAt = statement;
      draft.values.priority = integer(statement, { min: 1, max: 255 });
    },
  },
  {
    name: 'advert_int',
    arguments: 'SECONDS',
    sentence: 'Between two adverts; version 2: whole seconds, version 3: hundredths.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.intervalAt = statement;
      draft.values.advertIntervalMs = seconds(statement, { minMs: 10, maxMs: 255_000 });
    },
  },
  {
    name: 'version',
    arguments: '2|3',
    sentence: 'Version of VRRP; IPv6 is always 3.',
    maxArguments: 1,
    read: (statement, draft) => {
      const version = oneOf(statement, ['2', '3']);
      if (version !== undefined) draft.values.version = version === '2' ? 2 : 3;
    },
  },
  {
    name: 'authentication',
    arguments: '{ auth_type PASS; auth_pass WORD }',
    sentence: 'Password of version 2, in clear on the wire.',
    block: true,
    read: readAuthentication,
  },
];

function readAuthentication({ block }: Statement, draft: DraftInstance): void {
  for (const statement of block ?? []) {
    const word = statement.keyword.text.toLowerCase();
    if (word === 'auth_type') {
      draft.authType = oneOf(statement, ['PASS', 'AH']);
    } else if (word === 'auth_pass') {
      // The line must not be shown: what is wrong with it is said without its text.
      draft.password = first(statement, 'a password')?.text;
      const extra = statement.args[1];
      if (extra !== undefined) {
        const message = 'auth_pass takes one word; what follows it is skipped.';
        statement.problems.warning(
          extra,
          'extra-words',
          message,
          'Begin remarks with #, and quote a password with blanks.',
        );
      }
    } else {
      const message = `There is no keyword ${shown(statement.keyword.text)} in authentication.`;
      const hint = word.endsWith('pass') ? 'Did you mean auth_pass?' : 'Did you mean auth_type?';
      statement.problems.error(statement.keyword, 'unknown-keyword', message, hint);
    }
  }
}

type AddressList = 'addresses' | 'excludedAddresses';

function addressRow(name: string, list: AddressList, sentence: string): Row<DraftInstance> {
  return {
    name,
    arguments: '{ ADDRESS[/PREFIX] [dev IF] [brd A] [scope S] [label L]... }',
    sentence,
    block: true,
    read: ({ block }, draft) => {
      for (const statement of block ?? []) {
        const address = readAddress(statement);
        if (address !== undefined) draft[list].push(address);
        else draft.addressRefused = true;
      }
    },
  };
}

function routeRow(name: string, list: 'routes' | 'rules', sentence: string): Row<DraftInstance> {
  return {
    name,
    arguments: '{ LINE... }',
    sentence,
    block: true,
    read: ({ block }, draft) => {
      for (const statement of block ?? []) draft[list].push(routeOf(statement));
    },
  };
}

/** The words of a route or rule, for `ip route add` or `ip rule add`. */
export function routeOf(statement: Statement): DraftInstance['routes'][number] {
  const words = [statement.keyword, ...statement.args].map(({ text }) => text);
  const family = words.some((word) => word.includes(':')) || words.includes('inet6') ? 6 : 4;
  return { words, family, line: statement.line };
}

const ADDRESS_ROWS: readonly Row<DraftInstance>[] = [
  addressRow('virtual_ipaddress', 'addresses', 'The floating addresses.'),
  addressRow('virtual_ipaddress_excluded', 'excludedAddresses', 'More of them, which adverts do not carry.'),
  routeRow('virtual_routes', 'routes', 'Routes of the master, as for "ip route add".'),
  routeRow('virtual_rules', 'rules', 'Routing rules of the master, as for "ip rule add".'),
];

type FlagKey =
  | 'lowerPriorityNoAdvert'
  | 'higherPrioritySendAdvert'
  | 'skipAddressCheck'
  | 'strict'
  | 'accept'
  | 'trackPrimary'
  | 'trackSource'
  | 'preempt';

function switchRow(name: string, key: FlagKey, sentence: string, means = true): Row<DraftInstance> {
  return {
    name,
    arguments: '',
    sentence,
    read: (statement, draft) => {
      draft.values[key] = flag(statement) === means;
    },
  };
}

const ELECTION_ROWS: readonly Row<DraftInstance>[] = [
  switchRow('preempt', 'preempt', 'A higher priority takes over from a lower one (the default).'),
  switchRow('nopreempt', 'preempt', 'A lower priority stays master when a higher one comes.', false),
  {
    name: 'preempt_delay',
    arguments: 'SECONDS',
    sentence: 'How long a higher priority waits before it takes over from a lower one.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.values.preemptDelayMs = seconds(statement, { minMs: 0, maxMs: MAX_PREEMPT_DELAY_MS });
    },
  },
  {
    name: 'down_timer_adverts',
    arguments: '1..100',
    sentence: 'So many intervals of silence end a master.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.values.downTimerAdverts = integer(statement, { min: 1, max: 100 });
    },
  },
  switchRow(
    'lower_prio_no_advert',
    'lowerPriorityNoAdvert',
    'A master keeps still when it hears a lower priority.',
  ),
  switchRow(
    'higher_prio_send_advert',
    'higherPrioritySendAdvert',
    'A master that yields sends one last advert.',
  ),
  switchRow('skip_check_adv_addr', 'skipAddressCheck', 'Addresses of an advert are compared once a sender.'),
  switchRow('strict_mode', 'strict', 'Nothing that the RFC does not allow.'),
  switchRow('accept', 'accept', 'Packets to the addresses are for this machine (the default).'),
  switchRow('no_accept', 'accept', 'Packets to the addresses are not for this machine.', false),
  switchRow('track_src_ip', 'trackSource', 'A source address that is not on the interface is a fault.'),
  switchRow('dont_track_primary', 'trackPrimary', 'The own interface going down is no fault.', false),
];

function sourceRow(name: string): Row<DraftInstance> {
  return {
    name,
    arguments: 'ADDRESS',
    sentence: 'Source address of the adverts.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'an address');
      if (word !== undefined) draft.source = ipAddress(word, statement.problems, name);
    },
  };
}

const TRANSPORT_ROWS: readonly Row<DraftInstance>[] = [
  sourceRow('mcast_src_ip'),
  sourceRow('unicast_src_ip'),
  {
    name: 'mcast_dst_ip',
    arguments: 'ADDRESS',
    sentence: 'Multicast group of this instance.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'an address');
      if (word !== undefined) draft.group = ipAddress(word, statement.problems, 'mcast_dst_ip');
    },
  },
  {
    name: 'unicast_peer',
    arguments: '{ ADDRESS [min_ttl N] [max_ttl N]... }',
    sentence: 'Adverts go to these machines instead of a multicast group.',
    block: true,
    read: ({ block }, draft) => {
      draft.unicast = true;
      for (const statement of block ?? []) readPeer(statement, draft);
    },
  },
  {
    name: 'unicast_fault_no_peer',
    arguments: '',
    sentence: 'A unicast_peer block that names nobody is a fault, instead of multicast.',
    read: (statement, draft) => {
      draft.faultWithoutPeer = flag(statement);
    },
  },
  {
    name: 'unicast_ttl',
    arguments: '1..255',
    sentence: 'Time to live of unicast adverts.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.unicastTtl = integer(statement, { min: 1, max: 255 });
    },
  },
  {
    name: 'check_unicast_src',
    arguments: '',
    sentence: 'What does not come from a peer of the list is dropped.',
    read: (statement, draft) => {
      draft.checkSource = flag(statement);
    },
  },
  {
    name: 'use_vmac',
    arguments: '[NAME [MAC]]',
    sentence: 'Adverts and addresses use the virtual MAC address of the RFC, on a macvlan interface.',
    maxArguments: 2,
    read: (statement, draft) => {
      const [name, mac] = statement.args;
      const onlyMac = name !== undefined && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(name.text);
      draft.vmac = {
        name: onlyMac ? undefined : name?.text,
        mac: onlyMac ? name.text : mac?.text,
        at: statement,
      };
    },
  },
  {
    name: 'vmac_xmit_base',
    arguments: '',
    sentence: 'Adverts leave from the interface below the macvlan.',
    read: (_statement, draft) => {
      draft.vmacFromBase = true;
    },
  },
];

function readPeer(statement: Statement, draft: DraftInstance): void {
  const { keyword, args, problems } = statement;
  const address = ipAddress(keyword, problems, 'unicast_peer');
  if (address === undefined) return;
  let [minTtl, maxTtl] = [0, 255];
  for (let at = 0; at + 1 < args.length; at += 2) {
    const value = integer(statement, { min: 0, max: 255 }, args[at + 1]);
    if (value === undefined) return;
    if (args[at]?.text === 'min_ttl') minTtl = value;
    else if (args[at]?.text === 'max_ttl') maxTtl = value;
  }
  draft.peers.push({ address, minTtl, maxTtl });
}

const NOT_BUILT = ['use_vmac_addr', 'use_ipvlan', 'vrf'];
const NO_EFFECT = [
  'native_ipv6',
  'promote_secondaries',
  'debug',
  'linkbeat_use_polling',
  'kernel_rx_buf_size',
  'thread_timer',
];

const UNSUPPORTED_ROWS: readonly Row<DraftInstance>[] = [
  ...NOT_BUILT.map((name) => unsupported<DraftInstance>(name, 'it is not built yet.')),
  ...NO_EFFECT.map((name) => unsupported<DraftInstance>(name, 'it has no effect here.')),
  unsupported<DraftInstance>('old_unicast_checksum', 'checksums are those of the RFC.'),
  unsupported<DraftInstance>('lvs_sync_daemon_interface', 'it belongs to the director.'),
];

/** The table; `file`: where commands are collected. */
export function instanceTable(file: Draft): Table<DraftInstance> {
  return tableOf(
    BASIC_ROWS,
    ADDRESS_ROWS,
    ELECTION_ROWS,
    TRANSPORT_ROWS,
    announcingRows<DraftInstance>(''),
    notifyRows<DraftInstance>(file),
    trackingRows<DraftInstance>(),
    UNSUPPORTED_ROWS,
  );
}
