/** The pages of commands, from the tables that the commands read their arguments with. */
import { subCommandRows } from '../cli/heartbeat.js';
import { OPTION_ROWS } from '../cli/heartbeat-options.js';
import { example, mixed, type Page, prose, terms } from './mdoc.js';

const FILES: Page['seeAlso'] = [
  ['authkeys', 5],
  ['ha.cf', 5],
  ['haresources', 5],
  ['heartbeat.ini', 5],
];
const ENVIRONMENT: readonly (readonly [name: string, option: string, text: string])[] = [
  ['HA_DIR', '--config-dir', 'Configuration, otherwise /etc/ha.d.'],
  ['HA_STATE_DIR', '--state-dir', 'What outlives a restart, otherwise /var/lib/heartbeat.'],
  ['HA_RUN_DIR', '--run-dir', 'Sockets, otherwise /run/heartbeat; the pid file stands beside it.'],
];

/** Arguments and text of a summary such as "NODE: an operator has seen that it is off [--json]". */
function summaryParts(summary: string): { readonly usage: string; readonly text: string } {
  const flags = [...summary.matchAll(/\[[^\]]+\]/g)].map(([flag]) => flag);
  const rest = summary.replaceAll(/\s*\[[^\]]+\]/g, '').replace(/^:\s*/, '');
  const split = /^([A-Z|a-z-]*(?:[A-Z]{3,}|\|)\S*): (.*)$/.exec(rest);
  const [argument, text] = split === null ? ['', rest] : [split[1] ?? '', split[2] ?? ''];
  const usage = [argument, ...flags].filter((part) => part !== '').join(' ');
  return { usage, text: `${text.charAt(0).toUpperCase()}${text.slice(1)}.` };
}

export function heartbeatPage(): Page {
  return {
    name: 'heartbeat',
    section: 8,
    summary: 'high-availability resource manager for a pair of nodes',
    synopsis: [
      '.Nm',
      '.Op Fl dflMv',
      '.Nm',
      '.Fl k | r | s | D | V',
      '.Nm',
      '.Fl R',
      '.Op Fl C Ar what',
      '.Nm',
      '.Ar sub-command',
      '.Op Ar argument ...',
    ],
    description: [
      '.Nm',
      ...prose(
        'tells the other node several times a minute that this one lives, over all links of ha.cf, and takes the addresses and services of haresources over when the other one falls silent.',
      ),
      '.Pp',
      ...prose(
        'Without a sub-command it checks the configuration, goes into the background and runs. Mistakes in the configuration are said with file, line and what to write instead.',
      ),
    ],
    sections: [
      {
        title: 'OPTIONS',
        lines: terms([
          ...OPTION_ROWS.map(({ letter, argument = '', sentence }) => ({
            term: mixed('It', ['Fl', letter], ['Ar', argument]),
            text: prose(sentence),
          })),
          ...ENVIRONMENT.map(([, option, text]) => ({
            term: mixed('It', ['Fl', option.slice(1)], ['Ar', 'DIR']),
            text: prose(text),
          })),
        ]),
      },
      {
        title: 'SUB-COMMANDS',
        lines: terms(
          subCommandRows().map(({ name, summary }) => {
            const { usage, text } = summaryParts(summary);
            return { term: mixed('It', ['Cm', name], ['Ar', usage]), text: prose(text) };
          }),
        ),
      },
      {
        title: 'ENVIRONMENT',
        lines: [
          ...terms(
            ENVIRONMENT.map(([name, option]) => ({
              term: mixed('It', ['Ev', name]),
              text: prose(`As ${option}, which wins over it.`),
            })),
          ),
          ...prose('Under systemd, NOTIFY_SOCKET and WATCHDOG_USEC are obeyed.'),
        ],
      },
      {
        title: 'FILES',
        lines: terms([
          { term: mixed('It', ['Pa', '/etc/ha.d']), text: prose('The configuration.') },
          {
            term: mixed('It', ['Pa', '/var/lib/heartbeat']),
            text: prose('Number of the last run, identity of the node, flight recorder.'),
          },
          { term: mixed('It', ['Pa', '/run/heartbeat.pid']), text: prose('Process number of the daemon.') },
        ]),
      },
      {
        title: 'EXIT STATUS',
        lines: prose(
          '0: done, or running already. 1: another failure; with -s, not running although a pid file is there. 2: wrong usage. 3: with -s, never started. 6: the configuration has errors.',
        ).flatMap((line) => [line]),
      },
      {
        title: 'EXAMPLES',
        lines: example(
          'heartbeat init',
          'heartbeat check',
          'service heartbeat start',
          'heartbeat status --watch',
        ),
      },
    ],
    seeAlso: [...FILES, ['cl_status', 1], ['hb_standby', 1], ['hb_takeover', 1], ['heartbeat-keepalived', 8]],
  };
}

export function clStatusPage(): Page {
  const questions: readonly (readonly [name: string, argument: string, text: string])[] = [
    ['hbstatus', '', 'Does heartbeat run on this machine.'],
    ['listnodes', '', 'Names of the nodes; -n normal ones, -p ping nodes, -v with their links.'],
    ['nodestatus', 'node', 'Up, active, dead and so on; a dead node gives exit status 1.'],
    ['nodetype', 'node', 'Normal or ping.'],
    ['nodeweight', 'node', 'Always 100.'],
    ['nodesite', 'node', 'Always empty.'],
    ['listhblinks', 'node', 'The links to a node.'],
    ['hblinkstatus', 'node link', 'Up or dead; a dead link gives exit status 1.'],
    ['clientstatus', 'node client', 'Whether a client program is connected there.'],
    ['rscstatus', '', 'What this node holds: none, local, foreign, all or transition.'],
    ['hbparameter', '-p name', 'The value of a directive of ha.cf, or hbversion.'],
  ];
  return {
    name: 'cl_status',
    section: 1,
    summary: 'ask the heartbeat daemon of this machine',
    synopsis: ['.Nm', '.Ar question', '.Op Fl m', '.Op Ar argument ...'],
    description: [
      ...prose('One answer on standard output; with -m in words for people.'),
      ...terms(
        questions.map(([name, argument, text]) => ({
          term: mixed('It', ['Cm', name], ['Ar', argument]),
          text: prose(text),
        })),
      ),
    ],
    sections: [
      {
        title: 'EXIT STATUS',
        lines: prose(
          '0: yes, or the answer was printed. 1: no, or heartbeat does not run. 11: wrong usage or an unknown name. 13: the daemon has no answer.',
        ),
      },
    ],
    seeAlso: [['heartbeat', 8]],
  };
}

export function movePage(kind: 'standby' | 'takeover'): Page {
  const standby = kind === 'standby';
  return {
    name: `hb_${kind}`,
    section: 1,
    summary: standby ? 'give resources to the other node' : 'take resources from the other node',
    synopsis: ['.Nm', '.Op Cm all | foreign | local | failback'],
    description: [
      ...prose(
        standby
          ? 'Asks for a handover of resources of this node to the other one, all of them by default.'
          : 'Asks for a handover of resources of the other node to this one, all of them by default.',
      ),
      ...terms([
        { term: mixed('It', ['Cm', 'local']), text: prose('The groups whose preferred node is this one.') },
        {
          term: mixed('It', ['Cm', 'foreign']),
          text: prose('The groups whose preferred node is the other one.'),
        },
        { term: mixed('It', ['Cm', 'failback']), text: prose('The same as foreign.') },
      ]),
    ],
    sections: [
      {
        title: 'EXIT STATUS',
        lines: prose(
          '0: the request was handed over; a refusal is told on standard error. 1: heartbeat does not run, or wrong usage.',
        ),
      },
    ],
    seeAlso: [
      [standby ? 'hb_takeover' : 'hb_standby', 1],
      ['cl_status', 1],
      ['heartbeat', 8],
    ],
  };
}

export function nodesPage(name: 'hb_addnode' | 'hb_delnode'): Page {
  return {
    name,
    section: 1,
    summary: 'nodes are listed in ha.cf',
    synopsis: ['.Nm', '.Ar node ...'],
    description: prose(
      'The list of nodes is fixed by ha.cf here. The command says for each name what to change there, and exits with 1.',
    ),
    seeAlso: [
      ['ha.cf', 5],
      ['heartbeat', 8],
    ],
  };
}

export function outdaterPage(): Page {
  return {
    name: 'drbd-peer-outdater',
    section: 8,
    summary: 'handler fence-peer of DRBD',
    synopsis: ['.Nm', '.Op Fl p Ar peer', '.Op Fl r Ar resource', '.Op Fl t Ar seconds'],
    description: [
      ...prose(
        'Has the copy of a DRBD resource on the other node marked as old: heartbeat asks that node over its links, and there drbdadm outdate is run. Needs dopd = yes in the section clients of heartbeat.ini on both nodes.',
      ),
      ...terms([
        { term: mixed('It', ['Fl', 'p'], ['Ar', 'peer']), text: prose('Node; else the variable DRBD_PEER.') },
        {
          term: mixed('It', ['Fl', 'r'], ['Ar', 'resource']),
          text: prose('Name of the resource; else the variable DRBD_RESOURCE.'),
        },
        {
          term: mixed('It', ['Fl', 't'], ['Ar', 'seconds']),
          text: prose('How long an answer is waited for, 60 by default.'),
        },
      ]),
    ],
    sections: [
      {
        title: 'EXIT STATUS',
        lines: prose(
          '4: outdated. 3: inconsistent. 6: the peer is primary. 5: it is dead, unknown or silent, or no heartbeat runs here. 20: it could not be done there. 1: wrong usage.',
        ),
      },
    ],
    seeAlso: [
      ['heartbeat.ini', 5],
      ['heartbeat', 8],
    ],
  };
}

export function keepalivedPage(usage: string): Page {
  // "  -f, --use-file FILE      configuration, ..."; further lines of a text are indented more.
  const rows: { words: string; text: string }[] = [];
  for (const line of usage.split('\n')) {
    const row = /^ {2,6}((?:-\S|--\S)(?:,? \S+)*?)\s{2,}(\S.*)$/.exec(line);
    const last = rows.at(-1);
    if (row !== null) rows.push({ words: row[1] ?? '', text: row[2] ?? '' });
    else if (last !== undefined && /^\s{10,}\S/.test(line)) last.text += ` ${line.trim()}`;
  }
  return {
    name: 'heartbeat-keepalived',
    section: 8,
    summary: 'VRRP alone, configured by keepalived.conf',
    synopsis: ['.Nm', '.Op Ar option ...'],
    description: prose(
      'Runs the vrrp_instance blocks of a keepalived.conf as keepalived does, on the same wire. Where the package keepalived is not installed it may be linked to that name.',
    ),
    sections: [
      {
        title: 'OPTIONS',
        lines: terms(
          rows.map(({ words, text }) => {
            const [, flags = '', argument = ''] =
              /^(.*?)(?: ([A-Z0-9.]+))?$/.exec(words.replace('=', ' ')) ?? [];
            const names = flags.split(', ').map((flag): [string, string] => ['Fl', flag.slice(1)]);
            const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
            return { term: mixed('It', ...names, ['Ar', argument]), text: prose(sentence) };
          }),
        ),
      },
      {
        title: 'FILES',
        lines: terms([
          {
            term: mixed('It', ['Pa', '/etc/keepalived/keepalived.conf']),
            text: prose('The configuration, unless -f names another.'),
          },
        ]),
      },
    ],
    seeAlso: [['heartbeat', 8]],
  };
}
