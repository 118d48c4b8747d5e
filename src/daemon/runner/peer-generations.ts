/** Stores the highest generation heard of each peer; several changes within a second are one write. */
import { readPeerGenerations, writePeerGenerations } from './state-files.js';

const WRITE_DELAY_MS = 1000;

export interface PeerGenerations {
  note(node: string, generation: number): void;
  /** Writes what is still pending. */
  flush(): void;
}

/** `onTrouble` gets the sentence when the disk does not take it; the number stays in memory and is tried again. */
export function createPeerGenerations(
  stateDir: string,
  onTrouble: (sentence: string) => void,
): PeerGenerations {
  const known = readPeerGenerations(stateDir);
  let timer: NodeJS.Timeout | undefined;
  const write = (): void => {
    timer = undefined;
    try {
      writePeerGenerations(stateDir, known);
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    note(node, generation) {
      if ((known[node] ?? -1) >= generation) return;
      known[node] = generation;
      timer ??= setTimeout(write, WRITE_DELAY_MS);
    },
    flush() {
      if (timer === undefined) return;
      clearTimeout(timer);
      write();
    },
  };
}
