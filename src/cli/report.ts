/** `heartbeat report [FILE]`: everything that a bug report needs in one file, without secrets. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ask } from '../daemon/control/client.js';
import { pictureDocument } from '../daemon/control/picture.js';
import { compiledFile, controlSocketPath, type Paths } from '../daemon/paths.js';
import { EVENT_LIMIT, eventFile } from '../daemon/runner/events.js';
import { recorderFiles } from '../daemon/runner/recorder.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';
import { printed, systemFacts } from './report-facts.js';
import { createSecretKeeper, type SecretKeeper } from './report-secrets.js';
import { type TarEntry, tarOf } from './tar.js';

const LOG_MAX_BYTES = 5_000_000;
const RECORDINGS_MAX_BYTES = 30_000_000;
const CONFIG_MAX_BYTES = 1_000_000;
const USAGE = 'Usage: heartbeat report [FILE] [--no-recorder]';

interface Report {
  readonly keeper: SecretKeeper;
  readonly entries: TarEntry[];
  /** One sentence each. */
  readonly leftOut: string[];
}

/** Runs it; the exit code. The file is there whole, mode 0600, or not at all. */
export async function runReport(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const files = argv.filter((word) => !word.startsWith('-'));
  const wrong = argv.find((word) => word.startsWith('-') && word !== '--no-recorder');
  if (wrong !== undefined || files.length > 1) {
    output.err(`heartbeat report: "${wrong ?? files[1]}" is not understood. ${USAGE}`);
    return EXIT.usage;
  }
  const now = new Date();
  const stamp = now
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .replace('T', '-');
  const name = `heartbeat-report-${hostname()
    .replaceAll(/[^\w.-]/g, '_')
    .slice(0, 40)}-${stamp}`;
  const path = resolve(files[0] ?? `${name}.tar.gz`);
  const report = await gather(paths, !argv.includes('--no-recorder'));
  report.entries.unshift(textEntry('README.txt', readme(report, now)));
  const nowS = Math.floor(now.getTime() / 1000);
  const entries = report.entries.map((entry) => ({ ...entry, name: `${name}/${entry.name}` }));
  try {
    writeFileSync(path, gzipSync(tarOf(entries, nowS)), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') output.err(`${path} is there already: name another file.`);
    else {
      rmSync(path, { force: true });
      output.err(`Cannot write ${path}: ${message}.`);
    }
    return EXIT.other;
  }
  output.out(`${path}: ${report.entries.length} files, for root alone.`);
  for (const sentence of report.leftOut) output.out(`Left out: ${sentence}`);
  output.out('Keys, passwords and parameters of fencing devices were removed. Read it before you send it.');
  return EXIT.ok;
}

async function gather(paths: Paths, withRecorder: boolean): Promise<Report> {
  const haCf = textOf(join(paths.configDir, 'ha.cf'), CONFIG_MAX_BYTES) ?? '';
  const nodes = [...haCf.matchAll(/^\s*node\s+(.*)$/gim)].flatMap(([, names = '']) =>
    names.trim().split(/\s+/),
  );
  const report: Report = {
    keeper: createSecretKeeper([...nodes, hostname(), 'true', 'false', 'auto']),
    entries: [],
    leftOut: [],
  };
  // First of all, so that its secrets are known when the rest is looked through.
  addConfiguration(report, paths, haCf);
  add(report, 'system.json', JSON.stringify(systemFacts(paths), null, 2));
  await addDaemon(report, paths);
  const check = printed(
    process.execPath,
    compiledFile('cli', 'main.js'),
    'heartbeat',
    'check',
    '--json',
    '--config-dir',
    paths.configDir,
  );
  if (check !== undefined) add(report, 'check.json', check);
  add(
    report,
    'addresses.txt',
    [printed('ip', 'address'), printed('ip', 'route'), printed('ip', 'rule')].join('\n'),
  );
  addLogs(report, haCf);
  const events = textOf(eventFile(paths.stateDir), LOG_MAX_BYTES);
  if (events !== undefined) add(report, 'events.jsonl', events);
  const availability = textOf(join(paths.stateDir, 'availability.json'), LOG_MAX_BYTES);
  if (availability !== undefined) add(report, 'availability.json', availability);
  if (withRecorder) addRecordings(report, paths);
  else report.leftOut.push('the recordings of the flight recorder (--no-recorder).');
  return report;
}

function addConfiguration(report: Report, paths: Paths, haCf: string): void {
  const { keeper, entries, leftOut } = report;
  const clean: Record<string, (text: string) => string> = {
    authkeys: keeper.authkeys,
    'ha.cf': keeper.haCf,
    'heartbeat.ini': keeper.settings,
    haresources: keeper.haresources,
  };
  const found: [string, string][] = [];
  for (const [name, redact] of Object.entries(clean)) {
    const text = name === 'ha.cf' ? haCf : textOf(join(paths.configDir, name), CONFIG_MAX_BYTES);
    if (text === undefined || text === '')
      leftOut.push(`${join(paths.configDir, name)}: it is not there or cannot be read.`);
    else found.push([name, redact(text)]);
  }
  const settings = textOf(join(paths.configDir, 'heartbeat.ini'), CONFIG_MAX_BYTES) ?? '';
  const [, vrrp] = /^\s*config\s*=\s*(\/\S+)/m.exec(settings) ?? [];
  const vrrpText = vrrp === undefined ? undefined : textOf(vrrp, CONFIG_MAX_BYTES);
  if (vrrpText !== undefined) found.push(['keepalived.conf', keeper.keepalived(vrrpText)]);
  // A second time, now that the secrets of all files are known.
  for (const [name, text] of found) entries.push(textEntry(`configuration/${name}`, keeper.scrub(text)));
  leftOut.push(
    `the scripts of ${join(paths.configDir, 'resource.d')} (their names are in system.json), and files that other files name, such as passwords and certificates.`,
  );
}

async function addDaemon(report: Report, paths: Paths): Promise<void> {
  const socket = controlSocketPath(paths);
  const [snapshot, events] = [
    await ask(socket, { kind: 'snapshot' }),
    await ask(socket, { kind: 'events', count: EVENT_LIMIT }),
  ];
  if (!snapshot.ok || snapshot.response.kind !== 'snapshot') {
    const reason = snapshot.ok ? 'it does not answer.' : snapshot.reason;
    report.leftOut.push(`the state of the daemon: ${reason}`);
    return;
  }
  const list = events.ok && events.response.kind === 'events' ? events.response.events : [];
  add(
    report,
    'status.json',
    JSON.stringify(pictureDocument({ ...snapshot.response, events: list }, Date.now()), null, 2),
  );
}

function addLogs(report: Report, haCf: string): void {
  const named = [...haCf.matchAll(/^\s*(?:logfile|debugfile)\s+(\S+)/gim)].map(([, path = '']) => path);
  for (const path of new Set(named)) {
    const text = textOf(path, LOG_MAX_BYTES);
    if (text === undefined) report.leftOut.push(`${path}: it is not there or cannot be read.`);
    else add(report, `logs/${path.replaceAll('/', '_').replace(/^_/, '').slice(-60)}`, text);
  }
  const journal = printed(
    'journalctl',
    '-t',
    'heartbeat',
    '--since',
    '-2d',
    '-n',
    '20000',
    '--no-pager',
    '-q',
  );
  if (journal !== undefined) add(report, 'logs/journal', journal);
  if (named.length === 0 && journal === undefined)
    report.leftOut.push('logs: ha.cf names no logfile, and the journal has none.');
}

function addRecordings(report: Report, paths: Paths): void {
  let files: string[] = [];
  try {
    files = recorderFiles(join(paths.stateDir, 'recorder'));
  } catch {
    // there are none
  }
  if (files.length === 0)
    report.leftOut.push('recordings of the flight recorder: there are none, or they cannot be read.');
  let room = RECORDINGS_MAX_BYTES;
  for (const path of files.reverse()) {
    const bytes = wholeFile(path, room);
    if (bytes === undefined) {
      report.leftOut.push(`${path} and older recordings: the report would be too large.`);
      return;
    }
    room -= bytes.length;
    const clean = report.keeper.recording(bytes.toString('utf8'));
    if (clean === undefined)
      report.leftOut.push(`${path}: it is damaged, so that nobody can say what stands in it.`);
    else report.entries.push(textEntry(`recorder/${path.split('/').at(-1) ?? ''}`, clean));
  }
}

function add(report: Report, name: string, text: string): void {
  report.entries.push(textEntry(name, report.keeper.scrub(text)));
}

function textEntry(name: string, text: string): TarEntry {
  return { name, content: Buffer.from(text) };
}

/** The last `maxBytes` of a file, from the beginning of a line; undefined: it cannot be read. */
function textOf(path: string, maxBytes: number): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    const from = Math.max(0, stat.size - maxBytes);
    const bytes = Buffer.alloc(stat.size - from);
    const length = readSync(fd, bytes, 0, bytes.length, from);
    // Keys may be any bytes: one character a byte loses none of them.
    const text = bytes.subarray(0, length).toString(path.endsWith('authkeys') ? 'latin1' : 'utf8');
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function wholeFile(path: string, maxBytes: number): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.length > maxBytes ? undefined : bytes;
  } catch {
    return undefined;
  }
}

function readme({ entries, leftOut }: Report, now: Date): string {
  return `Report of heartbeat on ${hostname()}, ${now.toISOString()}

${entries.map(({ name, content }) => `${String(content.length).padStart(10)}  ${name}`).join('\n')}

Left out:
${leftOut.map((sentence) => `- ${sentence}`).join('\n')}

Keys, passwords, parameters of fencing devices, values of the environment and arguments of client programs were removed
("(removed)"), also where a log or a recording repeats them, if they have four characters or more.
"heartbeat replay recorder/FILE" plays a recording again.
`;
}
