/** Reads keepalived.conf from the disk of this machine. */
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Machine } from '../machine-facts.js';
import { Problems, WHOLE_FILE } from '../problems.js';
import type { ScriptFacts } from './commands.js';
import { type ParsedKeepalived, parseKeepalived } from './parse.js';
import type { IncludedFile } from './reader.js';

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * The configuration of `file`; an absent or unreadable file is an error among the diagnostics. Never throws.
 * `elsewhere`: it is for another machine, so that its programs are not looked for on this one.
 */
export function loadKeepalived(
  file: string,
  machine: Machine,
  configId?: string,
  elsewhere = false,
): ParsedKeepalived {
  const text = readText(file);
  if (typeof text !== 'string') {
    const problems = new Problems(file);
    problems.error(
      WHOLE_FILE,
      'file-unreadable',
      `${file} cannot be read: ${text.reason}.`,
      'Name another with -f.',
    );
    return { config: undefined, diagnostics: problems.list };
  }
  return parseKeepalived(file, text, {
    machine,
    hostname: elsewhere ? machine.hostname : hostname(),
    ...(configId === undefined ? {} : { configId }),
    include: findIncluded,
    ...(elsewhere ? {} : { scriptFacts: SCRIPT_FACTS }),
  });
}

function readText(file: string): string | { readonly reason: string } {
  try {
    const status = statSync(file);
    if (status.isDirectory()) return { reason: 'it is a folder' };
    if (status.size > MAX_FILE_BYTES) return { reason: 'it is larger than 16 MB' };
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { reason: code === 'ENOENT' ? 'there is no such file' : code };
  }
}

/** Paths that a pattern with `*`, `?` or `[...]` in its last part stands for, sorted. */
function matching(pattern: string): string[] {
  const source = basename(pattern).replaceAll(/[.+^${}()|\\]/g, '\\$&');
  const expression = new RegExp(`^${source.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
  const folder = dirname(pattern);
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && expression.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** As the original: folders and executable files are no configuration. */
function findIncluded(pattern: string, from: string): IncludedFile[] {
  const whole = resolve(dirname(from), pattern);
  const paths = /[*?[]/.test(pattern) ? matching(whole) : [whole];
  return paths.flatMap((path) => {
    try {
      const status = statSync(path);
      if (status.isDirectory() || (status.mode & 0o111) !== 0) return [];
    } catch {
      return [];
    }
    const text = readText(path);
    return typeof text === 'string' ? [{ path, text }] : [];
  });
}

const SCRIPT_FACTS: ScriptFacts = {
  of(program) {
    try {
      accessSync(program, constants.F_OK);
    } catch {
      return { state: 'absent' };
    }
    try {
      accessSync(program, constants.X_OK);
    } catch {
      return { state: 'not-executable' };
    }
    for (let path = program; ; path = dirname(path)) {
      const status = statSync(path);
      if (status.uid !== 0) return { state: 'insecure', why: `${path} belongs to user ${status.uid}` };
      const sticky = (status.mode & 0o1000) !== 0 && path !== program;
      if ((status.mode & 0o022) !== 0 && !sticky)
        return { state: 'insecure', why: `${path} has mode ${(status.mode & 0o7777).toString(8)}` };
      if (path === '/') return { state: 'fine' };
    }
  },
};
