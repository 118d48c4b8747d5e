/** `heartbeat sbd`: prepares and reads the disks with poison pills, and writes messages on them, as the program sbd. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseSettings } from '../config/ini/parse.js';
import type { Paths } from '../daemon/paths.js';
import { allocate, create, header, list, PillDiskError, tell } from '../daemon/sbd/tool.js';
import { EXIT } from '../errors/exit-codes.js';
import { PILL_COMMANDS, type PillCommand } from '../wire/sbd.js';
import type { Output } from './output.js';

const USAGE = `usage: heartbeat sbd [-d DEVICE]... create [-1 S] [-2 S] [-3 S] [-4 S] [--force]
       heartbeat sbd [-d DEVICE]... list | dump
       heartbeat sbd [-d DEVICE]... allocate NODE
       heartbeat sbd [-d DEVICE]... message NODE test|reset|off|exit|crashdump|clear
  -d DEVICE  a disk; without it those of [sbd] device in heartbeat.ini
  create     prepares the disk; -1 watchdog (5), -2 allocate (2), -3 loop (1), -4 msgwait (twice the watchdog) in seconds
  allocate   a slot for NODE, its name as in ha.cf; heartbeat takes its own at the start
  message    reset, off and crashdump return when NODE has ended for certain (msgwait)`;

interface Call {
  readonly devices: readonly string[];
  readonly words: readonly string[];
  readonly force: boolean;
  /** Seconds of -1 to -4. */
  readonly times: readonly (number | undefined)[];
}

/** Messages after which the node is off. */
const ENDS: readonly PillCommand[] = ['reset', 'off', 'crashdump'];

/** Runs the command; exit 0 done, 1 a disk failed, 2 wrong usage. */
export async function runSbd(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const call = readCall(argv, paths);
  if (typeof call === 'string') {
    output.err(`heartbeat sbd: ${call}`);
    output.err(USAGE);
    return EXIT.usage;
  }
  try {
    return await obey(call, output);
  } catch (error) {
    if (!(error instanceof PillDiskError)) throw error;
    output.err(error.message);
    return EXIT.other;
  }
}

async function obey({ devices, words, force, times }: Call, output: Output): Promise<number> {
  const [verb, node = '', word = ''] = words;
  switch (verb) {
    case 'create': {
      const [watchdogS = 5, allocateS = 2, loopS = 1, msgwaitS = 2 * watchdogS] = times;
      if (msgwaitS < 2 * watchdogS)
        output.err(`msgwait (${msgwaitS} s) should be at least twice the watchdog (${watchdogS} s).`);
      for (const device of devices) {
        create(device, { watchdogS, allocateS, loopS, msgwaitS }, force);
        output.out(`${device} is prepared: watchdog ${watchdogS} s, msgwait ${msgwaitS} s.`);
      }
      return EXIT.ok;
    }
    case 'list':
      for (const device of devices) for (const line of list(device)) output.out(line);
      return EXIT.ok;
    case 'dump':
      for (const device of devices) dump(device, output);
      return EXIT.ok;
    case 'allocate':
      for (const device of devices) output.out(await allocate(device, node));
      return EXIT.ok;
    default:
      return await message(devices, node, word, output);
  }
}

function dump(device: string, output: Output): void {
  const { minorVersion, uuid, slots, sectorBytes, watchdogS, allocateS, loopS, msgwaitS } = header(device);
  output.out(
    `${device}: version 2.${minorVersion}, uuid ${uuid}, ${slots} slots, sectors of ${sectorBytes} bytes`,
  );
  output.out(`  watchdog ${watchdogS} s, allocate ${allocateS} s, loop ${loopS} s, msgwait ${msgwaitS} s`);
}

async function message(
  devices: readonly string[],
  node: string,
  word: string,
  output: Output,
): Promise<number> {
  const command = PILL_COMMANDS.find((one) => one === word) ?? 'test';
  const { enough, problems, msgwaitS } = tell(devices, node, command, hostname().toLowerCase());
  for (const problem of problems) output.err(problem);
  if (!enough) {
    output.err(`"${command}" for ${node} did not get onto enough disks.`);
    return EXIT.other;
  }
  if (!ENDS.includes(command)) {
    output.out(`"${command}" stands there for ${node}.`);
    return EXIT.ok;
  }
  output.out(`"${command}" stands there for ${node}; it has ended for certain in ${msgwaitS} s.`);
  await sleep(msgwaitS * 1000);
  return EXIT.ok;
}

function readCall(argv: readonly string[], paths: Paths): Call | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        device: { type: 'string', short: 'd', multiple: true },
        watchdog: { type: 'string', short: '1' },
        allocate: { type: 'string', short: '2' },
        loop: { type: 'string', short: '3' },
        msgwait: { type: 'string', short: '4' },
        force: { type: 'boolean', default: false },
      },
    });
    const given = [values.watchdog, values.allocate, values.loop, values.msgwait];
    const times = given.map((text) => (text === undefined ? undefined : Number(text)));
    if (
      times.some((value) => value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= 3600))
    )
      return 'a time is a whole number of seconds, 1 to 3600.';
    const problem = wordsProblem(positionals);
    if (problem !== undefined) return problem;
    const devices = values.device ?? configured(paths);
    if (devices.length === 0)
      return 'no disk is named: give -d DEVICE, or write [sbd] device = /dev/... into heartbeat.ini.';
    return { devices, words: positionals, force: values.force, times };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is wrong with the words of the command, or undefined. */
function wordsProblem(words: readonly string[]): string | undefined {
  const [verb = '', node, word] = words;
  const wanted = { create: 1, list: 1, dump: 1, allocate: 2, message: 3 }[verb];
  if (wanted === undefined) return verb === '' ? 'say what is to be done.' : `there is no command "${verb}".`;
  if (words.length < wanted)
    return `${verb} needs ${node === undefined ? 'the name of a node' : 'a message'}.`;
  if (words.length > wanted) return `"${words[wanted]}" is too much.`;
  const known: readonly string[] = PILL_COMMANDS;
  return word !== undefined && !known.includes(word) ? `there is no message "${word}".` : undefined;
}

function configured(paths: Paths): readonly string[] {
  const file = join(paths.configDir, 'heartbeat.ini');
  try {
    return parseSettings(readFileSync(file, 'utf8'), file).settings.sbdDevices ?? [];
  } catch {
    return [];
  }
}
