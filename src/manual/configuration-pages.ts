/** The pages of section 5, from the tables that the parsers read with. */
import { HA_CF_KEYWORDS } from '../config/ha-cf/keywords.js';
import { INI_ROWS, INI_SECTIONS } from '../config/ini/keywords.js';
import { example, macro, mixed, type Page, prose, terms } from './mdoc.js';

const FAMILY: Page['seeAlso'] = [
  ['authkeys', 5],
  ['ha.cf', 5],
  ['haresources', 5],
  ['heartbeat.ini', 5],
  ['heartbeat', 8],
];
const others = (name: string): Page['seeAlso'] => FAMILY.filter(([one]) => one !== name);

export function haCfPage(): Page {
  return {
    name: 'ha.cf',
    section: 5,
    summary: 'how the nodes of a heartbeat cluster talk, and when one counts as dead',
    synopsis: [macro('Pa', '/etc/ha.d/ha.cf')],
    description: [
      ...prose(
        'One directive a line, its name first. A # begins a remark. A time is a number of seconds, or a number with one of the units ms and us behind it. The file is the same on all nodes, apart from the lines that name something of the node itself, such as the peer of a ucast line.',
      ),
      '.Pp',
      ...prose(
        'The least that is needed: one node line that names both nodes as "uname -n" prints them, and one medium.',
      ),
      ...example(
        'keepalive 1',
        'deadtime 10',
        'auto_failback off',
        'bcast eth1',
        'serial /dev/ttyS0',
        'node alpha beta',
      ),
    ],
    sections: [
      {
        title: 'DIRECTIVES',
        lines: terms(
          HA_CF_KEYWORDS.map((row) => ({
            term: mixed('It', ['Cm', row.name], ['Ar', row.argument]),
            text: [
              ...prose(row.sentence),
              ...(row.alias === undefined ? [] : prose(`Also written ${row.alias}.`)),
              ...prose(`Accepted: ${row.range}.`),
              ...(row.defaultText === ''
                ? []
                : prose(`Default: ${[row.defaultText, row.unit].filter((part) => part !== '').join(' ')}.`)),
            ],
          })),
        ),
      },
      {
        title: 'FILES',
        lines: terms([
          {
            term: mixed('It', ['Pa', '/usr/share/doc/heartbeat-ts/examples/ha.cf']),
            text: prose('A sample with remarks.'),
          },
        ]),
      },
    ],
    seeAlso: others('ha.cf'),
  };
}

export function iniPage(): Page {
  return {
    name: 'heartbeat.ini',
    section: 5,
    summary: 'settings of heartbeat that the classic files have no word for',
    synopsis: [macro('Pa', '/etc/ha.d/heartbeat.ini')],
    description: prose(
      'The file may be absent: every key has a default. It consists of sections in brackets with lines "key = value"; # and ; begin remarks. A section or key that does not exist is an error. Times are seconds, or a number followed by ms. The sections monitor and check may be followed by the name of a resource, as in "[monitor nginx]", and hold for that resource then.',
    ),
    sections: [
      {
        title: 'SECTIONS',
        lines: INI_SECTIONS.flatMap((section) => [
          `.Ss ${section}`,
          ...terms(
            INI_ROWS.filter((row) => row.section === section).map((row) => ({
              term: mixed('It', ['Cm', row.key], ['No', '='], ['Ar', row.argument]),
              text: [
                ...prose(row.sentence),
                ...prose(`Values: ${row.range}.`),
                ...(row.defaultText === ''
                  ? []
                  : prose(
                      `Default: ${[row.defaultText, row.unit].filter((part) => part !== '').join(' ')}.`,
                    )),
              ],
            })),
          ),
        ]),
      },
    ],
    seeAlso: others('heartbeat.ini'),
  };
}

export function haresourcesPage(): Page {
  return {
    name: 'haresources',
    section: 5,
    summary: 'which addresses and services move between the nodes',
    synopsis: [macro('Pa', '/etc/ha.d/haresources')],
    description: [
      ...prose(
        'One resource group a line: the node that has it while both nodes are well, then its resources. They are started from left to right and stopped from right to left, always together. The file has to be the same on all nodes. A backslash at the end of a line continues it; a # begins a remark.',
      ),
      ...example(
        'alpha 192.0.2.10/24/eth0 nginx',
        'beta  192.0.2.11/24/eth0 Filesystem::/dev/sdb1::/srv::ext4 smb',
      ),
    ],
    sections: [
      {
        title: 'RESOURCES',
        lines: terms([
          {
            term: mixed('It', ['Ar', 'ADDRESS[/PREFIX[/INTERFACE[/BROADCAST]]]']),
            text: prose(
              'An IPv4 address, set by heartbeat itself and announced by gratuitous ARP. Without an interface the one with a route to it is taken.',
            ),
          },
          {
            term: mixed('It', ['Ar', 'NAME[::ARGUMENT...]']),
            text: prose(
              'A script that is called as "NAME ARGUMENT... start", "stop" and "status". It is looked for in /etc/ha.d/resource.d, in /etc/init.d, among the scripts that come along, and as a systemd unit.',
            ),
          },
          {
            term: mixed('It', ['Ar', 'ocf:PROVIDER:AGENT[::NAME=VALUE...]']),
            text: prose('An OCF resource agent. Unknown to Heartbeat 3.0.6.'),
          },
          {
            term: mixed('It', ['Ar', 'systemd:UNIT']),
            text: prose('A systemd unit. Unknown to Heartbeat 3.0.6.'),
          },
          {
            term: mixed('It', ['Ar', 'vrrp:INSTANCE']),
            text: prose(
              'Only as the first word: the group follows a VRRP instance of heartbeat.ini. Unknown to Heartbeat 3.0.6.',
            ),
          },
        ]),
      },
    ],
    seeAlso: others('haresources'),
  };
}

export function authkeysPage(): Page {
  return {
    name: 'authkeys',
    section: 5,
    summary: 'the secret by which the nodes of a heartbeat cluster know each other',
    synopsis: [macro('Pa', '/etc/ha.d/authkeys')],
    description: [
      ...prose(
        'The line "auth N" names the key that this node signs with. Each line "N METHOD KEY" is a key that is accepted; METHOD is sha1, md5 or crc, and crc, which has no key, protects from damage only. The file must belong to root and be readable by nobody else (mode 600), or heartbeat does not start.',
      ),
      ...example('auth 1', '1 sha1 a-long-secret-that-is-the-same-on-both-nodes'),
      '.Pp',
      ...prose(
        'To change the key without losing a heartbeat: add the new key on both nodes and run "heartbeat -r" on each; then let auth name it on both; then take the old one away on both.',
      ),
    ],
    seeAlso: others('authkeys'),
  };
}
