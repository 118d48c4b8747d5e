/** Keywords that stand in instances and in sync groups: notification and tracking (vrrp-lvs.md 3.3, 3.4). */
import { likelyMeant } from '../nearest.js';
import { shown } from '../problems.js';
import type { VrrpNotify, VrrpTrack } from '../vrrp-types.js';
import type { Draft, DraftTracking, Writable } from './draft.js';
import { type Row, unsupported } from './table.js';
import type { Statement } from './tree.js';
import { command, flag, integer } from './values.js';

interface Notifying {
  readonly notify: Writable<VrrpNotify>;
}

type CommandKey = Exclude<keyof VrrpNotify, 'mail'>;

/** notify_* and smtp_alert. `file`: where the commands are collected for the look at the machine. */
export function notifyRows<D extends Notifying>(file: Draft): Row<D>[] {
  const row = (name: string, key: CommandKey, sentence: string): Row<D> => ({
    name,
    arguments: '"COMMAND" [USER [GROUP]]',
    sentence,
    maxArguments: 3,
    read: (statement, draft) => {
      const found = command(statement);
      if (found === undefined) return;
      draft.notify[key] = found;
      file.commands.push({ command: found, at: statement });
    },
  });
  return [
    row('notify_master', 'master', 'Run on becoming master.'),
    row('notify_backup', 'backup', 'Run on becoming backup.'),
    row('notify_fault', 'fault', 'Run on a fault.'),
    row('notify_stop', 'stop', 'Run at the end of the daemon.'),
    row('notify_deleted', 'deleted', 'Run when a reload has removed the instance.'),
    row('notify_master_rx_lower_pri', 'masterHeardLower', 'Run when a master hears a lower priority.'),
    row('notify', 'any', 'Run at each change, with INSTANCE|GROUP, name, state and priority.'),
    {
      name: 'smtp_alert',
      arguments: '[on|off]',
      sentence: 'A mail at each change.',
      read: (statement, draft) => {
        draft.notify.mail = flag(statement);
      },
    },
  ];
}

/** track_interface, track_script, track_process, track_file. */
export function trackingRows<D extends DraftTracking>(): Row<D>[] {
  const row = (
    name: string,
    kind: DraftTracking['named'][number]['kind'],
    list: (draft: D) => VrrpTrack[],
    sentence: string,
  ): Row<D> => ({
    name,
    arguments: '{ NAME [weight N [reverse]]... }',
    sentence,
    block: true,
    read: ({ block }, draft) => {
      for (const entry of block ?? []) {
        const track = trackOf(entry);
        if (track === undefined) continue;
        list(draft).push(track);
        draft.named.push({ kind, at: entry });
      }
    },
  });
  return [
    row(
      'track_interface',
      'interface',
      (draft) => draft.interfaces,
      'Interfaces whose loss is a fault, or changes the priority.',
    ),
    row(
      'track_script',
      'script',
      (draft) => draft.scripts,
      'Scripts of vrrp_script whose failure is a fault, or changes the priority.',
    ),
    row(
      'track_process',
      'process',
      (draft) => draft.processes,
      'Programs of vrrp_track_process that have to run.',
    ),
    row(
      'track_file',
      'file',
      (draft) => draft.files,
      'Files of vrrp_track_file whose number changes the priority.',
    ),
    unsupported<D>('track_bfd', 'there is no BFD.'),
    unsupported<D>('track_group', 'it is not needed; several groups may name one instance.'),
  ];
}

/** NAN marks a weight that the definition of the script gives. */
export const OWN_WEIGHT = Number.NaN;

function trackOf(statement: Statement): VrrpTrack | undefined {
  const { keyword, args, problems } = statement;
  let weight = OWN_WEIGHT;
  let reverse = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) break;
    if (word.text === 'reverse') reverse = true;
    else if (word.text === 'no_reverse') reverse = false;
    else if (word.text === 'weight') {
      const value = integer(statement, { min: -253, max: 253 }, args[++at]);
      if (value === undefined) return undefined;
      weight = value;
    } else {
      const meant = likelyMeant(word.text, ['weight', 'reverse']);
      const message = `${shown(word.text)} is no option of a tracked ${shown(keyword.text)}.`;
      problems.error(
        word,
        'track-option',
        message,
        meant === undefined ? 'Write "weight N".' : `Did you mean ${meant}?`,
      );
      return undefined;
    }
  }
  return { name: keyword.text, weight, reverse };
}
