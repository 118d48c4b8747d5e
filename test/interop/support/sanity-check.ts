/**
 * BasicSanityCheck of the original's package in a machine of its own, with either daemon behind its paths
 * (heartbeat-admin.md 5.7). As packaged it looks for helpers where Debian does not put them: here they are found.
 */
import { join } from 'node:path';
import { createLab } from '../../lab/lib/index.js';
import { repositoryRoot } from '../../support/root.js';
import type { Kind } from './machines.js';
import { furnish, furnishRun, ORIGINAL } from './original-node.js';

export interface SanityCheck {
  /** What it printed. */
  readonly output: string;
  /** The log that it left. */
  readonly log: string;
}

const SCRIPT = '/usr/share/heartbeat/BasicSanityCheck';
const LIMIT_MS = 12 * 60_000;

/** Runs it to its end and gives what it printed. */
export async function runSanityCheck(kind: Kind): Promise<SanityCheck> {
  const lab = await createLab({ nodes: ['sane'], links: ['eth0'] });
  const node = lab.node('sane');
  try {
    await furnish(node);
    await furnishRun(node);
    const prepare = [
      'mkdir -p /root/hblib && cp -a /usr/libexec/heartbeat/. /usr/lib/heartbeat/. /root/hblib/',
      'mount --bind /root/hblib /usr/lib/heartbeat',
      'ip route add default via 10.77.0.241',
    ];
    if (kind === 'ours') {
      const bin = join(repositoryRoot(), 'bin', 'heartbeat');
      await node.write('/root/daemon', `#!/bin/sh\nexec ${bin} "$@"\n`, 0o755);
      prepare.push(`mount --bind /root/daemon ${ORIGINAL}`);
    }
    await node.run(['sh', '-c', prepare.join(' && ')]);
    const { stdout, stderr } = await node.exec(['sh', SCRIPT], { timeoutMs: LIMIT_MS });
    const log = await node.read('/tmp/linux-ha.testlog').catch(() => '');
    return { output: `${stdout}${stderr}`, log };
  } finally {
    await lab.destroy();
  }
}

/** What the check says when a part of it fails, in its order; the parts that look at the daemon. */
const COMPLAINTS: readonly (readonly [part: string, complaint: RegExp])[] = [
  ['hbstatus is non-zero before the start', /shows heartbeat running$/m],
  ['the init script says running after the start', /Heartbeat did not start/],
  ['hbstatus is zero within 35 s', /shows heartbeat not running/],
  ['nodestatus of the machine itself', /status of \[sane\] as dead/],
  ['nodestatus of the ping node', /status of \[127\.0\.0\.1\] as dead/],
  ['nodestatus of the ping group', /status of \[pingus_please\] as dead/],
  ['the log tells the death of the other node', /noticed .* was dead/],
  ['nodestatus of the dead node is non-zero', /status as alive/],
  ['the dead node is fenced', /STONITHed/],
  ['the address is taken over', /took over the IP address/],
  ['the log tells of ARP', /we ARPed the address/],
  ['rscstatus becomes all', /shows resource status as|rscstatus failed/],
  ['IPaddr status and monitor', /monitor operation failed/],
  ['reload exits 0', /reload operation returned/],
  ['reload of ha.cf restarts the daemon', /did a restart exec/],
  ['each reload is said in the log', /reread config files exactly twice/],
  ['reload of authkeys does not restart it', /did an extra exec/],
  ['stop exits 0', /stop operation returned/],
  ['the daemon is stopped then', /did not really stop/],
  ['the address is gone then', /IP address is still live/],
  [
    'stonith -h, list and reset of the null device',
    /NULL reset failed|STONITH.* failed|too short|list option/,
  ],
  ['apphbd', /apphb_client|failtest|hangup|apphbd/],
  ['no CRIT or ERROR in the log', /had some errors come up/],
];

/** The parts of the check, and whether each passed. */
export function judgeSanityCheck(check: SanityCheck): ReadonlyMap<string, boolean> {
  return new Map(COMPLAINTS.map(([part, complaint]) => [part, !complaint.test(check.output)]));
}

/** A line for each part: what the original and what this program got. */
export function sanityTable(original: SanityCheck, ours: SanityCheck): string {
  const theirs = judgeSanityCheck(original);
  const word = (passed: boolean | undefined): string => (passed ? 'pass' : 'fail');
  const width = Math.max(...[...theirs.keys()].map((part) => part.length));
  const lines = [...judgeSanityCheck(ours)].map(
    ([part, passed]) => `${part.padEnd(width)}  ${word(theirs.get(part))}      ${word(passed)}`,
  );
  return [`${'BasicSanityCheck'.padEnd(width)}  original  ours`, ...lines].join('\n');
}
