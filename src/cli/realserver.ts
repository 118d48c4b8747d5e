/** `heartbeat realserver start|stop|status ADDRESS...`: the resource script of that name, by hand. */
import { spawnSync } from 'node:child_process';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';

const VERBS = ['start', 'stop', 'status'];
const USAGE = `usage: heartbeat realserver start|stop|status ADDRESS...
  start   each address on lo, quiet in ARP (arp_ignore, arp_announce), for a director that forwards to this machine
  stop    all as it was before
  status  exit status 0: it is so, 3: it is not`;
const DEADLINE_MS = 60_000;

/** Returns the exit code of the script. */
export async function runRealserver(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const [verb = '', ...addresses] = argv;
  if (!VERBS.includes(verb) || addresses.length === 0) {
    output.err(USAGE);
    return EXIT.usage;
  }
  const wrong = addresses.find((address) => isIP(address.replace(/\/\d+$/, '')) === 0);
  if (wrong !== undefined) {
    output.err(`heartbeat realserver: "${wrong}" is not an IP address: write for example 192.0.2.10.`);
    return EXIT.usage;
  }
  if (verb !== 'status' && process.geteuid?.() !== 0) {
    output.err(`heartbeat realserver: only root can ${verb} it (it sets addresses). Use sudo or su.`);
    return EXIT.other;
  }
  const script = join(paths.programDir, 'resource.d', 'realserver');
  const run = spawnSync(script, [...addresses, verb], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, HA_RUN_DIR: paths.runDir },
    timeout: DEADLINE_MS,
  });
  if (run.error === undefined) return run.status ?? EXIT.other;
  output.err(`heartbeat realserver: ${script} could not be run: ${run.error.message}`);
  return EXIT.other;
}
