/** Keywords of global_defs (vrrp-lvs.md 3.2). */
import { isIPv4, isIPv6 } from 'node:net';
import { shown } from '../problems.js';
import type { Draft } from './draft.js';
import { announcingRows, extraRow } from './keywords-announcing.js';
import { DIRECTOR_ROWS } from './keywords-director.js';
import { FILTER_ROWS } from './keywords-filter.js';
import { UNSUPPORTED_GLOBAL_ROWS } from './keywords-unsupported.js';
import { type Row, type Table, tableOf } from './table.js';
import { command, first, flag, integer, oneOf, seconds } from './values.js';

const DAY_MS = 86_400_000;

const MAIL_ROWS: readonly Row<Draft>[] = [
  {
    name: 'notification_email',
    arguments: '{ ADDRESS... }',
    sentence: 'Who gets a mail, one address a line.',
    block: true,
    read: ({ block }, draft) => {
      for (const { keyword } of block ?? []) draft.mail.to.push(keyword.text);
    },
  },
  {
    name: 'notification_email_from',
    arguments: 'ADDRESS',
    sentence: 'Sender of the mails.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'an address');
      if (word !== undefined) draft.mail.from = word.text;
    },
  },
  {
    name: 'smtp_server',
    arguments: 'HOST [PORT]',
    sentence: 'Mail server.',
    maxArguments: 2,
    read: (statement, draft) => {
      const word = first(statement, 'a host');
      if (word !== undefined) draft.mail.server = word.text;
      const port = statement.args[1];
      if (port !== undefined) draft.mail.port = integer(statement, { min: 1, max: 65_535 }, port) ?? 25;
    },
  },
  {
    name: 'smtp_connect_timeout',
    arguments: 'SECONDS',
    sentence: 'How long a connection to the mail server may take.',
    maxArguments: 1,
    read: (statement, draft) => {
      const timeoutMs = seconds(statement, { minMs: 0, maxMs: 4_294_000 });
      if (timeoutMs !== undefined) draft.mail.timeoutMs = timeoutMs;
    },
  },
  {
    name: 'smtp_helo_name',
    arguments: 'NAME',
    sentence: 'Name given to the mail server.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'a name');
      if (word !== undefined) draft.mail.helo = word.text;
    },
  },
  {
    name: 'smtp_alert',
    arguments: '[on|off]',
    sentence: 'A mail at each change, of instances and servers that say nothing themselves.',
    read: (statement, draft) => {
      draft.mailVrrp ??= flag(statement);
      draft.mailChecker ??= flag(statement);
    },
  },
  {
    name: 'smtp_alert_vrrp',
    arguments: '[on|off]',
    sentence: 'A mail at each change of an instance.',
    read: (statement, draft) => {
      draft.mailVrrp = flag(statement);
    },
  },
  {
    name: 'smtp_alert_checker',
    arguments: '[on|off]',
    sentence: 'A mail at each change of a real server.',
    read: (statement, draft) => {
      draft.mailChecker = flag(statement);
    },
  },
  {
    name: 'no_email_faults',
    arguments: '',
    sentence: 'No mail on entering FAULT.',
    read: (statement, draft) => {
      draft.global.mailFaults = !flag(statement);
    },
  },
];

function groupRow(name: string, family: 4 | 6): Row<Draft> {
  return {
    name,
    arguments: 'ADDRESS',
    sentence: `Multicast group of IPv${family} instances.`,
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'a multicast address');
      if (word === undefined) return;
      const good =
        family === 4
          ? isIPv4(word.text) && Number(word.text.split('.')[0]) >> 4 === 14
          : isIPv6(word.text) && /^ff/i.test(word.text);
      if (!good) {
        const message = `${name} ${shown(word.text)}: no IPv${family} multicast address.`;
        statement.problems.error(word, 'group-invalid', message);
      } else if (family === 4) draft.group4 = word.text;
      else draft.group6 = word.text.toLowerCase();
    },
  };
}

/** The second is for interfaces of use_vmac_addr, which are not built; as in the original it follows the first. */
function vmacPrefixRow(name: string): Row<Draft> {
  return {
    name,
    arguments: 'TEXT',
    sentence: 'What the interfaces of use_vmac begin with; without: vrrp.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'the beginning of a name');
      if (word === undefined || name !== 'vmac_prefix') return;
      if (/^[A-Za-z][A-Za-z0-9_-]{0,9}$/.test(word.text)) draft.vmacPrefix = word.text;
      else {
        const message = `${name} ${shown(word.text)}: no beginning of an interface name.`;
        statement.problems.error(word, 'interface-name', message, 'Ten letters and digits at most.');
      }
    },
  };
}

const VRRP_ROWS: readonly Row<Draft>[] = [
  {
    name: 'router_id',
    arguments: 'TEXT',
    sentence: 'Name of this machine in mails.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.global.routerId = first(statement, 'a name')?.text;
    },
  },
  groupRow('vrrp_mcast_group4', 4),
  groupRow('vrrp_mcast_group6', 6),
  {
    name: 'vrrp_version',
    arguments: '2|3',
    sentence: 'Version of IPv4 instances that say nothing themselves.',
    maxArguments: 1,
    read: (statement, draft) => {
      const version = oneOf(statement, ['2', '3']);
      if (version !== undefined) draft.instanceDefaults.version = version === '2' ? 2 : 3;
    },
  },
  ...announcingRows<Draft>('vrrp_'),
  extraRow<Draft>('vrrp_vmac_garp_intvl', 'the older name of vrrp_garp_extra_if.'),
  ...['vmac_prefix', 'vmac_addr_prefix'].map(vmacPrefixRow),
  {
    name: 'vrrp_garp_interval',
    arguments: 'SECONDS',
    sentence: 'Pause between two gratuitous ARP on an interface.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.announcing.arpIntervalMs = seconds(statement, {
        minMs: 0.001,
        maxMs: DAY_MS,
        zeroMeans: 'no pause',
      });
    },
  },
  {
    name: 'vrrp_gna_interval',
    arguments: 'SECONDS',
    sentence: 'Pause between two neighbour advertisements on an interface.',
    maxArguments: 1,
    read: (statement, draft) => {
      const range = { minMs: 0.001, maxMs: DAY_MS, zeroMeans: 'no pause' };
      draft.announcing.advertisementIntervalMs = seconds(statement, range);
    },
  },
  {
    name: 'vrrp_min_garp',
    arguments: '[on|off]',
    sentence: 'One gratuitous ARP and no second burst.',
    read: (statement, draft) => {
      draft.minGarp = flag(statement);
    },
  },
  {
    name: 'vrrp_down_timer_adverts',
    arguments: '1..100',
    sentence: 'So many intervals of silence end a master.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.instanceDefaults.downTimerAdverts = integer(statement, { min: 1, max: 100 });
    },
  },
  {
    name: 'vrrp_startup_delay',
    arguments: 'SECONDS',
    sentence: 'From the start of the daemon until instances take part.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.instanceDefaults.startupDelayMs = seconds(statement, { minMs: 1, maxMs: DAY_MS });
    },
  },
  {
    name: 'vrrp_check_unicast_src',
    arguments: '',
    sentence: 'Unicast instances drop what does not come from a peer of their list.',
    read: (statement, draft) => {
      draft.checkSource = flag(statement);
    },
  },
];

type FlagKey = 'lowerPriorityNoAdvert' | 'higherPrioritySendAdvert' | 'skipAddressCheck' | 'strict';

function instanceFlag(name: string, key: FlagKey, sentence: string): Row<Draft> {
  return {
    name,
    arguments: '[on|off]',
    sentence,
    read: (statement, draft) => {
      draft.instanceDefaults[key] = flag(statement);
    },
  };
}

const FLAG_ROWS: readonly Row<Draft>[] = [
  instanceFlag(
    'vrrp_lower_prio_no_advert',
    'lowerPriorityNoAdvert',
    'A master keeps still when it hears a lower priority.',
  ),
  instanceFlag(
    'vrrp_higher_prio_send_advert',
    'higherPrioritySendAdvert',
    'A master that yields sends one last advert.',
  ),
  instanceFlag(
    'vrrp_skip_check_adv_addr',
    'skipAddressCheck',
    'Addresses of an advert are compared once a sender.',
  ),
  instanceFlag('vrrp_strict', 'strict', 'Nothing that the RFC does not allow.'),
];

function scriptRow(name: 'startup_script' | 'shutdown_script'): Row<Draft>[] {
  const isStartup = name === 'startup_script';
  return [
    {
      name,
      arguments: '"COMMAND" [USER [GROUP]]',
      sentence: `Run once at the ${isStartup ? 'start' : 'end'}.`,
      maxArguments: 3,
      read: (statement, draft) => {
        const found = command(statement);
        if (found === undefined) return;
        draft.commands.push({ command: found, at: statement });
        if (isStartup) draft.global.startupScript = found;
        else draft.global.shutdownScript = found;
      },
    },
    {
      name: `${name}_timeout`,
      arguments: 'SECONDS',
      sentence: 'How long it may take.',
      maxArguments: 1,
      read: (statement, draft) => {
        const valueMs = seconds(statement, { minMs: 1000, maxMs: 1_000_000 });
        if (isStartup) draft.global.startupScriptTimeoutMs = valueMs;
        else draft.global.shutdownScriptTimeoutMs = valueMs;
      },
    },
  ];
}

function fifoRows(
  name: 'notify_fifo' | 'vrrp_notify_fifo',
  key: 'notifyFifo' | 'vrrpNotifyFifo',
  sentence: string,
): Row<Draft>[] {
  return [
    {
      name,
      arguments: 'PATH [USER [GROUP]]',
      sentence,
      maxArguments: 3,
      read: (statement, draft) => {
        const path = first(statement, 'a path')?.text;
        if (path === undefined) return;
        const [, user, group] = statement.args;
        draft.global[key] = {
          path,
          ...(user === undefined ? {} : { user: user.text }),
          ...(group === undefined ? {} : { group: group.text }),
        };
      },
    },
    {
      name: `${name}_script`,
      arguments: '"COMMAND" [USER [GROUP]]',
      sentence: `Reads the pipe of ${name}: started with its path as the last argument.`,
      maxArguments: 3,
      read: (statement, draft) => {
        const found = command(statement);
        if (found === undefined) return;
        draft.commands.push({ command: found, at: statement });
        draft.global[`${key}Script`] = found;
      },
    },
  ];
}

const SCRIPT_ROWS: readonly Row<Draft>[] = [
  {
    name: 'script_user',
    arguments: 'USER [GROUP]',
    sentence: 'Account of scripts that name none.',
    maxArguments: 2,
    read: (statement, draft) => {
      draft.global.scriptUser = first(statement, 'an account')?.text;
      draft.global.scriptGroup = statement.args[1]?.text;
    },
  },
  {
    name: 'enable_script_security',
    arguments: '',
    sentence: 'No script that somebody other than root could replace is run as root.',
    read: (statement, draft) => {
      draft.global.scriptSecurity = flag(statement);
    },
  },
  ...scriptRow('startup_script'),
  ...scriptRow('shutdown_script'),
  ...fifoRows('notify_fifo', 'notifyFifo', 'Every change is written to this named pipe.'),
  ...fifoRows(
    'vrrp_notify_fifo',
    'vrrpNotifyFifo',
    'Changes of instances and groups are written to this named pipe.',
  ),
  {
    name: 'vrrp_notify_priority_changes',
    arguments: '[on|off]',
    sentence: 'The named pipes also get changes of priority.',
    read: (statement, draft) => {
      draft.global.notifyPriorityChanges = flag(statement);
    },
  },
  {
    name: 'fifo_write_vrrp_states_on_reload',
    arguments: '[on|off]',
    sentence: 'After a reload the named pipes get the states that instances and groups have.',
    read: (statement, draft) => {
      draft.global.fifoStatesOnReload = flag(statement);
    },
  },
  {
    name: 'log_unknown_vrids',
    arguments: '',
    sentence: 'Adverts of virtual router ids that are not ours are logged.',
    read: (statement, draft) => {
      draft.global.logUnknownVrids = flag(statement);
    },
  },
  {
    name: 'dynamic_interfaces',
    arguments: '[allow_if_changes]',
    sentence: 'Interfaces may appear after the start.',
    maxArguments: 1,
    read: (_statement, draft) => {
      draft.global.dynamicInterfaces = true;
    },
  },
  {
    name: 'default_interface',
    arguments: 'INTERFACE',
    sentence: 'Interface of static addresses that name none.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.defaultInterface = first(statement, 'an interface')?.text ?? draft.defaultInterface;
    },
  },
];

export const GLOBAL_TABLE: Table<Draft> = tableOf(
  MAIL_ROWS,
  VRRP_ROWS,
  FLAG_ROWS,
  SCRIPT_ROWS,
  DIRECTOR_ROWS,
  FILTER_ROWS,
  UNSUPPORTED_GLOBAL_ROWS,
);
