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
}

/** Looks at every resource, one after the other. Never rejects. */
export async function examineResources(config: ClusterConfig, paths: Paths): Promise<ExaminedResource[]> {
  const environment = scriptEnvironment(config, paths, process.env, {});
  const found: ExaminedResource[] = [];
  for (const { key, line, resources } of config.groups) {
    for (const resource of resources) {
      found.push({ group: key, line, ...(await examineResource(resource, paths, environment)) });
    }
  }
  return found;
}

/** One line for each resource, its kind behind it. */
export function resourceLines(examined: readonly ExaminedResource[]): string[] {
  if (examined.length === 0) return [];
  const width = Math.max(...examined.map(({ word }) => word.length));
  return ['Resources:', ...examined.map(({ word, meaning }) => `  ${word.padEnd(width)}  ${meaning}`)];
}

/** Warnings: parameters that an agent does not take. What is not there at all has been said by the parser. */
export function resourceDiagnostics(
  examined: readonly ExaminedResource[],
  haresourcesFile: string,
): Diagnostic[] {
  return examined.flatMap(({ line, kind, word, problems }) =>
    problems.map((problem): Diagnostic => {
      const code = kind === undefined ? 'resource-absent' : 'resource-parameters';
      return {
        file: haresourcesFile,
        line,
        column: 0,
        severity: 'warning',
        code,
        message: `${word}: ${problem}`,
      };
    }),
  );
}
