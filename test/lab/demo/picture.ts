/** The state of the demonstration in a few lines: what each node says, and who answers for the page. */
import { join } from 'node:path';
import { type Colour, duration, table } from '../../../src/cli/table.js';
import type { NodeSnapshot, StatusSnapshot } from '../../../src/core/snapshot-types.js';
import { repositoryRoot } from '../../support/root.js';
import { type LabClient, type LabNode, nowMs } from '../lib/index.js';

const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');
/** An answer older than this no longer counts as an answer. */
const FRESH_MS = 600;

/** One node: without power, without a daemon, or with what the daemon says. */
export interface NodePicture {
  readonly name: string;
  readonly power: boolean;
  readonly status: StatusSnapshot | null;
}

export interface Picture {
  readonly nodes: readonly NodePicture[];
  /** Who answered for the page lately; null: nobody. */
  readonly pageFrom: string | null;
}

/** Asks every node that has power. */
export async function takePicture(nodes: readonly LabNode[], client: LabClient | null): Promise<Picture> {
  const [newest, ...pictures] = await Promise.all([
    client?.newest() ?? null,
    ...nodes.map(async (node): Promise<NodePicture> => {
      const status = node.isOn ? await nodeStatus(node) : null;
      return { name: node.name, power: node.isOn, status };
    }),
  ]);
  const fresh = newest?.receivedAtMs !== undefined && nowMs() - newest.receivedAtMs < FRESH_MS;
  return { nodes: pictures, pageFrom: fresh ? (newest.from ?? null) : null };
}

/** `heartbeat status --json` of a node; null while no daemon answers there. */
export async function nodeStatus(node: LabNode): Promise<StatusSnapshot | null> {
  try {
    const { code, stdout } = await node.exec([HEARTBEAT, 'status', '--json'], { timeoutMs: 5000 });
    return code === 0 ? (JSON.parse(stdout) as StatusSnapshot) : null;
  } catch {
    // Its power went while we asked.
    return null;
  }
}

/** True when the node says that it runs all resource groups. */
export function servesAll(status: StatusSnapshot | null): boolean {
  return (
    status !== null &&
    status.groups.length > 0 &&
    status.groups.every((group) => group.owner === status.self && group.state === 'running')
  );
}

function peerOf(status: StatusSnapshot | null): NodeSnapshot | undefined {
  return status?.nodes.find((node) => !node.self);
}

function daemonCell(node: NodePicture): { text: string; colour: Colour } {
  if (!node.power) return { text: 'no power', colour: 'red' };
  if (node.status === null) return { text: 'no daemon', colour: 'yellow' };
  const own = node.status.nodes.find((one) => one.self);
  return { text: own?.status ?? 'starting', colour: own?.status === 'active' ? 'green' : 'yellow' };
}

function groupText(node: NodePicture): string {
  if (node.status === null) return '-';
  return node.status.groups
    .flatMap((group) => group.resources)
    .map((resource) => `${resource.word.split('/')[0]} ${resource.state}`)
    .join(', ');
}

function peerText(node: NodePicture): string {
  const peer = peerOf(node.status);
  if (peer === undefined) return '-';
  const age = peer.statusAgeMs === null ? 'never heard' : `heard ${duration(peer.statusAgeMs)} ago`;
  return `${peer.status}, ${age}`;
}

function linkText(node: NodePicture): string {
  const links = peerOf(node.status)?.links ?? [];
  return links.length === 0 ? '-' : links.map((link) => `${link.name} ${link.status}`).join(', ');
}

/** The picture as a table, for a terminal that is repainted. */
export function pictureLines(picture: Picture, url: string, colours: boolean): readonly string[] {
  const header = ['NODE', 'STATUS', 'RESOURCES HERE', 'THE OTHER NODE', 'LINKS TO IT'];
  const rows = picture.nodes.map((node) => [
    node.name,
    daemonCell(node),
    groupText(node),
    peerText(node),
    linkText(node),
  ]);
  return ['', ...table(header, rows, colours), '', `${url} is answered by ${picture.pageFrom ?? 'nobody'}`];
}

/** The picture in one line without anything that changes all the time, for an output that is no terminal. */
export function pictureLine(picture: Picture): string {
  const nodes = picture.nodes.map((node) => `${node.name}: ${daemonCell(node).text}, ${groupText(node)}`);
  return `${nodes.join(' | ')} | page from ${picture.pageFrom ?? 'nobody'}`;
}
