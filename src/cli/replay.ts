/** `heartbeat replay`: a recording of the flight recorder goes through the core again; each decision with its reason. */
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Effect } from '../core/effect.js';
import type { State } from '../core/state.js';
import type { Paths } from '../daemon/paths.js';
import { inputOf, type Recorded, type SegmentHead } from '../daemon/recorder/format.js';
import { stateOfImage } from '../daemon/recorder/image.js';
import { recorderFiles } from '../daemon/runner/recorder.js';
import { EXIT } from '../errors/exit-codes.js';
import { replayTurn } from '../sim/replay.js';
import type { Output } from './output.js';

const USAGE = `usage: heartbeat replay [--json] [--from TIME] [--until TIME] [--log] [FILE...]
Gives the inputs that a flight recorder wrote down to the core again, checks that it asks for the same as it did on the
node, and prints each decision with its reason. FILE is a recording or a folder of them; default: this node's own
(STATEDIR/recorder).
  --from, --until TIME   only decisions of this time, such as 2026-11-21T08:30:00 (UTC) or 08:30 of the recording's day
  --log                  log lines too, not only decisions
  --json                 one JSON object a line
Exit status: 0 everything identical, 1 the core asked for something else, 2 wrong usage or no recording.`;

interface Options {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly log: boolean;
  readonly from: string | undefined;
  readonly until: string | undefined;
}

interface Counts {
  inputs: number;
  effects: number;
  different: number;
  broken: number;
}

/** Runs the command; returns the exit status. */
export async function runReplay(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const options = readOptions(argv, paths);
  if (typeof options === 'string') {
    output.err(`heartbeat replay: ${options}\n${USAGE}`);
    return EXIT.usage;
  }
  const files = filesOf(options.files);
  if (typeof files === 'string') {
    output.err(`heartbeat replay: ${files}`);
    return EXIT.usage;
  }
  const counts: Counts = { inputs: 0, effects: 0, different: 0, broken: 0 };
  for (const file of files) await replayFile(file, options, counts, output);
  if (options.json) output.out(JSON.stringify({ kind: 'summary', files: files.length, ...counts }));
  else output.out(summaryOf(files.length, counts));
  return counts.different === 0 && counts.broken === 0 ? EXIT.ok : EXIT.other;
}

function summaryOf(files: number, { inputs, effects, different, broken }: Counts): string {
  const verdict =
    different === 0
      ? 'identical to what the node did.'
      : `${different} turns asked for something else than on the node.`;
  const unread = broken === 0 ? '' : ` ${broken} recordings could not be read.`;
  return `${files} recordings, ${inputs} inputs, ${effects} effects: ${verdict}${unread}`;
}

async function replayFile(file: string, options: Options, counts: Counts, output: Output): Promise<void> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let head: SegmentHead | undefined;
  let state: State | undefined;
  try {
    for await (const line of lines) {
      const read = parsed(line);
      // A crash cuts the last line off: what stands before it counts.
      if (read === undefined) break;
      if (head === undefined || state === undefined) {
        head = headOf(read);
        state = stateOfImage(head.image);
        if (!options.json)
          output.out(`${file}: ${head.node}, program ${head.program}, from ${clock(head.wallMs)}`);
        continue;
      }
      turn(state, head, read as Recorded, options, counts, output);
    }
    if (head === undefined) throw new Error('it is empty');
  } catch (error) {
    counts.broken += 1;
    output.err(
      `heartbeat replay: ${file} is no recording: ${error instanceof Error ? error.message : String(error)}.`,
    );
  } finally {
    lines.close();
  }
}

function turn(
  state: State,
  head: SegmentHead,
  recorded: Recorded,
  options: Options,
  counts: Counts,
  output: Output,
): void {
  const input = inputOf(recorded);
  const { effects, isSame } = replayTurn(state, input, recorded[3]);
  counts.inputs += 1;
  counts.effects += effects.length;
  const at = clock(input.wallS * 1000);
  if (!isSame) {
    counts.different += 1;
    const kinds = effects.map(({ kind }) => kind).join(', ') || 'nothing';
    if (options.json) output.out(JSON.stringify({ kind: 'different', at, input, effects }));
    else if (counts.different <= 20) output.out(`${at} DIFFERENT after ${input.kind}: now ${kinds}`);
  }
  if (!isWithin(at, options)) return;
  for (const effect of effects) {
    const told = decisionOf(effect, options.log);
    if (told === undefined) continue;
    const cause = input.kind === 'packet' ? `packet on ${input.link}` : input.kind;
    if (options.json) output.out(JSON.stringify({ kind: 'decision', at, node: head.node, cause, ...told }));
    else output.out(`${at} ${head.node}: ${told.text}  [${cause}]`);
  }
}

/** What a person wants to read of an effect. */
function decisionOf(effect: Effect, withLog: boolean): { code: string; text: string } | undefined {
  switch (effect.kind) {
    case 'event':
      return { code: effect.code, text: effect.text };
    case 'log':
      return withLog ? { code: effect.code, text: `(${effect.level}) ${effect.text}` } : undefined;
    case 'operation': {
      const { verb, target, groupLine } = effect.operation;
      if (verb === 'monitor') return undefined;
      const what =
        target.kind === 'script'
          ? target.resource.word
          : target.addresses.map(({ address }) => address).join(', ');
      return { code: verb, text: `${verb} ${what} of "${groupLine}"` };
    }
    case 'fence':
      return { code: 'fence', text: `fence ${effect.command.node}` };
    case 'rebootSelf':
    case 'restartSelf':
    case 'exit':
      return { code: effect.kind, text: `${effect.kind}: ${effect.reason}` };
    default:
      return undefined;
  }
}

function headOf(read: unknown): SegmentHead {
  if (typeof read === 'object' && read !== null && 'recorder' in read && read.recorder === 1)
    return read as SegmentHead;
  throw new Error('its first line is not the head of one');
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const clock = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 19);

/** A time of day alone is compared with the time of day alone. */
function isWithin(at: string, { from, until }: Options): boolean {
  const part = (bound: string): string => (bound.includes('T') ? at : at.slice(11));
  return (from === undefined || part(from) >= from) && (until === undefined || part(until) <= until);
}

function filesOf(given: readonly string[]): readonly string[] | string {
  const files: string[] = [];
  for (const path of given) {
    try {
      if (statSync(path).isDirectory()) files.push(...recorderFiles(path));
      else files.push(path);
    } catch {
      return `there is no recording ${path}; give a file, or a folder such as /var/lib/heartbeat/recorder.`;
    }
  }
  return files.length > 0 ? files : `there is no recording in ${given.join(', ')} yet.`;
}

const TIME = /^(\d{4}-\d{2}-\d{2}T)?\d{2}:\d{2}(:\d{2})?$/;

function readOptions(argv: readonly string[], paths: Paths): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        log: { type: 'boolean', default: false },
        from: { type: 'string' },
        until: { type: 'string' },
      },
    });
    for (const bound of [values.from, values.until])
      if (bound !== undefined && !TIME.test(bound))
        return `"${bound}" is no time such as 08:30 or 2026-11-21T08:30:00.`;
    const files = positionals.length > 0 ? positionals : [join(paths.stateDir, 'recorder')];
    return { files, json: values.json, log: values.log, from: values.from, until: values.until };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
