/** Directors that are resources show what they see in a file beside their pid file: for `heartbeat status`. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectorSnapshot } from '../../core/director/snapshot.js';

export const SNAPSHOT_SUFFIX = '.shown.json';
/** A picture that was not renewed for so long is of a director that is gone. */
const STALE_MS = 10_000;

/** All pictures of RUN_DIR/directors that are fresh, and the one of the daemon's own director; undefined: there is none. */
export function allDirectors(
  runDir: string,
  own: DirectorSnapshot | undefined,
  nowWallMs: number,
): DirectorSnapshot | undefined {
  const others = namesIn(join(runDir, 'directors')).flatMap((path) => readPicture(path, nowWallMs) ?? []);
  const [first, ...rest] = own === undefined ? others : [own, ...others];
  if (first === undefined) return undefined;
  return {
    problem: first.problem ?? rest.find(({ problem }) => problem !== null)?.problem ?? null,
    repairs: rest.reduce((sum, { repairs }) => sum + repairs, first.repairs),
    services: [first, ...rest].flatMap(({ services }) => services),
    sync: first.sync,
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(SNAPSHOT_SUFFIX))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function readPicture(path: string, nowWallMs: number): DirectorSnapshot | undefined {
  try {
    if (nowWallMs - statSync(path).mtimeMs > STALE_MS) return undefined;
    return JSON.parse(readFileSync(path, 'utf8')) as DirectorSnapshot;
  } catch {
    return undefined;
  }
}
