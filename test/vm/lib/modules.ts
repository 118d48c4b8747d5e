/** Kernel modules with what they depend on, in the order in which they can be loaded. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const nameOf = (path: string): string => basename(path).replace(/\.ko$/, '').replaceAll('-', '_');

/** What a module asks the kernel for when it is loaded, without a word in its own `depends=`. */
const SOFT_DEPENDENCIES: Readonly<Record<string, readonly string[]>> = { libcrc32c: ['crc32c_generic'] };

/** The `depends=` line of a module's .modinfo section. */
function dependencies(file: Buffer): string[] {
  const at = file.indexOf('\0depends=');
  if (at < 0) return [];
  const end = file.indexOf(0, at + 1);
  const list = file.subarray(at + '\0depends='.length, end).toString('latin1');
  return list.split(',').filter((name) => name !== '');
}

export class ModuleTree {
  readonly #paths = new Map<string, string>();
  readonly #builtin: ReadonlySet<string>;

  /** `folder`: .../lib/modules/VERSION of an unpacked kernel package. */
  constructor(folder: string) {
    for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (entry.endsWith('.ko')) this.#paths.set(nameOf(entry), join(folder, entry));
    }
    const builtin = readFileSync(join(folder, 'modules.builtin'), 'utf8').split('\n');
    this.#builtin = new Set(builtin.map(nameOf));
  }

  /** Files to load one after the other. Throws a sentence about a module that the kernel does not have. */
  inOrder(names: readonly string[]): { readonly name: string; readonly file: Buffer }[] {
    const loaded = new Map<string, Buffer>();
    const visit = (wanted: string): void => {
      const name = nameOf(wanted);
      if (loaded.has(name) || this.#builtin.has(name)) return;
      const path = this.#paths.get(name);
      if (path === undefined) throw new Error(`this kernel has no module ${wanted}`);
      const file = readFileSync(path);
      for (const needed of [...dependencies(file), ...(SOFT_DEPENDENCIES[name] ?? [])]) visit(needed);
      loaded.set(name, file);
    };
    for (const name of names) visit(name);
    return [...loaded].map(([name, file]) => ({ name, file }));
  }
}
