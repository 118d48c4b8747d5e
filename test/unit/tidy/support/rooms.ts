/** Who may import whom: the rooms of the house. */
import type { SourceFile } from './source.js';

interface Room {
  /** Rooms whose code may be used. */
  readonly code: readonly string[];
  /** Rooms of which only types may be used. */
  readonly types: readonly string[];
}

/** One row for each folder of src/. A folder without a row is a mistake. */
export const ROOMS: Readonly<Record<string, Room>> = {
  errors: { code: [], types: [] },
  config: { code: ['errors'], types: [] },
  wire: { code: ['errors'], types: ['config'] },
  core: { code: ['errors', 'wire'], types: ['config'] },
  sim: { code: ['errors', 'wire', 'config', 'core'], types: [] },
  system: { code: ['errors'], types: [] },
  log: { code: ['errors', 'system'], types: ['config', 'core'] },
  links: { code: ['errors', 'wire', 'system'], types: ['config'] },
  actions: { code: ['errors', 'wire', 'system', 'log'], types: ['config', 'core'] },
  daemon: { code: ['errors', 'config', 'wire', 'core', 'system', 'log', 'links', 'actions'], types: [] },
  front: { code: ['errors', 'log', 'daemon'], types: ['config', 'core'] },
  cli: { code: ['errors', 'config', 'wire', 'log', 'daemon', 'sim'], types: ['core'] },
  manual: { code: ['config', 'cli'], types: [] },
};

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** Imports that go against the direction. */
export function wrongDirections(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const file of files) {
    const own = roomOf(file.path);
    const room = ROOMS[own];
    if (room === undefined) {
      if (file.path !== 'src/main.ts') found.push(`${file.path}: there is no rule for the folder ${own}`);
      continue;
    }
    for (const { target, typeOnly } of file.imports) {
      if (!target.startsWith('src/')) continue;
      const other = roomOf(target);
      if (other === own || room.code.includes(other) || (typeOnly && room.types.includes(other))) continue;
      found.push(`${file.path}: ${own} may not import ${typeOnly ? 'types' : 'code'} of ${target}`);
    }
  }
  return found;
}
