/**
 * Takes the output of a script in a file in memory instead of a pipe. A daemon that the script leaves behind may
 * keep its standard output for ever: nobody waits for it, it never gets SIGPIPE (not even when the runner dies),
 * and `echo >/dev/stderr` works in scripts, which it does not on a socket.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Most that is read back of one script's output. */
export const MAX_OUTPUT_BYTES = 64 * 1024;
/** A daemon that goes on printing is cut back to nothing at this size. */
const MAX_KEPT_BYTES = 1024 * 1024;
const MAX_KEPT_FILES = 512;

export interface Capture {
  readonly fd: number;
  /** The first 64 KiB (or `maxBytes`) so far; bytes that are no UTF-8 are read as Latin-1. `omittedBytes` were not read. */
  text(maxBytes?: number): { readonly text: string; readonly omittedBytes: number };
  close(): void;
}

/** Opens a capture. Throws when neither memory nor the temporary folder can hold a file. */
export async function openCapture(): Promise<Capture> {
  const fd = await openNamelessFile();
  return {
    fd,
    text(maxBytes = MAX_OUTPUT_BYTES) {
      const size = fstatSync(fd).size;
      const buffer = Buffer.alloc(Math.min(size, maxBytes));
      const read = readSync(fd, buffer, 0, buffer.length, 0);
      return { text: decode(buffer.subarray(0, read)), omittedBytes: size - read };
    },
    close: () => closeSync(fd),
  };
}

/** A file with this text that is read from its beginning. Throws as openCapture does. */
export async function openInput(text: string): Promise<Capture> {
  const input = await openCapture();
  // Written at a position: the place where the reader begins stays the beginning.
  writeSync(input.fd, text, 0);
  return input;
}

async function openNamelessFile(): Promise<number> {
  try {
    const { openMemoryFile } = await import('../system/memfd.js');
    return openMemoryFile('heartbeat-script');
  } catch {
    const folder = mkdtempSync(join(tmpdir(), 'heartbeat-'));
    try {
      return openSync(join(folder, 'output'), 'a+', 0o600);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Bytes as text: UTF-8 where they are, else one character per byte (Latin-1). */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

export interface CaptureKeeper {
  /** Keeps the capture of a finished start; one kept before under the same name is closed. */
  keep(name: string, capture: Capture): void;
  /** Closes what is kept under this name. */
  drop(name: string): void;
  /** Cuts those that have grown beyond 1 MiB. */
  trim(): void;
}

/** Watches the captures that daemons started by scripts may still write to, so that they do not fill the memory. */
export function createCaptureKeeper(): CaptureKeeper {
  const kept = new Map<string, Capture>();
  const drop = (name: string): void => {
    kept.get(name)?.close();
    kept.delete(name);
  };
  return {
    keep(name, capture) {
      drop(name);
      if (kept.size >= MAX_KEPT_FILES) {
        const oldest = kept.keys().next();
        if (oldest.done !== true) drop(oldest.value);
      }
      kept.set(name, capture);
    },
    drop,
    trim() {
      for (const capture of kept.values()) {
        if (fstatSync(capture.fd).size > MAX_KEPT_BYTES) ftruncateSync(capture.fd, 0);
      }
    },
  };
}
