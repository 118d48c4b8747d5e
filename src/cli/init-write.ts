/** Puts the files of `heartbeat init` in place: all of them or none, and nothing that was there is lost. */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface NewFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

export type Written =
  | { readonly ok: true; readonly backups: readonly string[] }
  /** A whole sentence. */
  | { readonly ok: false; readonly sentence: string };

/**
 * Writes the files into `folder`, which is made when it is absent. Existing ones are an error unless `force`; then a copy
 * "NAME.before-STAMP" is kept. `stamp`: digits, for the names of the copies.
 */
export function writeFiles(
  folder: string,
  files: readonly NewFile[],
  force: boolean,
  stamp: string,
): Written {
  const existing = files.filter(({ name }) => existsSync(join(folder, name))).map(({ name }) => name);
  if (existing.length > 0 && !force) {
    const names = existing.map((name) => join(folder, name)).join(', ');
    return {
      ok: false,
      sentence: `${names} ${existing.length === 1 ? 'is' : 'are'} there already, and nothing was written. Give --force to replace ${existing.length === 1 ? 'it' : 'them'}; copies are kept.`,
    };
  }
  const temporary = (name: string): string => join(folder, `.${name}.init-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, text, mode } of files) writeNew(temporary(name), text, mode);
    const backups = existing.map((name) => {
      const copy = join(folder, `${name}.before-${stamp}`);
      copyFileSync(join(folder, name), copy, constants.COPYFILE_EXCL);
      return copy;
    });
    for (const { name } of files) renameSync(temporary(name), join(folder, name));
    return { ok: true, backups };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, sentence: `${folder} cannot be written: ${reason}.` };
  } finally {
    for (const { name } of files) rmSync(temporary(name), { force: true });
  }
}

/** A secret is never readable by others, not even for a moment. */
function writeNew(path: string, text: string, mode: number): void {
  const fd = openSync(path, 'wx', mode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
