/** The words of haresources on this machine: what `heartbeat check` prints, and what the daemon warns of at its start. */
import { type Examined, examineResource } from '../actions/agents/examine.js';
import { scriptEnvironment } from '../actions/scripts-environment.js';
import type { ClusterConfig, Diagnostic } from '../config/types.js';
import type { Paths } from './paths.js';

export interface ExaminedResource extends Examined {
  /** Key of its group. */
  readonly group: string;
  /** 1-based line in haresources. */
  readonly line: number;
  /** A stop of it may last longer than stop_deadline, with which everything else reckons. */
  readonly stopsLate?: string;
}

/** Looks at every resource, one after the other. Never rejects. */
export async function examineResources(config: ClusterConfig, paths: Paths): Promise<ExaminedResource[]> {
  const environment = scriptEnvironment(config, paths, process.env, {});
  const found: ExaminedResource[] = [];
  for (const { key, line, resources } of config.groups) {
    for (const resource of resources) {
      const examined = await examineResource(resource, paths, environment);
      const stopsLate = lateStop(config, examined);
      found.push({ group: key, line, ...examined, ...(stopsLate === undefined ? {} : { stopsLate }) });
    }
  }
  return found;
}

function lateStop({ settings }: ClusterConfig, { advisedStopMs = 0 }: Examined): string | undefined {
  const isWritten = settings.writtenDeadlines?.includes('stop') === true;
  if (isWritten || advisedStopMs <= settings.stopDeadlineMs) return undefined;
  const wanted = advisedStopMs / 1000;
  return `Its agent wants ${wanted} s for a stop, the lease reckons with ${settings.stopDeadlineMs / 1000} s: write stop_deadline = ${wanted} into [resources] of heartbeat.ini.`;
}

/** One line for each resource, its kind behind it. */
export function resourceLines(examined: readonly ExaminedResource[]): string[] {
  if (examined.length === 0) return [];
  const width = Math.max(...examined.map(({ word }) => word.length));
  return ['Resources:', ...examined.map(({ word, meaning }) => `  ${word.padEnd(width)}  ${meaning}`)];
}

/** Warnings: what is not there, and parameters that an agent does not take. */
export function resourceDiagnostics(
  examined: readonly ExaminedResource[],
  haresourcesFile: string,
): Diagnostic[] {
  return examined.flatMap(({ line, kind, word, problems, stopsLate }) =>
    [...problems, ...(stopsLate === undefined ? [] : [stopsLate])].map((problem): Diagnostic => {
      const code = kind === undefined ? 'script-missing' : 'resource-agent';
      const message = `${word}: ${problem}`;
      return { file: haresourcesFile, line, column: 0, severity: 'warning', code, message };
    }),
  );
}
