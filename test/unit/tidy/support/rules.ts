/** The other rules. Each takes source files and gives one sentence for each violation. */
import { lineAt, type SourceFile } from './source.js';

const PURE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/core/': [],
  'src/sim/': [],
  'src/wire/': ['node:crypto', 'node:zlib'],
};

/** Clock, chance, environment, timers, and everything that is not synchronous. */
const IMPURE =
  /\bDate\.now\b|\bnew Date\b|\bperformance\.|\bMath\.random\b|\brandom(?:Bytes|UUID|Int|FillSync)\b|\bprocess\.|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bnextTick\b|\bconsole\.|\basync\b|\bawait\b|\bPromise\b|\bfetch\(/g;

/** core, wire and sim: no clock, chance, environment, file, timer, process; nothing asynchronous. */
export function impurities(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const file of files) {
    const room = Object.keys(PURE_ROOMS).find((one) => file.path.startsWith(one));
    if (room === undefined) continue;
    for (const { specifier, lazy } of file.imports) {
      if (lazy) found.push(`${file.path}: lazy import of ${specifier}`);
      else if (!specifier.startsWith('.') && !PURE_ROOMS[room]?.includes(specifier)) {
        found.push(`${file.path}: imports ${specifier}`);
      }
    }
    for (const { 0: word, index } of file.code.matchAll(IMPURE)) {
      found.push(`${file.path}:${lineAt(file.code, index)}: ${word.trim()}`);
    }
  }
  return found;
}

/** Calls of the core's `step` in a folder; exactly one is right, so anything else is one sentence. */
export function stepCallers(files: readonly SourceFile[], folder: string): string[] {
  const calls: string[] = [];
  const inFolder = files.filter((file) => file.path.startsWith(folder));
  if (inFolder.length === 0) return [];
  for (const file of inFolder) {
    if (!file.imports.some(({ target, typeOnly }) => target === 'src/core/step.ts' && !typeOnly)) continue;
    for (const { index } of file.code.matchAll(/(?<![.\w])step\(/g)) {
      calls.push(`${file.path}:${lineAt(file.code, index)}`);
    }
  }
  return calls.length === 1 ? [] : [`${folder} calls step in ${calls.length} places: ${calls.join(', ')}`];
}

export interface LoopException {
  readonly file: string;
  readonly imports: string;
  readonly why: string;
}

/** What the loop process may have in spite of the rule, each with its reason. */
export const LOOP_EXCEPTIONS: readonly LoopException[] = [
  {
    file: 'src/daemon/loop/runner-channel.ts',
    imports: 'node:child_process',
    why: 'a runner that died is started anew by the loop: its only child',
  },
  { file: 'src/system/memory.ts', imports: 'node:fs', why: '/proc/self/maps, read once at the start' },
  {
    file: 'src/system/watchdog.ts',
    imports: 'node:fs',
    why: 'nowayout of the device, read once when it is armed',
  },
  { file: 'src/daemon/paths.ts', imports: 'node:fs', why: 'the folder of the program, found at the start' },
];

const BLOCKING = /^node:(child_process|fs|fs\/promises|worker_threads|dns|dns\/promises)$/;

/** Files and children in the loop process: its entry and everything that it loads. */
export function loopBlockers(
  files: readonly SourceFile[],
  entry: string,
  exceptions: readonly LoopException[],
): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found: string[] = [];
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const { target, typeOnly, lazy } of byPath.get(path)?.imports ?? []) {
      if (typeOnly) continue;
      if (target.startsWith('src/')) {
        if (!lazy) seen.add(target);
      } else if (
        BLOCKING.test(target) &&
        !exceptions.some((one) => one.file === path && one.imports === target)
      ) {
        found.push(`${path}: the loop process loads ${target}`);
      }
    }
  }
  if (!byPath.has(entry)) found.push(`${entry}: not there`);
  return found;
}

/** Of the program, only src/system calls the kernel through FFI. */
export function foreignCalls(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => file.path.startsWith('src/') && !file.path.startsWith('src/system/'))
    .filter((file) => file.imports.some(({ target }) => target === 'koffi'))
    .map((file) => `${file.path}: imports koffi`);
}

/** Files of this many lines or more are too long. */
export const LINES_MAX = 500;

export function longFiles(files: readonly SourceFile[]): string[] {
  return files
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines >= LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

const LEFT_FOR_LATER = new RegExp(
  `\\b(?:${['TO', 'FIX'].map((start, at) => `${start}${at === 0 ? 'DO' : 'ME'}`).join('|')})\\b`,
  'g',
);
const ANY_TYPE = /\bas any\b|:\s*any\b(?=\s*(?:[;=)\]|&]|$))/gm;

/** Work left for later, and `any`. */
export function leftovers(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [
    ...[...file.text.matchAll(LEFT_FOR_LATER)].map(
      ({ 0: word, index }) => `${file.path}:${lineAt(file.text, index)}: ${word}`,
    ),
    ...[...file.code.matchAll(ANY_TYPE)].map(({ index }) => `${file.path}:${lineAt(file.code, index)}: any`),
  ]);
}

/** Durations whose name does not say in what they are counted. */
const UNNAMED_UNIT =
  /\b(?:readonly\s+)?(\w*(?:[tT]imeout|[dD]elay|[iI]nterval|[dD]eadline|[lL]ifetime|[dD]eadtime|[kK]eepalive|[eE]lapsed))\??:\s*number\b/g;

export function unitlessNumbers(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    [...file.code.matchAll(UNNAMED_UNIT)].map(
      ({ 1: name, index }) => `${file.path}:${lineAt(file.code, index)}: ${name} has no unit in its name`,
    ),
  );
}

/** Paths that hold on one machine only: the checkout's own and home folders. */
export function machinePaths(
  files: readonly { readonly path: string; readonly text: string }[],
  checkout: string,
): string[] {
  const found: string[] = [];
  for (const { path, text } of files) {
    for (const [at, line] of text.split('\n').entries()) {
      if (line.includes(`${checkout}/`) || /\/(?:home|Users)\/[a-z]/.test(line)) {
        found.push(`${path}:${at + 1}: ${line.trim().slice(0, 100)}`);
      }
    }
  }
  return found;
}
