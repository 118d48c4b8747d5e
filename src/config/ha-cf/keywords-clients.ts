/** Rows of ha.cf about fencing, clients and who may connect (heartbeat-admin.md 1.4). */
import { addApiAuth, addRespawn, addStonith, addStonithHost } from './clients.js';
import type { Keyword } from './keyword.js';

const wholeLine = { kind: 'line', unit: '', defaultText: '', required: true } as const;

export const CLIENT_KEYWORDS: readonly Keyword[] = [
  {
    ...wholeLine,
    name: 'stonith',
    argument: 'TYPE FILE',
    range: 'an installed plugin and a readable file with its parameters',
    sentence:
      'Fencing device that every node can use; several lines are tried in their order. TYPE as in stonith_host.',
    handle: addStonith,
  },
  {
    ...wholeLine,
    name: 'stonith_host',
    argument: 'HOST TYPE PARAMETER...',
    range: '* or a node name, an installed plugin, its parameters without blanks and #',
    sentence:
      'Fencing device that HOST can use (several: in their order); lines for other nodes are not judged here. TYPE is a plugin of "stonith -L", or (unknown to the original) fence/AGENT with NAME=VALUE options for a fence_AGENT program, sbd for the disks of [sbd] device, or script with /PATH NAME=VALUE for any program that is called as /PATH reset|off|on|status NODE.',
    handle: addStonithHost,
  },
  {
    ...wholeLine,
    name: 'respawn',
    argument: 'USER COMMAND ARGUMENT...',
    range: 'an account name and an executable by its absolute path',
    sentence: 'Program that is started with the daemon, and again when it ends.',
    handle: addRespawn,
  },
  {
    ...wholeLine,
    name: 'apiauth',
    argument: 'CLIENT [uid=USER,...] [gid=GROUP,...]',
    range: 'accounts and groups that exist',
    sentence: 'Who may connect to the daemon under this client name.',
    handle: addApiAuth,
  },
];
