/** Processor time and memory of a node's processes, from /proc. */
import { readFileSync } from 'node:fs';
import type { LabNode } from '../../lab/lib/index.js';

const TICKS_PER_S = 100;

function read(node: LabNode, pid: number, name: string): string {
  return readFileSync(`/proc/${node.pid}/root/proc/${pid}/${name}`, 'utf8');
}

/** Processor time of these processes and of their ended children so far, in ms. */
export function processorMs(node: LabNode, pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = read(node, pid, 'stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime, stime, cutime, cstime: fields 14 to 17 of proc(5).
    ticks += [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  }
  return (ticks * 1000) / TICKS_PER_S;
}

export interface Memory {
  /** Proportional set size and private dirty pages, in MB of 1,000,000 bytes. */
  readonly pssMb: number;
  readonly privateDirtyMb: number;
}

/** Memory of these processes together. */
export function memoryOf(node: LabNode, pids: readonly number[]): Memory {
  let pss = 0;
  let dirty = 0;
  for (const pid of pids) {
    const text = read(node, pid, 'smaps_rollup');
    pss += Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
    dirty += Number(/^Private_Dirty:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
  }
  return { pssMb: (pss * 1024) / 1e6, privateDirtyMb: (dirty * 1024) / 1e6 };
}
