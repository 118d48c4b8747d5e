/**
 * The runner's side of the flight recorder: one file for each segment in the state directory's folder `recorder`,
 * bounded together in size and age. Lines are appended whole; what a crash cuts off is the last line only.
 */
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { ClusterConfig } from '../../config/types.js';
import type { Recorded, SegmentHead } from '../recorder/format.js';
import { imageWithoutSecrets } from '../recorder/image.js';

export interface RecorderLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** The bounds of a configuration. */
export function recorderLimits({ settings }: ClusterConfig): RecorderLimits {
  return {
    maxBytes: (settings.recorderMegabytes ?? 100) * 1_000_000,
    maxAgeMs: settings.recorderAgeMs ?? 2 * 86_400_000,
  };
}

export interface Recorder {
  begin(head: SegmentHead): void;
  add(inputs: readonly Recorded[]): void;
  close(): void;
}

const FILE = /^\d{15}\.jsonl$/;
/** A disk that does not keep up must not eat the runner's memory. */
const PENDING_MAX_BYTES = 8 * 1024 * 1024;

/** @param problem told once for each file that cannot be written, a whole sentence */
export function createRecorder(
  stateDir: string,
  limits: () => RecorderLimits,
  problem: (sentence: string) => void,
): Recorder {
  const folder = join(stateDir, 'recorder');
  let stream: WriteStream | undefined;
  const close = (): void => {
    stream?.end();
    stream = undefined;
  };
  const fail = (path: string, error: unknown): void => {
    stream?.destroy();
    stream = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    problem(`The flight recorder cannot write ${path}: ${reason}. It tries again with its next file.`);
  };
  return {
    begin(head) {
      close();
      let first = '';
      const path = join(folder, `${String(head.wallMs).padStart(15, '0')}.jsonl`);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        removeOld(folder, limits(), head.wallMs);
        first = `${JSON.stringify({ ...head, image: imageWithoutSecrets(head.image) })}\n`;
      } catch (error) {
        fail(path, error);
        return;
      }
      const opened = createWriteStream(path, { mode: 0o600 });
      opened.on('error', (error) => {
        if (stream === opened) fail(path, error);
      });
      opened.write(first);
      stream = opened;
    },
    add(inputs) {
      if (stream === undefined) return;
      if (stream.writableLength > PENDING_MAX_BYTES) {
        fail(String(stream.path), new Error('the disk is too slow'));
        return;
      }
      stream.write(`${inputs.map((input) => JSON.stringify(input)).join('\n')}\n`);
    },
    close,
  };
}

/** Files of the recorder, the oldest first. */
export function recorderFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => FILE.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Removes files that are too old, and the oldest while all together are too large. */
function removeOld(folder: string, { maxBytes, maxAgeMs }: RecorderLimits, nowMs: number): void {
  let total = 0;
  for (const path of recorderFiles(folder).reverse()) {
    const { size, mtimeMs } = statSync(path);
    total += size;
    if (total > maxBytes || nowMs - mtimeMs > maxAgeMs) rmSync(path, { force: true });
  }
}
