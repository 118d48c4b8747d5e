/**
 * Measures the takeover of many groups of one OCF Dummy agent each, `[groups] parallel = 8`, beside two originals, which
 * take one after the other: `node dist/test/bench/groups.js [GROUPS] [RUNS]`. Never part of `npm test`.
 */

import { type Kind, machineOf } from '../interop/support/machines.js';
import { originalAbsent } from '../interop/support/original-node.js';
import { createLab } from '../lab/lib/index.js';

const DEADTIME_MS = 1000;
const count = Number(process.argv[2] ?? '100');
const runs = Number(process.argv[3] ?? '2');
const STATES = '/run/dummies';
const AGENT = '/usr/lib/ocf/resource.d/heartbeat/Dummy';

/** The agent behind the contract of haresources, for the original; this program runs the agent itself. */
const SCRIPT = `#!/bin/sh
mkdir -p ${STATES}
OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=$1 OCF_RESKEY_state=${STATES}/$1 HA_RSCTMP=${STATES}
export OCF_ROOT OCF_RESOURCE_INSTANCE OCF_RESKEY_state HA_RSCTMP
case $2 in
  status) if ${AGENT} monitor >/dev/null 2>&1; then echo running; else echo stopped; fi ;;
  *) exec ${AGENT} "$2" ;;
esac
`;

interface Figures {
  /** From the loss of power to the start of the first and of the last group. */
  readonly firstMs: number;
  readonly lastMs: number;
}

async function measure(kind: Kind): Promise<Figures> {
  const lab = await createLab({ nodes: ['node1', 'node2'], links: ['eth0'] });
  try {
    const machines = ['node1', 'node2'].map((name) => machineOf(kind, lab.node(name)));
    const lines = Array.from({ length: count }, (_, index) =>
      kind === 'ours' ? `node1 ocf:heartbeat:Dummy::state=${STATES}/d${index}` : `node1 Dummies::d${index}`,
    );
    for (const machine of machines) {
      await machine.prepare();
      const haCf =
        'logfile /var/log/ha-log\nkeepalive 100ms\ndeadtime 1\ninitdead 5\nauto_failback off\nbcast eth0\n';
      await machine.node.write('/etc/ha.d/ha.cf', `${haCf}node node1 node2\n`);
      await machine.node.write('/etc/ha.d/haresources', `${lines.join('\n')}\n`);
      await machine.node.write('/etc/ha.d/authkeys', 'auth 1\n1 sha1 bench\n', 0o600);
      await machine.node.write('/etc/ha.d/resource.d/Dummies', SCRIPT, 0o755);
      await machine.node.run(['mkdir', '-p', STATES]);
      if (kind === 'ours') await machine.node.write('/etc/ha.d/heartbeat.ini', '[groups]\nparallel = 8\n');
    }
    const [first, second] = machines;
    if (first === undefined || second === undefined) throw new Error('the lab has no two nodes');
    const started = async (node: typeof first.node): Promise<number[]> => {
      const script = `stat -c %.9Y ${STATES}/d* 2>/dev/null; true`;
      const lines = (await node.run(['sh', '-c', script])).split('\n');
      return lines.filter((line) => line !== '').map((line) => Number(line) * 1000);
    };
    await Promise.all(machines.map((machine) => machine.start()));
    const all = async (node: typeof first.node): Promise<boolean> => (await started(node)).length === count;
    await lab.until(() => all(first.node), { withinMs: 180_000, what: 'node1 to serve', everyMs: 500 });
    // What the original does after its last start: quiet again.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const offWallMs = Date.now();
    await first.powerOff();
    await lab.until(() => all(second.node), { withinMs: 180_000, what: 'node2 to serve', everyMs: 500 });
    const times = await started(second.node);
    return { firstMs: Math.min(...times) - offWallMs, lastMs: Math.max(...times) - offWallMs };
  } finally {
    await lab.destroy();
  }
}

const absent = originalAbsent();
if (absent !== undefined) console.log(`Only this program is measured: ${absent}`);
const kinds: readonly Kind[] = absent === undefined ? ['ours', 'original'] : ['ours'];
const medians = new Map<Kind, number>();
for (const kind of kinds) {
  const lasts: number[] = [];
  for (let index = 0; index < runs; index++) {
    const { firstMs, lastMs } = await measure(kind);
    const name = kind === 'ours' ? 'this program, parallel = 8' : 'the original, one after the other';
    const beyond = ((lastMs - DEADTIME_MS) / 1000).toFixed(2);
    console.log(
      `${name}: first of ${count} groups ${(firstMs / 1000).toFixed(2)} s after the loss of power, last ${(lastMs / 1000).toFixed(2)} s (${beyond} s beyond deadtime)`,
    );
    lasts.push(lastMs);
  }
  lasts.sort((a, b) => a - b);
  medians.set(kind, lasts[lasts.length >> 1] ?? Number.NaN);
}
const ours = medians.get('ours');
const original = medians.get('original');
if (ours !== undefined && original !== undefined)
  console.log(`the original needs ${(original / ours).toFixed(1)} times as long to the last group`);
