/** Processes that carry a mark in their environment: what a test file started, wherever it went. */
import { readdirSync, readFileSync } from 'node:fs';

/** The variable that holds the mark. */
export const MARK_VARIABLE = 'HEARTBEAT_TEST_FILE';

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/** All processes with this mark, ourselves and zombies left out. */
export function markedProcesses(mark: string): MarkedProcess[] {
  const wanted = `${MARK_VARIABLE}=${mark}`;
  const found: MarkedProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0').includes(wanted)) continue;
      const command = readFileSync(`/proc/${entry}/cmdline`, 'latin1').split('\0').join(' ').trim();
      found.push({ pid, command });
    } catch {
      // It ended while we looked, or it is not ours.
    }
  }
  return found;
}

/** Ends all processes with this mark; those that are started meanwhile too. Gives the commands of those found first. */
export function endMarked(mark: string): string[] {
  const first = markedProcesses(mark);
  for (let round = 0, left = first; round < 10 && left.length > 0; round += 1, left = markedProcesses(mark)) {
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  }
  return first.map((one) => `${one.pid} ${one.command.slice(0, 120)}`);
}
