/** The sections of the page, each as HTML: the server renders them, the browser only puts them in place. Pure. */
import type { DirectorSnapshot } from '../../core/director/snapshot.js';
import type { GroupSnapshot, NodeSnapshot, StatusSnapshot } from '../../core/snapshot-types.js';
import { type StatusPicture, verdictOf } from '../../daemon/control/picture.js';
import { duration, lateness, percentage } from '../../log/words.js';
import { directorSection } from './director.js';
import { drawing, groupKind, linkKind, nodeKind } from './drawing.js';
import { badge, clock, dayAndClock, html, type Markup, tableOf } from './html.js';
import { availabilityRows, timeline, windowOf } from './timeline.js';
import { vrrpSection } from './vrrp.js';

/** Sections in the order of the page; `wide`: over both columns. */
export const SECTION_NAMES = [
  { name: 'drawing', wide: false },
  { name: 'groups', wide: false },
  { name: 'timeline', wide: true },
  { name: 'nodes', wide: true },
  { name: 'vrrp', wide: true },
  { name: 'director', wide: true },
  { name: 'safety', wide: true },
  { name: 'history', wide: true },
] as const;

/** A picture older than this is said to be old. */
const STALE_MS = 5000;
const EVENTS_SHOWN = 50;

export interface ShownPicture {
  readonly picture: StatusPicture;
  readonly takenWallMs: number;
}

/** HTML by section; those that have nothing to say are empty. */
export function renderSections(shown: ShownPicture | undefined, nowWallMs: number): Record<string, string> {
  if (shown === undefined) {
    const text = html`<div class="verdict warning" data-level="warning" role="status"><span class="sentence">The daemon has not said anything yet.</span></div>`;
    return { verdict: text.text, facts: '' };
  }
  const { picture, takenWallMs } = shown;
  const { status } = picture.snapshot;
  const markup: Record<string, Markup> = {
    verdict: verdictSection(status, nowWallMs - takenWallMs),
    facts: factsLine(picture, takenWallMs),
    drawing: status.nodes.length === 0 ? html`` : html`<h2>Nodes and links</h2>${drawing(status)}`,
    groups: status.groups.length === 0 ? html`` : groupSection(picture),
    timeline: status.groups.length === 0 ? html`` : timelineSection(picture, takenWallMs),
    nodes: status.nodes.length === 0 ? html`` : nodeSection(status),
    vrrp: vrrpSection(status),
    director: directorSection(directorOf(picture)),
    safety: safetySection(picture),
    history: historySection(picture),
  };
  return Object.fromEntries(Object.entries(markup).map(([name, { text }]) => [name, text]));
}

/** What the director of this node says, where there is one. */
export function directorOf(picture: StatusPicture): DirectorSnapshot | undefined {
  return (picture as StatusPicture & { readonly director?: DirectorSnapshot }).director;
}

function verdictSection(status: StatusSnapshot, ageMs: number): Markup {
  const verdict = verdictOf(status);
  const isOld = ageMs > STALE_MS;
  const level = isOld ? 'critical' : verdict.level;
  const sentence = isOld
    ? `No news from the decisions of this node for ${duration(ageMs)}: what follows is old.`
    : verdict.sentence;
  const others = status.warnings.filter((warning) => warning !== sentence);
  const list = others.length === 0 ? undefined : html`<ul>${others.map((one) => html`<li>${one}</li>`)}</ul>`;
  return html`<div class="verdict ${level}" data-level="${level}"><span class="sentence">${sentence}</span>${list}</div>`;
}

function factsLine({ snapshot, daemon }: StatusPicture, takenWallMs: number): Markup {
  const { status } = snapshot;
  const facts = [
    `heartbeat ${status.program}`,
    `running since ${dayAndClock(daemon.startedWallMs)}`,
    ...(status.nodes.length === 0 ? ['VRRP alone'] : [`auto_failback ${status.autoFailback}`]),
    ...(status.maintenance ? ['MAINTENANCE'] : []),
    ...(status.shuttingDown ? ['shutting down'] : []),
    `as of ${clock(takenWallMs)}`,
  ];
  return html`${facts.join(' · ')}`;
}

function groupSection({ snapshot }: StatusPicture): Markup {
  const { status } = snapshot;
  return html`<h2>Services</h2>${tableOf(
    'Services',
    ['Group', 'Runs on', 'Preferred', 'Resources'],
    status.groups.map((group) => [
      group.key,
      html`${badge(groupKind(group, status.self), group.owner ?? 'no node')}${stateNote(group, status.self)}`,
      group.preferredNode,
      html`${group.resources.map((resource, at) => html`${at > 0 ? ', ' : ''}${resource.word}${resourceNote(group, resource)}`)}`,
    ]),
  )}`;
}

function stateNote(group: GroupSnapshot, self: string): Markup | undefined {
  if (group.failedOn.length > 0)
    return html`<br><span class="bad">failed on ${group.failedOn.join(', ')}</span>`;
  if (group.owner !== self || group.state === 'running') return undefined;
  return html`<br><span class="busy">${group.state}</span>`;
}

function resourceNote(
  group: GroupSnapshot,
  { state, failures }: GroupSnapshot['resources'][number],
): Markup | undefined {
  const notes = [
    ...(state === group.state ? [] : [state as string]),
    ...(failures > 0 ? [`${failures} failed monitors`] : []),
  ];
  return notes.length === 0 ? undefined : html` <span class="busy">(${notes.join(', ')})</span>`;
}

function timelineSection({ snapshot, availability = [] }: StatusPicture, takenWallMs: number): Markup {
  const nodes = snapshot.status.nodes.filter(({ kind }) => kind === 'normal').map(({ name }) => name);
  const header = [
    'Group',
    'Availability',
    'Seen for',
    'Outages',
    'Mean outage',
    'Mean time between',
    'Last outage',
  ];
  const { words } = windowOf(availability, takenWallMs);
  return html`<h2>The last ${words}, as seen from ${snapshot.status.self}</h2>
${timeline(availability, nodes, takenWallMs)}
${availability.length === 0 ? undefined : tableOf('Availability', header, availabilityRows(availability))}`;
}

function nodeSection(status: StatusSnapshot): Markup {
  const rows = status.nodes.flatMap((node) => nodeRows(node));
  return html`<h2>Heartbeats</h2>${tableOf(
    'Heartbeats',
    ['Node', 'Status', 'Link', 'Link status', 'Heard', 'Lost on the way here', 'Lost on the way there'],
    rows,
  )}`;
}

function nodeRows(node: NodeSnapshot): readonly (readonly (Markup | string)[])[] {
  const name = node.self ? html`${node.name} <span class="dim">(this node)</span>` : node.name;
  const status = badge(
    nodeKind(node),
    node.kind === 'ping' && node.status === 'ping' ? 'answers' : node.status,
  );
  if (node.self || node.kind === 'ping' || node.links.length === 0) {
    const links = node.self ? node.links.map((link) => `${link.name} ${link.status}`).join(', ') : '-';
    const heard = node.self || node.statusAgeMs === null ? '-' : `${duration(node.statusAgeMs)} ago`;
    return [[name, status, links, '-', heard, '-', '-']];
  }
  return node.links.map((link, at) => [
    at === 0 ? name : html`<span class="noted">${node.name}</span>`,
    at === 0 ? status : '',
    link.name,
    badge(linkKind(link), link.status),
    link.heardAgeMs === null ? 'never' : `${duration(link.heardAgeMs)} ago`,
    node.status === 'dead' ? '-' : loss(link.lossInPercent),
    node.status === 'dead' ? '-' : loss(link.lossOutPercent),
  ]);
}

function loss(percent: number | null | undefined): Markup | string {
  if (percent === null || percent === undefined) return 'not known';
  if (percent === 0) return '0 %';
  return html`<span class="${percent >= 10 ? 'bad' : 'busy'}">${percentage(percent)}</span>`;
}

function safetySection({ snapshot, daemon }: StatusPicture): Markup {
  const { status, lateness: late } = snapshot;
  const rows: [string, Markup | string][] = [];
  const { lease, fencing } = status;
  if (lease !== undefined && status.nodes.length > 0) {
    const watchdog =
      lease.watchdogMs === null
        ? 'no watchdog'
        : `watchdog ${lease.device ?? ''}, ${duration(lease.watchdogMs)} after the last turn`;
    rows.push([
      'Lease',
      `${watchdog}; services stop here after ${duration(lease.leaseMs)} without a confirmation; the others wait ${duration(lease.silenceMs)}`,
    ]);
  }
  if (status.nodes.length > 0) rows.push(['Fencing', fencingWords(fencing)]);
  const drift = status.drift ?? [];
  if (drift.length > 0) {
    const words = drift.map(({ node, files }) => `${files.join(', ')} on ${node}`).join('; ');
    rows.push(['Drift', html`<span class="busy">not the same as here: ${words}</span>`]);
  } else if (status.nodes.length > 0) rows.push(['Drift', 'none known']);
  rows.push([
    'Maintenance',
    status.maintenance ? html`<span class="busy">on: nothing is moved</span>` : 'off',
  ]);
  const { drill } = daemon;
  if (drill !== undefined) {
    const kind = drill.outcome === 'done' ? 'good' : drill.outcome === 'away' ? 'busy' : 'bad';
    const word = { away: 'under way', done: 'came off', failed: 'failed', refused: 'not held' }[
      drill.outcome
    ];
    const text = `${dayAndClock(drill.startedWallMs)}: ${drill.sentence}`;
    rows.push(['Last drill', html`${badge(kind, word)} <span class="dim">${text}</span>`]);
  }
  const minute = late.lastMinute;
  rows.push([
    'Lateness',
    minute === undefined
      ? `at most ${lateness(late.maxMs)} since the start`
      : `at most ${lateness(minute.maxMs)} in the last minute, 99 of 100 turns ${lateness(minute.p99Ms)}; at most ${lateness(late.maxMs)} since the start`,
  ]);
  return html`<h2>Safety</h2><dl>${rows.map(([term, words]) => html`<dt>${term}</dt><dd>${words}</dd>`)}</dl>`;
}

function fencingWords(fencing: StatusSnapshot['fencing']): Markup | string {
  if (fencing === undefined || fencing.devices.length === 0)
    return html`<span class="busy">no device: two nodes that lose every link both serve</span>`;
  return html`${fencing.devices.map(({ type, state, detail }, at) => {
    const kind = state === 'ready' ? 'good' : state === 'unchecked' ? 'busy' : 'bad';
    return html`${at > 0 ? ', ' : ''}${type} ${badge(kind, state)}${detail === '' ? undefined : html` <span class="dim">${detail}</span>`}`;
  })}`;
}

function historySection({ events }: StatusPicture): Markup {
  const newest = [...events].reverse().slice(0, EVENTS_SHOWN);
  if (newest.length === 0) return html`<h2>What happened</h2><p class="dim">Nothing yet.</p>`;
  return html`<h2>What happened</h2>${tableOf(
    'What happened',
    ['Time', 'Event'],
    newest.map(({ wallMs, text }) => [html`<time class="time">${dayAndClock(wallMs)}</time>`, text]),
    false,
  )}`;
}
