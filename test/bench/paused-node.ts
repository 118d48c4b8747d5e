/**
 * The paused node, beside the original and keepalived: every process of the active node is stopped (SIGSTOP) for three
 * deadtimes and goes on. Same lab, same observer (ARP every 10 ms), same client (5 ms), one table:
 * `node dist/test/bench/paused-node.js [RUNS]`. Peers that are not installed are left out and named. Never part of
 * `npm test`.
 */
import { existsSync } from 'node:fs';
import { machineOf } from '../interop/support/machines.js';
import { originalAbsent } from '../interop/support/original-node.js';
import { createLab, type Lab, type LabNode, nowMs } from '../lab/lib/index.js';

const runs = Number(process.argv[2] ?? '3');
const VIP = '10.77.0.100';
const DEADTIME_MS = 4000;
const PAUSE_MS = 3 * DEADTIME_MS;
/** How long the woken cluster is watched: the original takes more than a quarter of a minute. */
const WATCHED_MS = 45_000;
const QUIET_MS = 10_000;

interface Subject {
  readonly name: string;
  /** Why it cannot be measured here. */
  readonly absent: string | undefined;
  /** Starts it on both nodes; node1 shall serve. */
  start(lab: Lab): Promise<void>;
}

async function heartbeatFiles(node: LabNode, resource: string): Promise<void> {
  const haCf = [
    'logfile /var/log/ha-log',
    'keepalive 500ms',
    `deadtime ${DEADTIME_MS / 1000}`,
    'initdead 8',
    'auto_failback off',
    'bcast eth0',
    'mcast eth1 239.0.0.42 694 1 0',
    'node node1 node2',
  ];
  await node.write('/etc/ha.d/ha.cf', `${haCf.join('\n')}\n`);
  await node.write('/etc/ha.d/haresources', `node1 ${resource}\n`);
  await node.write('/etc/ha.d/authkeys', 'auth 1\n1 sha1 a-secret-of-the-lab\n', 0o600);
}

function heartbeatSubject(kind: 'ours' | 'original', resource: string, name: string): Subject {
  return {
    name,
    absent: kind === 'original' ? originalAbsent() : undefined,
    async start(lab) {
      const machines = ['node1', 'node2'].map((node) => machineOf(kind, lab.node(node)));
      for (const machine of machines) {
        await machine.prepare();
        await heartbeatFiles(machine.node, resource);
      }
      await Promise.all(machines.map((machine) => machine.start()));
    },
  };
}

/** advert_int 1: a backup waits 3 s and a skew of up to 1 s, as near to the deadtime as VRRP has it. */
const KEEPALIVED: Subject = {
  name: 'keepalived (VRRP, advert_int 1)',
  absent: existsSync('/usr/sbin/keepalived') ? undefined : 'keepalived is not installed (package keepalived)',
  async start(lab) {
    for (const [name, priority] of [
      ['node1', 150],
      ['node2', 100],
    ] as const) {
      const lines = [
        'vrrp_instance V {',
        '  state BACKUP',
        '  nopreempt',
        '  interface eth0',
        '  virtual_router_id 51',
        `  priority ${priority}`,
        '  advert_int 1',
        `  virtual_ipaddress { ${VIP}/24 dev eth0 }`,
        '}',
      ];
      await lab.node(name).write('/etc/keepalived/keepalived.conf', `${lines.join('\n')}\n`);
    }
    for (const name of ['node1', 'node2']) {
      lab.node(name).spawn(['/usr/sbin/keepalived', '-n', '-l', '-f', '/etc/keepalived/keepalived.conf']);
    }
  },
};

const SUBJECTS: readonly Subject[] = [
  heartbeatSubject('ours', `${VIP}/24/eth0`, 'this program'),
  heartbeatSubject('original', `IPaddr2::${VIP}/24/eth0`, 'Heartbeat 3.0.6'),
  KEEPALIVED,
];

interface Figures {
  /** Two nodes answered for the address while one of them was stopped. */
  readonly twoWhilePausedMs: number;
  readonly takeoverOutageMs: number;
  /** The last moment after waking at which two nodes answered one question. */
  readonly oneOwnerAfterMs: number;
  readonly wokenAnsweredForMs: number;
  readonly outageAfterMs: number;
}

async function measure(subject: Subject): Promise<Figures> {
  const lab = await createLab({ nodes: ['node1', 'node2'], links: ['eth0', 'eth1'] });
  try {
    const observer = await lab.observe([VIP]);
    const client = await lab.client(`udp://${VIP}`);
    await subject.start(lab);
    const served = await lab.until(() => client.firstAnswerFrom('node1'), {
      withinMs: 60_000,
      what: 'node1 serves',
    });
    // Until everything has settled: the original says its resources are stable some seconds later.
    await lab.until(() => nowMs() > (served?.receivedAtMs ?? 0) + QUIET_MS, {
      withinMs: 30_000,
      what: 'quiet',
    });
    const node1 = lab.node('node1');
    const pausedMs = nowMs();
    await node1.pause();
    await lab.until(() => nowMs() > pausedMs + PAUSE_MS, { withinMs: 60_000, what: 'the pause to end' });
    const wokenMs = nowMs();
    await node1.resume();
    await lab.until(() => nowMs() > wokenMs + WATCHED_MS, { withinMs: 90_000, what: 'the dust to settle' });
    const two = await observer.overlaps(VIP, { fromMs: pausedMs });
    const within = (fromMs: number, toMs: number): number =>
      two.reduce((sum, one) => sum + Math.max(0, Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs)), 0);
    const lastTwoMs = Math.max(wokenMs, ...two.map(({ toMs }) => toMs));
    const answers = (await observer.answers()).filter(({ node, atMs }) => node === 'node1' && atMs > wokenMs);
    // Until its first silence of half a second: it may come back later, as the rightful owner.
    let lastAnswerMs = wokenMs;
    for (const { atMs } of answers) if (atMs - lastAnswerMs < 500) lastAnswerMs = atMs;
    const during = await client.outage({ fromMs: pausedMs - 100, toMs: wokenMs });
    const after = await client.outage({ fromMs: wokenMs, toMs: wokenMs + WATCHED_MS });
    return {
      twoWhilePausedMs: within(pausedMs, wokenMs),
      takeoverOutageMs: during.outageMs,
      oneOwnerAfterMs: lastTwoMs - wokenMs,
      wokenAnsweredForMs: lastAnswerMs - wokenMs,
      outageAfterMs: after.outageMs,
    };
  } finally {
    await lab.destroy();
  }
}

const shown = (values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b);
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)];
  const middle = sorted[sorted.length >> 1] ?? 0;
  return sorted.length < 2
    ? `${middle.toFixed(0)}`
    : `${middle.toFixed(0)} (${least.toFixed(0)}-${most.toFixed(0)})`;
};

console.log(
  `All processes of the active node stopped for ${PAUSE_MS} ms (deadtime ${DEADTIME_MS} ms), ms, median (least-most) of ${runs}:`,
);
console.log(
  '| program | two owners while paused | outage while paused | woken node answers for | one owner after waking | outage after waking |',
);
console.log('|---|---|---|---|---|---|');
for (const subject of SUBJECTS) {
  if (subject.absent !== undefined) {
    console.log(`| ${subject.name} | not measured: ${subject.absent} |`);
    continue;
  }
  const figures: Figures[] = [];
  for (let run = 0; run < runs; run++) figures.push(await measure(subject));
  const of = (key: keyof Figures): string => shown(figures.map((figure) => figure[key]));
  console.log(
    `| ${subject.name} | ${of('twoWhilePausedMs')} | ${of('takeoverOutageMs')} | ${of('wokenAnsweredForMs')} | ${of('oneOwnerAfterMs')} | ${of('outageAfterMs')} |`,
  );
}
