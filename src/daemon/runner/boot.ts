/** Prepares the boot message of a run. */
import { randomBytes, randomInt } from 'node:crypto';
import type { AuthKeys, ClusterConfig } from '../../config/types.js';
import type { Boot } from '../mailbox.js';
import { readFencingRecord } from './fencing-record.js';
import { nextGeneration, nodeUuid, readMaintenance, readPeerGenerations } from './state-files.js';

export interface BootParts {
  readonly config: ClusterConfig;
  readonly authKeys: AuthKeys;
  readonly program: string;
  readonly stateDir: string;
  /** False with -l. */
  readonly realtime: boolean;
  readonly nowS: number;
}

/** The boot message of a new run: its generation is on the disk when this returns. Throws StateFileError. */
export function freshBoot(parts: BootParts): Boot {
  const { config, stateDir } = parts;
  return {
    config,
    authKeys: parts.authKeys,
    program: parts.program,
    uuid: nodeUuid(stateDir),
    generation: nextGeneration(stateDir, config.generationMethod, parts.nowS),
    nonce: randomBytes(8).toString('hex'),
    seed: randomInt(2 ** 32),
    peerGenerations: readPeerGenerations(stateDir),
    fencingRecord: readFencingRecord(stateDir),
    maintenanceEpoch: readMaintenance(stateDir),
    realtime: parts.realtime && config.realtime,
    runnerPid: process.pid,
  };
}
