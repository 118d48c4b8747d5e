/** The texts that `heartbeat init` writes, from what is known of the pair. Pure. */

/** What was measured between the two nodes, or nothing. */
export interface Measured {
  readonly probes: number;
  readonly lost: number;
  /** Slowest answer in ms. */
  readonly slowestMs: number;
  /** How late a timer of this machine was at worst, in ms. */
  readonly lateMs: number;
}

export interface Plan {
  readonly self: string;
  readonly peer: string;
  /** Interfaces that heartbeats go over, by broadcast. */
  readonly interfaces: readonly string[];
  readonly serialDevices: readonly string[];
  /** Words of the resource line: the address first, then services. */
  readonly resources: readonly string[];
  readonly deadtimeS: number;
  /** Why this deadtime: ends up as a remark in the file. */
  readonly deadtimeReason: string;
  readonly autoFailback: 'on' | 'off';
  /** 64 hex digits. */
  readonly key: string;
}

export const KEEPALIVE_S = 1;
/** Without a measurement. */
export const DEFAULT_DEADTIME_S = 10;
/** A second of probing does not see the rare stall of a switch or a disk: never less than this. */
const LEAST_DEADTIME_S = 5;
/** How many times the worst that was seen has to fit into the silence. */
const SAFETY_FACTOR = 10;
const LEAST_INITDEAD_S = 30;

/** Deadtime from what was measured, in whole seconds, and the sentence that explains it. */
export function deadtimeFor(measured: Measured | undefined): {
  readonly seconds: number;
  readonly reason: string;
} {
  if (measured === undefined || measured.probes === measured.lost) {
    return {
      seconds: DEFAULT_DEADTIME_S,
      reason: `not measured (${measured === undefined ? 'no address of the other node was given' : 'the other node did not answer'}): a default on the safe side`,
    };
  }
  const { probes, lost, slowestMs, lateMs } = measured;
  const lossShare = lost / probes;
  // So many heartbeats in a row that the chance to lose them all is below one in a million.
  const inARow = lossShare === 0 ? 3 : Math.max(3, Math.ceil(Math.log(1e-6) / Math.log(lossShare)));
  const neededS = KEEPALIVE_S * inARow + (SAFETY_FACTOR * (slowestMs + lateMs)) / 1000;
  const seconds = Math.max(LEAST_DEADTIME_S, Math.ceil(neededS));
  const reason = `${probes} probes, ${lost} lost, slowest answer ${slowestMs.toFixed(1)} ms, timers here at most ${lateMs.toFixed(1)} ms late`;
  return { seconds, reason };
}

/** ha.cf; the same for both nodes. */
export function haCfText(plan: Plan): string {
  return `# Written by "heartbeat init"; the same on both nodes. ha.cf(5) explains every directive.
logfile /var/log/ha-log
keepalive ${KEEPALIVE_S}
# ${plan.deadtimeReason}
deadtime ${plan.deadtimeS}
# Silence that is borne while a machine boots and its network comes up.
initdead ${Math.max(LEAST_INITDEAD_S, 2 * plan.deadtimeS)}
# ${plan.autoFailback === 'off' ? 'Services stay where they are when a node comes back.' : 'Services go home when their node comes back.'}
auto_failback ${plan.autoFailback}
${plan.interfaces.map((name) => `bcast ${name}\n`).join('')}${plan.serialDevices.map((device) => `serial ${device}\n`).join('')}node ${plan.self} ${plan.peer}
`;
}

export function haresourcesText(plan: Plan): string {
  return `# Written by "heartbeat init"; has to be the same on both nodes. The node that is preferred, then what moves together.
${plan.self} ${plan.resources.join(' ')}
`;
}

export function authkeysText(plan: Plan): string {
  return `auth 1\n1 sha1 ${plan.key}\n`;
}

/** What the pair lacks for real safety; empty: nothing that could be told from here. */
export function missingForSafety(
  plan: Plan,
  machine: { readonly watchdog: string | undefined },
): readonly string[] {
  const links = plan.interfaces.length + plan.serialDevices.length;
  return [
    ...(links < 2
      ? [
          'There is one link only: when it fails, each node takes the other for dead and both serve. Add a second interface, or a null-modem cable ("serial /dev/ttyS0" in ha.cf).',
        ]
      : []),
    'There is no fencing: when all links fail, both nodes serve. Do not put a shared disk on this pair before a stonith_host line stands in ha.cf (docs/fencing.md), or at least a witness (docs/witness.md).',
    ...(machine.watchdog === undefined
      ? []
      : [
          `${machine.watchdog} is not used: "watchdog ${machine.watchdog}" in ha.cf resets a node that hangs (docs/watchdog.md).`,
        ]),
  ];
}

/** What to do now, in order; lines that begin with two blanks are commands. */
export function nextSteps(plan: Plan, configDir: string): readonly string[] {
  const files = ['ha.cf', 'haresources', 'authkeys'].map((name) => `${configDir}/${name}`).join(' ');
  return [
    `Install heartbeat on ${plan.peer} too, then copy the files there and have them judged:`,
    `  scp -p ${files} root@${plan.peer}:${configDir}/`,
    `  ssh root@${plan.peer} heartbeat check`,
    `If the interfaces of ${plan.peer} have other names than here, change the bcast lines there.`,
    'Start both nodes:',
    '  service heartbeat start',
    `  ssh root@${plan.peer} service heartbeat start`,
    'Look at them:',
    '  heartbeat status --watch',
    'Later changes go to the other node with "heartbeat push".',
  ];
}
