/**
 * One thing done to one disk, in a process of its own because a disk may hang: `post.js DEVICE status` or
 * `post.js DEVICE post NODE COMMAND SENDER`. Exit 0: one JSON line with times of the disk and the names of its slots; exit 1, or 3 where NODE has no slot: one sentence on
 * standard error.
 */
import { PILL_COMMANDS } from '../../wire/sbd.js';
import { NO_SLOT } from './ask.js';
import { openPillDisk, PillDiskError } from './disk.js';

/** What a call prints where it succeeds. */
export interface Posted {
  readonly msgwaitS: number;
  readonly watchdogS: number;
  readonly loopS: number;
  /** Names of the nodes that have a slot. */
  readonly names: readonly string[];
}

function run(device: string, verb: string, node: string, word: string, sender: string): Posted {
  const disk = openPillDisk(device);
  try {
    const names = disk.slots().map(({ name }) => name);
    if (verb === 'post') {
      const slot = disk.find(node);
      const command = PILL_COMMANDS.find((one) => one === word);
      if (slot === undefined) {
        process.exitCode = NO_SLOT;
        throw new PillDiskError(`${device}: there is no slot for ${node}.`);
      }
      if (command === undefined) throw new PillDiskError(`there is no message "${word}".`);
      disk.post(slot, command, sender);
    }
    const { msgwaitS, watchdogS, loopS } = disk.header;
    return { msgwaitS, watchdogS, loopS, names };
  } finally {
    disk.close();
  }
}

const [device = '', verb = '', node = '', word = '', sender = ''] = process.argv.slice(2);
try {
  process.stdout.write(`${JSON.stringify(run(device, verb, node, word, sender))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode ??= 1;
}
