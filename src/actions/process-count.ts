/** How many processes match a vrrp_track_process block. Reads /proc: for the runner. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { VrrpTrackProcess } from '../config/vrrp-types.js';

/** Threads of the kernel and processes that go away meanwhile do not count. */
export function countProcesses(wanted: VrrpTrackProcess, procDir = '/proc'): number {
  let count = 0;
  for (const entry of readdirSync(procDir)) {
    if (!/^\d+$/.test(entry)) continue;
    let commandLine: string;
    try {
      commandLine = readFileSync(`${procDir}/${entry}/cmdline`, 'latin1');
    } catch {
      continue;
    }
    if (commandLine !== '' && matches(wanted, commandLine.replace(/\0$/, '').split('\0'))) count += 1;
  }
  return count;
}

function matches(wanted: VrrpTrackProcess, words: readonly string[]): boolean {
  const [program = '', ...parameters] = wanted.words;
  const [runs = '', ...given] = words;
  const same = program.includes('/') ? runs === program : basename(runs) === program;
  if (!same) return false;
  switch (wanted.fullCommand ? 'exact' : wanted.parameterMatch) {
    case 'none':
      return true;
    case 'exact':
      return parameters.join('\0') === given.join('\0');
    case 'initial':
      return parameters.every((word, i) => given[i] === word);
    case 'partial':
      return parameters.every((word, i) => (given[i] ?? '').startsWith(word));
  }
}
