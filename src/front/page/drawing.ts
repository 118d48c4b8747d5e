/** The drawing: this node, the others, the links between them, and which groups run where. SVG, pure. */
import type { GroupSnapshot, LinkSnapshot, NodeSnapshot, StatusSnapshot } from '../../core/snapshot-types.js';
import { duration, percentage } from '../../log/words.js';
import { html, type Markup, shortKey } from './html.js';

const WIDTH = 500;
const BOX_WIDTH = 158;
const RIGHT_X = WIDTH - BOX_WIDTH - 2;
const HEAD = 52;
const CHIP = 26;
const WIRE = 40;
const GAP = 16;
const GROUPS_SHOWN = 6;
const NAME_MAX = 17;

type Kind = 'good' | 'busy' | 'bad' | 'quiet';
const SIGN: Readonly<Record<Kind, string>> = { good: '●', busy: '◐', bad: '✕', quiet: '○' };

/** Links of a peer, and a loss of a tenth is worth a colour. */
const LOSSY_PERCENT = 10;

/** How a node is. */
export function nodeKind({ status }: NodeSnapshot): Kind {
  if (status === 'dead') return 'bad';
  return status === 'active' || status === 'ping' ? 'good' : 'busy';
}

/** How a link is. */
export function linkKind({ status, lossInPercent, lossOutPercent }: LinkSnapshot): Kind {
  if (status === 'dead') return 'bad';
  return Math.max(lossInPercent ?? 0, lossOutPercent ?? 0) >= LOSSY_PERCENT ? 'busy' : 'good';
}

/** Where a group is, as seen from this node. */
export function groupKind(group: GroupSnapshot, self: string): Kind {
  if (group.owner === null) return group.failedOn.length > 0 ? 'bad' : 'quiet';
  if (group.owner !== self) return 'good';
  return group.state === 'running' ? 'good' : group.state === 'failed' ? 'bad' : 'busy';
}

/** The whole picture. Ping hosts stand in the tables only. */
export function drawing(status: StatusSnapshot): Markup {
  const own = status.nodes.find(({ self }) => self);
  const peers = status.nodes.filter(({ self, kind }) => !self && kind === 'normal');
  if (own === undefined) return html``;
  const heights = peers.map((peer) => peerHeight(peer, status));
  const rightHeight = heights.reduce((sum, height) => sum + height + GAP, -GAP);
  const height = Math.max(rightHeight, boxHeight(groupsOf(status, own.name).length)) + 4;
  let top = 2;
  const parts: Markup[] = [];
  for (const [at, peer] of peers.entries()) {
    const own = heights[at] ?? 0;
    parts.push(...wires(peer, top, own), box(peer, status, RIGHT_X, top, own));
    top += own + GAP;
  }
  return html`<svg class="drawing" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${inWords(status)}">
${box(own, status, 2, 2, height - 4)}${parts}</svg>`;
}

function groupsOf(status: StatusSnapshot, node: string): readonly GroupSnapshot[] {
  return status.groups.filter(({ owner }) => owner === node);
}

function boxHeight(groups: number): number {
  const shown = Math.min(groups, GROUPS_SHOWN) + (groups > GROUPS_SHOWN ? 1 : 0);
  return HEAD + Math.max(shown, 1) * CHIP + 6;
}

function peerHeight(peer: NodeSnapshot, status: StatusSnapshot): number {
  return Math.max(boxHeight(groupsOf(status, peer.name).length), peer.links.length * WIRE + 8);
}

function box(node: NodeSnapshot, status: StatusSnapshot, x: number, y: number, height: number): Markup {
  const kind = nodeKind(node);
  const groups = groupsOf(status, node.name);
  const word = node.self ? `${node.status}, this node` : node.status;
  return html`<g><rect class="box ${kind}" x="${x}" y="${y}" width="${BOX_WIDTH}" height="${height}" rx="9"/>
<text class="name" x="${x + 12}" y="${y + 22}">${short(node.name)}</text>
<text class="small ${kind}text" x="${x + 12}" y="${y + 40}">${SIGN[kind]} ${word}</text>
${groups.slice(0, GROUPS_SHOWN).map((group, at) => chip(group, status.self, x + 8, y + HEAD + at * CHIP))}
${groups.length > GROUPS_SHOWN ? html`<text class="small dimtext" x="${x + 12}" y="${y + HEAD + GROUPS_SHOWN * CHIP + 15}">and ${groups.length - GROUPS_SHOWN} more</text>` : undefined}
${groups.length === 0 ? html`<text class="small dimtext" x="${x + 12}" y="${y + HEAD + 15}">no services</text>` : undefined}</g>`;
}

function chip(group: GroupSnapshot, self: string, x: number, y: number): Markup {
  const kind = groupKind(group, self);
  return html`<rect class="chip" x="${x}" y="${y}" width="${BOX_WIDTH - 16}" height="${CHIP - 4}" rx="5"/><text class="small" x="${x + 8}" y="${y + 15.5}"><tspan class="${kind}text">${SIGN[kind]}</tspan> ${short(shortKey(group.key))}</text>`;
}

function wires(peer: NodeSnapshot, top: number, height: number): readonly Markup[] {
  const from = BOX_WIDTH + 2;
  const middle = (from + RIGHT_X) / 2;
  return peer.links.map((link, at) => {
    const y = top + ((at + 0.5) * height) / peer.links.length + 4;
    const kind = linkKind(link);
    const below = link.status === 'dead' ? 'dead' : lossWords(link);
    return html`<line class="wire ${kind}" x1="${from}" y1="${y}" x2="${RIGHT_X}" y2="${y}"/>
<text class="small" x="${middle}" y="${y - 6}" text-anchor="middle"><tspan class="${kind}text">${SIGN[kind]}</tspan> ${short(link.name)}</text>
<text class="small ${kind === 'good' ? 'dim' : kind}text" x="${middle}" y="${y + 15}" text-anchor="middle">${below}</text>`;
  });
}

function lossWords({ lossInPercent, lossOutPercent, heardAgeMs }: LinkSnapshot): string {
  const worst = Math.max(lossInPercent ?? 0, lossOutPercent ?? 0);
  if (worst > 0) return `${percentage(worst)} lost`;
  // Rounded: the drawing need not change with every heartbeat.
  return heardAgeMs !== null && heardAgeMs >= 2000 ? `heard ${duration(heardAgeMs)} ago` : 'no loss';
}

function short(name: string): string {
  return name.length <= NAME_MAX ? name : `${name.slice(0, NAME_MAX - 1)}…`;
}

/** The drawing for those who do not see it. */
function inWords(status: StatusSnapshot): string {
  const nodes = status.nodes.map((node) => {
    const groups = groupsOf(status, node.name).map(({ key }) => key);
    const links = node.self ? [] : node.links.map(({ name, status: state }) => `${name} ${state}`);
    return `${node.name} is ${node.status}${groups.length > 0 ? `, runs ${groups.join(', ')}` : ''}${links.length > 0 ? `, links ${links.join(', ')}` : ''}`;
  });
  return `Nodes, links and services: ${nodes.join('; ')}.`;
}
