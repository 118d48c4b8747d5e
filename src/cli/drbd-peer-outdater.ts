/**
 * `drbd-peer-outdater`: the handler fence-peer of DRBD. Arguments and exit codes as the original's: 3 inconsistent, 4
 * outdated, 5 unreachable or no answer in time, 6 primary, 20 the peer could not do it, 1 wrong usage.
 */
import { parseArgs } from 'node:util';
import { askOutdater, outdaterSocketPath } from '../daemon/drbd/socket.js';
import type { Paths } from '../daemon/paths.js';
import type { Output } from './output.js';

const DEFAULT_TIMEOUT_S = 60;
const WRONG_USAGE = 1;

const USAGE = `usage: drbd-peer-outdater [-p PEER] [-r RESOURCE] [-t SECONDS]
  -p PEER      node whose copy is to be marked as old; else $DRBD_PEER
  -r RESOURCE  name of the DRBD resource; else $DRBD_RESOURCE
  -t SECONDS   how long an answer is waited for (${DEFAULT_TIMEOUT_S})
In drbd.conf: handlers { fence-peer "/usr/lib/heartbeat/drbd-peer-outdater -t 5"; }`;

/** Runs the command; returns the exit code that DRBD wants. */
export async function runPeerOutdater(
  argv: readonly string[],
  paths: Paths,
  output: Output,
): Promise<number> {
  const call = readCall(argv);
  if (call === 'help') {
    output.out(USAGE);
    return 0;
  }
  if (typeof call === 'string') {
    output.err(`drbd-peer-outdater: ${call}`);
    output.err(USAGE);
    return WRONG_USAGE;
  }
  return await askOutdater(outdaterSocketPath(paths), call.peer, call.resource, call.timeoutMs);
}

interface Call {
  readonly peer: string;
  readonly resource: string;
  readonly timeoutMs: number;
}

function readCall(argv: readonly string[]): Call | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        peer: { type: 'string', short: 'p' },
        resource: { type: 'string', short: 'r' },
        timeout: { type: 'string', short: 't' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return 'help';
    const peer = values.peer ?? process.env.DRBD_PEER ?? '';
    const resource = values.resource ?? process.env.DRBD_RESOURCE ?? '';
    if (peer === '' || resource === '') return 'name the peer and the resource.';
    const timeoutS = Number(values.timeout ?? DEFAULT_TIMEOUT_S);
    if (!Number.isInteger(timeoutS) || timeoutS < 1 || timeoutS > 86_400)
      return 'the timeout is a whole number of seconds.';
    return { peer, resource, timeoutMs: timeoutS * 1000 };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
