/** One disk, asked or written by a process of its own: whatever the disk does, the answer comes in time. */
import { fileURLToPath } from 'node:url';
import { runScript } from '../scripts-process.js';
import type { Posted } from './post.js';

/** Exit code of post.ts where the node has no slot. */
export const NO_SLOT = 3;

/** What one disk may take for one message; a healthy one takes milliseconds. */
export const DISK_DEADLINE_MS = 5000;

const POST_ENTRY = fileURLToPath(new URL('./post.js', import.meta.url));

export type DiskAnswer =
  | { readonly posted: Posted }
  /** A whole sentence. `certain`: nothing was written. */
  | { readonly failed: string; readonly certain: boolean; readonly noSlot?: true };

/** `args`: those of post.ts behind the device. Never rejects, and ends shortly after its deadline. */
export async function askDisk(
  path: string,
  args: readonly string[],
  deadlineMs = DISK_DEADLINE_MS,
): Promise<DiskAnswer> {
  const outcome = await runScript({
    path: process.execPath,
    args: [POST_ENTRY, path, ...args],
    environment: { LC_ALL: 'C' },
    workingDirectory: '/',
    deadlineMs: Math.min(DISK_DEADLINE_MS, deadlineMs),
  });
  for (const capture of outcome.captures) capture.close();
  const { end, stdout, stderr } = outcome;
  if (end.kind !== 'exit') return { failed: `${path} does not answer.`, certain: false };
  if (end.code !== 0) {
    const failed = stderr.trim() || `${path} cannot be used.`;
    return { failed, certain: true, ...(end.code === NO_SLOT ? { noSlot: true } : {}) };
  }
  return { posted: JSON.parse(stdout) as Posted };
}
