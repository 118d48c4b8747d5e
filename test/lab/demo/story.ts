/** The story of the demonstration: start, power loss of the active node, takeover, return. */
import { join } from 'node:path';
import { repositoryRoot } from '../../support/root.js';
import { createLab, type Lab, type LabClient, type LabNode, nowMs } from '../lib/index.js';
import { ADDRESS, HARESOURCES_LINE, LINK, NODE_1, NODE_2, ownAddress, writeFiles } from './files.js';
import { nodeStatus, pictureLine, pictureLines, servesAll, takePicture } from './picture.js';
import type { Screen } from './screen.js';

const URL_OF_PAGE = `http://${ADDRESS}/`;
const REPAINT_MS = 700;
/** The client asks for the page this often: the resolution of the outage. */
const ASK_EVERY_MS = 50;
const START_WITHIN_MS = 20_000;
/** How long each state is left to be looked at. */
const LOOK_MS = 5000;
/** Deadtime of the walk-through (10 s) and what comes with it. */
const TAKEOVER_WITHIN_MS = 20_000;
const RETURN_WITHIN_MS = 25_000;

const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');

/** What the story found. */
export interface Findings {
  /** Between the last answer of the first node and the first one of the second. */
  readonly outageMs: number;
  /** Between the last answer of the second node and the first one of the first, when it came back. */
  readonly returnMs: number;
}

/** Tells the story; `onLab` gets the lab as soon as there is one. Throws a sentence when something did not happen. */
export async function tellStory(screen: Screen, onLab: (lab: Lab) => void): Promise<Findings> {
  screen.say(
    `Two nodes are made on this machine: ${NODE_1} and ${NODE_2}, each with its own host name, network, ` +
      'devices and process space.',
  );
  const lab = await createLab({ nodes: [NODE_1, NODE_2], links: [LINK] });
  onLab(lab);
  const [node1, node2] = [lab.node(NODE_1), lab.node(NODE_2)];
  await lab.serialCable(NODE_1, NODE_2, '/dev/ttyS0', { baud: 19_200 });
  screen.say(
    'Between them: an Ethernet link (eth1: broadcast and multicast heartbeats) and a serial cable ' +
      '(/dev/ttyS0, 19200 baud).',
  );
  await Promise.all([node1, node2].map(writeFiles));
  await Promise.all([node1, node2, lab.node('client')].map(joinServiceNetwork));
  screen.say(`ha.cf and authkeys are those of the 2007 walk-through; haresources says: ${HARESOURCES_LINE}`);
  const client = await lab.client(URL_OF_PAGE, { everyMs: ASK_EVERY_MS });
  const stopPainting = paintRegularly(screen, [node1, node2], client);
  try {
    return await play(screen, lab, client, node1, node2);
  } finally {
    await stopPainting();
  }
}

async function play(
  screen: Screen,
  lab: Lab,
  client: LabClient,
  node1: LabNode,
  node2: LabNode,
): Promise<Findings> {
  screen.say('heartbeat is started on both nodes.');
  await Promise.all([node1, node2].map((node) => node.run([HEARTBEAT])));
  await lab.until(() => client.firstAnswerFrom(NODE_1), {
    withinMs: START_WITHIN_MS,
    what: `${URL_OF_PAGE} answered by ${NODE_1}`,
    everyMs: 100,
  });
  await lab.until(async () => servesAll(await nodeStatus(node1)), {
    withinMs: START_WITHIN_MS,
    what: `${NODE_1} to run its resources`,
    everyMs: 300,
  });
  screen.say(`${NODE_1} holds ${ADDRESS} and serves the page.`);
  await look();

  screen.say(`The power of ${NODE_1} is taken away.`);
  const { atMs } = await node1.powerOff();
  screen.say(`${NODE_2} takes over when it has heard nothing for the deadtime of ha.cf, 10 s.`);
  await lab.until(() => client.firstAnswerFrom(NODE_2, atMs), {
    withinMs: TAKEOVER_WITHIN_MS,
    what: `${URL_OF_PAGE} answered by ${NODE_2}`,
    everyMs: 100,
  });
  const outageMs = await gapMs(client, NODE_1, NODE_2, 0);
  screen.say(`The page comes from ${NODE_2}. The outage lasted ${outageMs} ms (deadtime 10000 ms).`);
  await look();

  const backMs = nowMs();
  await node1.powerOn();
  await joinServiceNetwork(node1);
  screen.say(`${NODE_1} has power again, and heartbeat is started there.`);
  await node1.run([HEARTBEAT]);
  await lab.until(() => client.firstAnswerFrom(NODE_1, backMs), {
    withinMs: RETURN_WITHIN_MS,
    what: `${URL_OF_PAGE} answered by ${NODE_1} again`,
    everyMs: 100,
  });
  const returnMs = await gapMs(client, NODE_2, NODE_1, backMs);
  screen.say(
    `${NODE_2} has handed the resources back: the page comes from ${NODE_1}. The outage lasted ${returnMs} ms.`,
  );
  await look();
  return { outageMs, returnMs };
}

/** Leaves the picture for whoever looks on. */
function look(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** From the last answer of one node to the first later one of the other, in whole milliseconds. */
async function gapMs(client: LabClient, before: string, after: string, sinceMs: number): Promise<number> {
  const first = await client.firstAnswerFrom(after, sinceMs);
  const toMs = first?.receivedAtMs ?? 0;
  const last = (await client.log()).findLast(
    (entry) => entry.from === before && (entry.receivedAtMs ?? toMs) < toMs,
  );
  return Math.round(toMs - (last?.receivedAtMs ?? toMs));
}

/** Gives a machine its own address in the network of the floating address; needed after each power on. */
async function joinServiceNetwork(node: LabNode): Promise<void> {
  await node.run(['ip', 'addr', 'add', `${ownAddress(node)}/24`, 'brd', '+', 'dev', LINK]);
}

/** Paints the picture until the function returned is called. */
function paintRegularly(screen: Screen, nodes: readonly LabNode[], client: LabClient): () => Promise<void> {
  let stopped = false;
  const painting = (async () => {
    while (!stopped) {
      const picture = await takePicture(nodes, client);
      const lines = pictureLines(picture, URL_OF_PAGE, screen.isTerminal);
      if (!stopped) screen.picture(lines, pictureLine(picture));
      await new Promise((resolve) => setTimeout(resolve, REPAINT_MS));
    }
  })().catch(() => undefined);
  return async () => {
    stopped = true;
    await painting;
  };
}
