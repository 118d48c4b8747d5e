/** Two guests on one virtual network and one serial cable between their UARTs. */
import {
  type Guest,
  type ImageOptions,
  type Materials,
  Rig,
  SerialCable,
  VirtualSwitch,
} from '../lib/index.js';
import { log, type NodeFiles, nodeFiles, startDaemon } from './node.js';

export interface VirtualPair {
  readonly rig: Rig;
  readonly network: VirtualSwitch;
  /** Between the nodes' /dev/ttyS1. */
  readonly cable: SerialCable;
  readonly node1: Guest;
  readonly node2: Guest;
  /** What node1 sends over the network is lost. */
  muteNode1(): void;
  /** Plugs both network cards, or pulls both. */
  setNetwork(plugged: boolean): void;
  destroy(): Promise<void>;
}

/** Both are up, and the daemon has been started on both. `qemuArguments` are for node1. */
export async function startPair(
  materials: Materials,
  files: NodeFiles,
  image: ImageOptions = {},
  qemuArguments: readonly string[] = [],
): Promise<VirtualPair> {
  const network = new VirtualSwitch();
  const cable = await SerialCable.create();
  const rig = new Rig(materials, { ...image, files: { ...nodeFiles(files), ...image.files } });
  const destroy = async (): Promise<void> => {
    await rig.destroy();
    network.close();
    cable.close();
  };
  try {
    const ports = [await network.port('node1'), await network.port('node2')];
    const launch = (at: 0 | 1): Guest =>
      rig.launch({
        name: `node${at + 1}`,
        cards: [
          {
            tcpPort: ports[at]?.tcpPort ?? 0,
            mac: `52:54:00:99:00:0${at + 1}`,
            address: `10.99.0.${at + 1}/24`,
          },
        ],
        serialPorts: [cable.tcpPort(at)],
        qemuArguments: at === 0 ? qemuArguments : [],
      });
    const [node1, node2] = [launch(0), launch(1)];
    await Promise.all([node1.boot(), node2.boot()]);
    await Promise.all([startDaemon(node1), startDaemon(node2)]);
    const setNetwork = (plugged: boolean): void => {
      for (const port of ports) port.plugged = plugged;
    };
    const muteNode1 = (): void => {
      for (const port of ports.slice(0, 1)) port.mute = true;
    };
    return { muteNode1, rig, network, cable, node1, node2, setNetwork, destroy };
  } catch (error) {
    await destroy();
    throw error;
  }
}

/** Runs a story with a pair and takes it down; on a failure the logs are shown. */
export async function withPair(
  materials: Materials,
  files: NodeFiles,
  story: (pair: VirtualPair) => Promise<void>,
  image: ImageOptions = {},
  qemuArguments: readonly string[] = [],
): Promise<void> {
  const pair = await startPair(materials, files, image, qemuArguments);
  try {
    await story(pair);
  } catch (error) {
    for (const node of [pair.node1, pair.node2]) {
      console.error(`--- ${node.name}\n${await log(node).catch(() => node.console)}`);
    }
    throw error;
  } finally {
    await pair.destroy();
  }
}
