/** Source files as the tidy rules see them: text with and without comments and strings, and what they import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { repositoryRoot } from '../../../support/root.js';

export interface Import {
  /** As written, e.g. `node:fs` or `../wire/message.js`. */
  readonly specifier: string;
  /** Path of the imported source from the top folder (`src/wire/message.ts`), or the package's name. */
  readonly target: string;
  /** Erased by the compiler: `import type`, or nothing but `type` names. */
  readonly typeOnly: boolean;
  /** `import('...')` */
  readonly lazy: boolean;
}

export interface SourceFile {
  /** From the top folder, e.g. `src/core/step.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings replaced by blanks; lines stay where they are. */
  readonly code: string;
  readonly imports: readonly Import[];
}

// A regular expression literal is not told apart: the rules look for words that none contains.
const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;
const STATIC_IMPORT =
  /^(?:import|export)\s+(?!const|function|class|interface|async)([^;]*?)\s*from\s+'([^']+)'/gm;
const BARE_IMPORT = /^import\s+'([^']+)'/gm;
const LAZY_IMPORT = /\bimport\('([^']+)'\)(?!\.)/g;

/** Makes a source file of a text, as if it stood at this path. */
export function sourceFile(path: string, text: string): SourceFile {
  const code = text.replace(COMMENT_OR_STRING, (found) => found.replace(/[^\n]/g, ' '));
  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, lazy: boolean): void => {
    const target = specifier.startsWith('.')
      ? normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts')
      : specifier;
    imports.push({ specifier, target, typeOnly, lazy });
  };
  for (const [, names = '', specifier = ''] of text.matchAll(STATIC_IMPORT)) {
    const braced = /^\{([^}]*)\}$/.exec(names.trim())?.[1]?.split(',') ?? [];
    const listed = braced.map((name) => name.trim()).filter((name) => name !== '');
    const allTypes = listed.length > 0 && listed.every((name) => name.startsWith('type '));
    add(specifier, names.startsWith('type ') || allTypes, false);
  }
  for (const [, specifier = ''] of text.matchAll(BARE_IMPORT)) add(specifier, false, false);
  for (const [, specifier = ''] of text.matchAll(LAZY_IMPORT)) add(specifier, false, true);
  return { path, text, code, imports };
}

/** All TypeScript sources below a folder of the project; none when there is no such folder. */
export function projectSources(...folders: readonly string[]): SourceFile[] {
  return projectTexts(...folders)
    .filter(({ path }) => path.endsWith('.ts'))
    .map(({ path, text }) => sourceFile(path, text));
}

/** All files below folders of the project (or single files), fixtures left out. */
export function projectTexts(...places: readonly string[]): { path: string; text: string }[] {
  const root = repositoryRoot();
  const found: { path: string; text: string }[] = [];
  const visit = (path: string): void => {
    let names: string[];
    try {
      names = readdirSync(join(root, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') return;
      found.push({ path, text: readFileSync(join(root, path), 'utf8') });
      return;
    }
    for (const name of names) if (name !== 'fixtures') visit(join(path, name));
  };
  for (const place of places) visit(place);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Number of the line that an offset lies in, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
