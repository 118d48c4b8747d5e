/** vrrp_sync_group, vrrp_script, vrrp_track_process and vrrp_track_file (vrrp-lvs.md 3.4). */
import type { VrrpScript, VrrpTrackFile, VrrpTrackProcess } from '../vrrp-types.js';
import type { Draft, DraftGroup, Writable } from './draft.js';
import { notifyRows, trackingRows } from './keywords-shared.js';
import { type Row, type Table, tableOf } from './table.js';
import { command, commandWords, first, flag, integer, seconds } from './values.js';

export function groupTable(file: Draft): Table<DraftGroup> {
  return tableOf(
    [
      {
        name: 'group',
        arguments: '{ INSTANCE... }',
        sentence: 'The instances that change together.',
        block: true,
        read: ({ block }, draft) => {
          for (const { keyword, args } of block ?? []) {
            draft.members.push(keyword.text, ...args.map(({ text }) => text));
          }
        },
      },
      {
        name: 'sync_group_tracking_weight',
        arguments: '',
        sentence: 'Members keep their own weights.',
        read: (statement, draft) => {
          draft.trackingWeight = flag(statement);
        },
      },
      {
        name: 'global_tracking',
        arguments: '',
        sentence: 'An older word for sync_group_tracking_weight.',
        legacy: 'an older word for sync_group_tracking_weight.',
        read: (statement, draft) => {
          draft.trackingWeight = flag(statement);
        },
      },
    ],
    notifyRows<DraftGroup>(file),
    trackingRows<DraftGroup>(),
  );
}

export type DraftScript = Writable<VrrpScript>;

/** N of "weight N [reverse]". */
function weightRow<D extends { weight?: number | undefined; reverse?: boolean | undefined }>(): Row<D> {
  return {
    name: 'weight',
    arguments: '-253..253 [reverse]',
    sentence: 'Added to the priority; 0: a failure is a fault.',
    maxArguments: 2,
    read: (statement, draft) => {
      draft.weight = integer(statement, { min: -253, max: 253 });
      draft.reverse = statement.args[1]?.text === 'reverse';
    },
  };
}

function countRow<D, K extends keyof D>(name: string, key: K & string, sentence: string): Row<D> {
  return {
    name,
    arguments: 'COUNT',
    sentence,
    maxArguments: 1,
    read: (statement, draft) => {
      const value = integer(statement, { min: 1, max: 2_147_483_647 });
      if (value !== undefined) Object.assign(draft as object, { [key]: value });
    },
  };
}

function timeRow<D>(name: string, keys: readonly (keyof D & string)[], sentence: string): Row<D> {
  return {
    name,
    arguments: 'SECONDS',
    sentence,
    maxArguments: 1,
    read: (statement, draft) => {
      const valueMs = seconds(statement, { minMs: 1, maxMs: 4_294_000_000 });
      if (valueMs === undefined) return;
      for (const key of keys) Object.assign(draft as object, { [key]: valueMs });
    },
  };
}

export function scriptTable(file: Draft): Table<DraftScript> {
  return tableOf<DraftScript>([
    {
      name: 'script',
      arguments: '"COMMAND"',
      sentence: 'What is run; exit status 0 is success.',
      maxArguments: 3,
      read: (statement, draft) => {
        const found = command(statement);
        if (found === undefined) return;
        draft.command = {
          ...found,
          ...(draft.command?.user === undefined ? {} : { user: draft.command.user }),
        };
        file.commands.push({ command: found, at: statement });
      },
    },
    timeRow<DraftScript>('interval', ['intervalMs'], 'Between two runs.'),
    timeRow<DraftScript>('timeout', ['timeoutMs'], 'How long a run may take.'),
    weightRow<DraftScript>(),
    countRow<DraftScript, 'rise'>('rise', 'rise', 'Successes in a row until it counts as good.'),
    countRow<DraftScript, 'fall'>('fall', 'fall', 'Failures in a row until it counts as bad.'),
    {
      name: 'init_fail',
      arguments: '',
      sentence: 'Counts as bad until the first success.',
      read: (statement, draft) => {
        draft.initFail = flag(statement);
      },
    },
    {
      name: 'user',
      arguments: 'USER [GROUP]',
      sentence: 'Account that runs it.',
      maxArguments: 2,
      read: (statement, draft) => {
        const user = first(statement, 'an account');
        if (user === undefined) return;
        const group = statement.args[1];
        draft.command = {
          words: draft.command?.words ?? [],
          user: user.text,
          ...(group === undefined ? {} : { group: group.text }),
        };
      },
    },
  ]);
}

export type DraftProcess = Writable<VrrpTrackProcess>;

export const PROCESS_TABLE: Table<DraftProcess> = tableOf<DraftProcess>([
  {
    name: 'process',
    arguments: 'PROGRAM [ARGUMENTS]',
    sentence: 'The program that has to run.',
    read: (statement, draft) => {
      const word = first(statement, 'a program');
      if (word === undefined) return;
      draft.words = statement.args.flatMap(({ text, quoted }) => (quoted ? commandWords(text) : [text]));
    },
  },
  {
    name: 'param_match',
    arguments: '[initial|partial]',
    sentence: 'Arguments count too: all, the first ones, or the beginning of the last.',
    maxArguments: 1,
    read: (statement, draft) => {
      const how = statement.args[0]?.text;
      draft.parameterMatch = how === 'initial' || how === 'partial' ? how : 'exact';
    },
  },
  {
    name: 'full_command',
    arguments: '',
    sentence: 'The whole command line is compared.',
    read: (statement, draft) => {
      draft.fullCommand = flag(statement);
    },
  },
  weightRow<DraftProcess>(),
  countRow<DraftProcess, 'quorum'>('quorum', 'quorum', 'So many have to run.'),
  countRow<DraftProcess, 'quorumMax'>('quorum_max', 'quorumMax', 'No more than so many may run.'),
  timeRow<DraftProcess>(
    'delay',
    ['forkDelayMs', 'terminateDelayMs'],
    'How long a change must last before it counts.',
  ),
  timeRow<DraftProcess>('fork_delay', ['forkDelayMs'], 'How long it must run before it counts.'),
  timeRow<DraftProcess>(
    'terminate_delay',
    ['terminateDelayMs'],
    'How long it must be gone before that counts.',
  ),
]);

export type DraftFile = Writable<VrrpTrackFile>;

export const FILE_TABLE: Table<DraftFile> = tableOf<DraftFile>([
  {
    name: 'file',
    arguments: 'PATH',
    sentence: 'File with a number.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.path = first(statement, 'a path')?.text;
    },
  },
  weightRow<DraftFile>(),
  {
    name: 'init_file',
    arguments: '[VALUE] [overwrite]',
    sentence: '',
    unsupported: 'the file is only read; an absent one counts as 0.',
    read: () => undefined,
  },
]);
