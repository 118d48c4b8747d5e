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
    sentence: 'Fencing device that every node can use.',
    handle: addStonith,
  },
  {
    ...wholeLine,
    name: 'stonith_host',
    argument: 'HOST TYPE PARAMETER...',
    range: '* or a node name, an installed plugin, its parameters without blanks and #',
    sentence: 'Fencing device that HOST can use; lines for other nodes are not judged here.',
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
