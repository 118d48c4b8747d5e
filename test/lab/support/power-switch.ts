/**
 * The power switch of a lab as a fencing device: a script in each node asks, the test acts. Kept apart from the links,
 * like a real one: it works when the nodes hear nothing of each other.
 */
import { type LabNode, nowMs } from '../lib/index.js';
import type { Cluster } from './cluster.js';

/** Line of ha.cf. */
export const POWER_LINE = 'stonith_host * script /etc/ha.d/power';

const FOLDER = '/var/power';

const SCRIPT = `#!/bin/sh
mkdir -p ${FOLDER}
case $1 in
  status) if [ -f ${FOLDER}/broken ]; then echo "no answer from the power switch" >&2; exit 1; fi; exit 0 ;;
esac
id=$$.$(date +%s%N)
printf '%s %s %s' "$id" "$1" "$2" >${FOLDER}/new && mv ${FOLDER}/new ${FOLDER}/request
while [ ! -s ${FOLDER}/answer.$id ]; do sleep 0.05; done
exit "$(cat ${FOLDER}/answer.$id)"
`;

export interface PowerRequest {
  readonly by: string;
  readonly verb: string;
  readonly target: string;
  readonly askedMs: number;
  /** When the target was off; null: it was not switched. */
  readonly offMs: number | null;
}

export type PowerBehaviour = 'works' | 'fails';

export interface PowerSwitch {
  /** In the order in which they were asked. */
  readonly requests: readonly PowerRequest[];
  behaviour: PowerBehaviour;
  /** From the question to the deed. */
  delayMs: number;
  /** Ends the watching; call before the lab is destroyed. */
  stop(): Promise<void>;
}

/** Installs the script on both nodes and begins to watch for what they ask. */
export async function installPowerSwitch(cluster: Cluster): Promise<PowerSwitch> {
  const nodes: readonly LabNode[] = [cluster.node1, cluster.node2];
  const requests: PowerRequest[] = [];
  const answered = new Set<string>();
  let isStopped = false;
  for (const node of nodes) await node.write('/etc/ha.d/power', SCRIPT, 0o755);

  const power: PowerSwitch = {
    requests,
    behaviour: 'works',
    delayMs: 0,
    async stop() {
      isStopped = true;
      await watching;
    },
  };

  const look = async (node: LabNode): Promise<void> => {
    const text = await node.read(`${FOLDER}/request`).catch(() => '');
    const [id, verb, target] = text.toString().split(' ');
    if (id === undefined || verb === undefined || target === undefined || answered.has(id)) return;
    answered.add(id);
    const askedMs = nowMs();
    await new Promise((resolve) => setTimeout(resolve, power.delayMs));
    let offMs: number | null = null;
    const machine = nodes.find(({ name }) => name === target);
    if (power.behaviour === 'works' && machine !== undefined) {
      offMs = machine.isOn ? (await machine.powerOff()).atMs : nowMs();
    }
    requests.push({ by: node.name, verb, target, askedMs, offMs });
    await node.write(`${FOLDER}/answer.${id}`, offMs === null ? '1' : '0');
  };
  const watch = async (): Promise<void> => {
    while (!isStopped) {
      for (const node of nodes) await look(node);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const watching = watch();
  return power;
}
