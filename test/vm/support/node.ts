/** A node of the cluster in a virtual machine: its files, the start of the daemon, and what the tests ask of it. */
import type { StatusSnapshot } from '../../../src/core/snapshot-types.js';
import { GUEST_PROGRAM, type Guest } from '../lib/index.js';

export const VIP = '10.99.0.100';
export const GROUP = `${VIP}/24/eth0`;

export interface NodeFiles {
  /** Lines of ha.cf; the nodes are node1 and node2. */
  readonly haCf: readonly string[];
  readonly haresources?: string;
  readonly settings?: string;
}

const SERVICE = `#!/bin/sh
# A service that is a file: running while it is there.
case $1 in
  start) echo "$(cut -d' ' -f1 /proc/uptime) start" >> /var/log/svc; : > /run/svc ;;
  stop) echo "$(cut -d' ' -f1 /proc/uptime) stop" >> /var/log/svc; rm -f /run/svc ;;
  status) [ -e /run/svc ] && echo running || { echo stopped; exit 3; } ;;
esac
`;

/** Makes its own loop spin for ever at SIGUSR1: a fault of the test's making, not a door of the program. */
const SPIN = `if (process.argv[1] && process.argv[1].endsWith('/daemon/loop/main.js'))
  process.on('SIGUSR1', () => { for (;;); });
`;

/** Files of the image for `node1` and `node2`; HA_DIR is /etc/ha.d. */
export function nodeFiles({ haCf, haresources, settings }: NodeFiles): Record<string, string> {
  const always = ['logfile /var/log/ha-log', 'auto_failback off', 'node node1 node2'];
  return {
    'etc/ha.d/ha.cf': `${[...always, ...haCf].join('\n')}\n`,
    'etc/ha.d/haresources': `${haresources ?? `node1 ${GROUP} svc`}\n`,
    'etc/ha.d/authkeys': 'auth 1\n1 sha1 a-secret-of-the-rig\n',
    ...(settings === undefined ? {} : { 'etc/ha.d/heartbeat.ini': settings }),
    'etc/ha.d/resource.d/svc': SERVICE,
    'root/spin.cjs': SPIN,
  };
}

const HEARTBEAT = `${GUEST_PROGRAM}/bin/heartbeat`;

export const startDaemon = (guest: Guest): Promise<string> =>
  guest.run(`NODE_OPTIONS="--require /root/spin.cjs" ${HEARTBEAT}`);

/** `heartbeat ARGS` in the guest. */
export const heartbeat = (guest: Guest, args: string): ReturnType<Guest['exec']> =>
  guest.exec(`${HEARTBEAT} ${args}`);

/** Runner and loop as their status tells. */
export async function status(
  guest: Guest,
): Promise<StatusSnapshot & { readonly daemon: { readonly runnerPid: number; readonly loopPid: number } }> {
  return JSON.parse(await guest.run(`${HEARTBEAT} status --json`)) as Awaited<ReturnType<typeof status>>;
}

/** Waits until the daemon of this guest runs its service. */
export const serving = (guest: Guest, limitMs = 90_000): Promise<string> =>
  guest.until('[ -e /run/svc ] && ip addr show eth0 | grep -q 10.99.0.100/', limitMs);

export const log = async (guest: Guest): Promise<string> =>
  (await guest.exec('cat /var/log/ha-log 2>/dev/null')).text;

/** Shell text for the pids of all processes of the daemon. */
export const ALL_PIDS =
  "$(ps -o pid,args | awk '/[d]aemon\\/(loop|runner)\\/main|[m]aster control/ { print $1 }')";
