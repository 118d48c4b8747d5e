/** `heartbeat simulate`: what would this configuration do if. Nothing real is touched. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import { type Complaint, readScenario } from '../sim/scenario/parse.js';
import { drawPicture } from '../sim/scenario/picture.js';
import { type Played, playScenario } from '../sim/scenario/play.js';
import { summaryLines, tellStory } from '../sim/scenario/story.js';
import { diagnosticText } from './check-print.js';
import type { Output } from './output.js';
import { type LoadedCast, loadCast } from './simulate-cast.js';
import { listOfStatements, worstCaseJson, worstCaseText } from './simulate-text.js';
import { loadVrrpCast } from './simulate-vrrp.js';

const USAGE = `usage: heartbeat simulate [--config-dir DIR] [--node NAME=DIR] [options] SCENARIO
       heartbeat simulate [--config-dir DIR] --worst-case [--json]
       heartbeat simulate --keepalived NAME=FILE --keepalived NAME=FILE [options] SCENARIO
       heartbeat simulate --list
Plays what is written in the file SCENARIO (- is standard input) on virtual nodes with the configuration in DIR.
  --node NAME=DIR   this node has other files than DIR's (may be repeated)
  --keepalived NAME=FILE
                    the keepalived.conf of a machine: its VRRP instances are played, and nothing of DIR
  --worst-case      plays the standard failures and tells what would hurt most
  --list            every statement of a scenario
  --json            one JSON object instead of the story
  --svg FILE        also a picture: who served what when, and when a service was down
  --summary         only what came of it
  --seed NUMBER     other chances for jitter, loss and the like (default 1, or the scenario's "seed")
Exit status: 0 every expectation was met, 1 one was not, 2 wrong usage or scenario, 6 wrong configuration.`;

interface Options {
  readonly scenario: string | undefined;
  readonly nodes: ReadonlyMap<string, string>;
  /** keepalived.conf by machine; empty: a cluster is played. */
  readonly keepalived: ReadonlyMap<string, string>;
  readonly worstCase: boolean;
  readonly list: boolean;
  readonly json: boolean;
  readonly summary: boolean;
  readonly help: boolean;
  readonly svg: string | undefined;
  readonly seed: number | undefined;
}

/** Runs the command; returns the exit status. */
export async function runSimulate(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    output.err(`heartbeat simulate: ${options}\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.help) {
    output.out(USAGE);
    return EXIT.ok;
  }
  if (options.list) {
    output.out(listOfStatements());
    return EXIT.ok;
  }
  const { keepalived } = options;
  const loaded = keepalived.size > 0 ? loadVrrpCast(keepalived) : loadCast(paths.configDir, options.nodes);
  if (!loaded.ok) {
    for (const diagnostic of loaded.diagnostics) output.err(diagnosticText(diagnostic, false).trimEnd());
    const what = keepalived.size > 0 ? [...keepalived.values()].join(', ') : `in ${paths.configDir}`;
    output.err(`heartbeat simulate: the configuration ${what} cannot be simulated.`);
    return EXIT.configuration;
  }
  if (options.worstCase) return await worstCase(loaded, options, output);
  return playFile(loaded, options, output);
}

type Cast = Extract<LoadedCast, { ok: true }>;

async function worstCase({ cast, notes }: Cast, { json }: Options, output: Output): Promise<number> {
  const { playWorstCases } = await import('../sim/scenario/worst-case.js');
  const found = playWorstCases(cast);
  output.out(json ? worstCaseJson(found, notes) : worstCaseText(found, notes));
  return EXIT.ok;
}

function playFile({ cast, notes }: Cast, options: Options, output: Output): number {
  const file = options.scenario ?? '-';
  const text = textOf(file);
  if (typeof text !== 'string') {
    output.err(`heartbeat simulate: the scenario ${file} cannot be read: ${text.reason}.`);
    return EXIT.usage;
  }
  const read = readScenario(text, cast.names);
  if (!read.ok) {
    for (const complaint of read.complaints) output.err(complaintText(file, complaint));
    return EXIT.usage;
  }
  const seed = options.seed ?? read.scenario.seed;
  const played = playScenario(cast, { ...read.scenario, seed });
  if (options.svg !== undefined) {
    try {
      writeFileSync(options.svg, drawPicture(played, file === '-' ? 'simulation' : basename(file)));
    } catch (error) {
      output.err(`heartbeat simulate: the picture cannot be written: ${reasonOf(error)}.`);
      return EXIT.other;
    }
  }
  if (options.json) output.out(storyJson(played, notes, seed));
  else {
    const story = options.summary ? summaryLines(played).join('\n') : tellStory(played).trimEnd();
    output.out([...notes.map((note) => `note: ${note}`), story].join('\n'));
  }
  const isMet = played.outcomes.every(({ ok }) => ok) && played.violations.length === 0;
  return isMet ? EXIT.ok : EXIT.other;
}

function storyJson(played: Played, notes: readonly string[], seed: number): string {
  const { watch, entries, outcomes, violations, untilMs } = played;
  const groups = watch.groups.map((group) => ({
    group,
    course: watch.sights(group),
    outages: watch.outages(group),
    twoOwners: watch.twoOwners(group),
  }));
  return JSON.stringify(
    { seed, untilMs, notes, groups, expectations: outcomes, violations, story: entries },
    null,
    2,
  );
}

const complaintText = (file: string, { line, column, message, hint }: Complaint): string =>
  `${file}${line === 0 ? '' : `:${line}:${column}`}: ${message}${hint === '' ? '' : ` ${hint}`}`;

function textOf(file: string): string | { readonly reason: string } {
  try {
    return readFileSync(file === '-' ? 0 : resolve(file), 'utf8');
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
  };
  return known[code] ?? error.message;
}

/** The options, or one sentence that says what is wrong with them. */
function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        'worst-case': { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        summary: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        svg: { type: 'string' },
        seed: { type: 'string' },
        node: { type: 'string', multiple: true, default: [] },
        keepalived: { type: 'string', multiple: true, default: [] },
      },
    });
    const nodes = pathsByName(values.node);
    if (typeof nodes === 'string') return `--node ${nodes} is no NAME=DIR, such as node2=/tmp/node2.`;
    const keepalived = pathsByName(values.keepalived);
    if (typeof keepalived === 'string')
      return `--keepalived ${keepalived} is no NAME=FILE, such as node1=/etc/keepalived/keepalived.conf.`;
    if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed))
      return `--seed ${values.seed} is no whole number of at most nine digits.`;
    const { list, json, summary, help, svg, 'worst-case': worst } = values;
    const [scenario, ...more] = positionals;
    if (more.length > 0) return `one scenario at a time: ${more.join(' ')} is too much.`;
    if (scenario === undefined && !list && !worst && !help)
      return 'name the file of a scenario, or say --worst-case or --list.';
    if (worst && scenario !== undefined)
      return '--worst-case plays failures of its own: leave the scenario out.';
    if (worst && keepalived.size > 0)
      return '--worst-case plays resource groups: write a scenario for VRRP instances.';
    const seed = values.seed === undefined ? undefined : Number(values.seed);
    return { scenario, nodes, keepalived, worstCase: worst, list, json, summary, help, svg, seed };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `NAME=PATH` of each, by the name in small letters; or the one that is none. */
function pathsByName(pairs: readonly string[]): ReadonlyMap<string, string> | string {
  const found = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1 || at === pair.length - 1) return pair;
    found.set(pair.slice(0, at).toLowerCase(), resolve(pair.slice(at + 1)));
  }
  return found;
}
