/** `heartbeat status` as text: pure, from what the daemon answered. What is wrong comes first. */
import type { FencingSnapshot, NodeSnapshot } from '../core/snapshot-types.js';
import { type StatusPicture, type Verdict, verdictOf } from '../daemon/control/picture.js';
import type { LoopSnapshot } from '../daemon/mailbox.js';
import type { DaemonEvent } from '../daemon/runner/events.js';
import { classicTime, oneLine } from '../log/format.js';
import { lateness, percentage } from '../log/words.js';
import { directorLines } from './director-view.js';
import { groupLines } from './status-groups.js';
import { type Cell, type Colour, duration, paint, table } from './table.js';
import { vrrpLines } from './vrrp-view.js';

export type { StatusPicture } from '../daemon/control/picture.js';

const VERDICT_COLOUR: Readonly<Record<Verdict['level'], Colour>> = {
  well: 'green',
  warning: 'yellow',
  critical: 'red',
};

/** The whole picture in lines; `colours` only for a terminal. */
export function statusLines(picture: StatusPicture, colours: boolean, nowWallMs: number): readonly string[] {
  const { status } = picture.snapshot;
  const verdict = verdictOf(status);
  const lines = [headline(picture, nowWallMs), verdictLine(verdict, colours)];
  if (status.warnings.some((warning) => warning !== verdict.sentence)) {
    lines.push('', paint('WARNINGS', 'bold', colours));
    for (const warning of status.warnings) lines.push(`  ${paint(oneLine(warning), 'yellow', colours)}`);
  }
  if (status.groups.length > 0) lines.push('', ...groupLines(picture, colours));
  if (status.nodes.length > 0) {
    const header = ['NODE', 'STATUS', 'HEARD', 'DEADTIME', 'PROGRAM', 'LINKS'];
    lines.push('', ...table(header, status.nodes.map(nodeRow), colours));
    const links = status.nodes.flatMap(linkRows);
    if (links.length > 0) {
      lines.push(
        '',
        ...table(
          ['LINK', 'STATUS', 'HEARD', 'LOST ON THE WAY HERE', 'LOST ON THE WAY THERE'],
          links,
          colours,
        ),
      );
    }
  }
  if (status.vrrp !== undefined) lines.push('', ...vrrpLines(status.vrrp, colours));
  if (picture.director !== undefined) lines.push('', ...directorLines(picture.director, colours));
  lines.push('');
  if (status.lease !== undefined && status.nodes.length > 0) lines.push(leaseLine(status.lease));
  lines.push(`LATE   ${lateLine(picture.snapshot.lateness)}`);
  const { drill } = picture.daemon;
  if (drill !== undefined)
    lines.push(`DRILL  ${classicTime(new Date(drill.startedWallMs))}: ${oneLine(drill.sentence)}`);
  for (const { node, files } of status.drift ?? [])
    lines.push(`DRIFT  ${oneLine(files.join(', '))} on ${node} is not the same as here`);
  const { fencing } = status;
  const hasPartner = status.nodes.some(({ kind, self }) => kind === 'normal' && !self);
  if (hasPartner && (fencing === undefined || fencing.devices.length === 0))
    lines.push('FENCE  no device: two nodes that lose every link between them both serve');
  if (fencing !== undefined && fencing.devices.length > 0) {
    lines.push('', ...table(['FENCING DEVICE', 'STATE', ''], fencing.devices.map(deviceRow), colours));
  }
  if (picture.events.length > 0) {
    lines.push('', paint('LAST EVENTS', 'bold', colours));
    for (const event of picture.events) lines.push(`  ${eventLine(event)}`);
  }
  return lines;
}

/** `Nov 21 02:03:15  text` */
export function eventLine(event: DaemonEvent): string {
  return `${classicTime(new Date(event.wallMs))}  ${oneLine(event.text)}`;
}

function verdictLine({ level, sentence }: Verdict, colours: boolean): string {
  const word = level === 'well' ? '' : `${level.toUpperCase()}: `;
  return paint(oneLine(`${word}${sentence}`), VERDICT_COLOUR[level], colours);
}

function headline({ snapshot, daemon }: StatusPicture, nowWallMs: number): string {
  const { status } = snapshot;
  const parts = [
    `heartbeat ${status.program} on ${status.self}`,
    `running for ${duration(Math.max(0, nowWallMs - daemon.startedWallMs))}`,
    ...(status.nodes.length === 0
      ? ['VRRP alone']
      : [
          status.communicationUp ? 'communication up' : 'waiting for the other nodes',
          `resources: ${status.resources}`,
          `auto_failback ${status.autoFailback}`,
        ]),
  ];
  if (status.maintenance) parts.push('MAINTENANCE');
  if (status.shuttingDown) parts.push('shutting down');
  if (daemon.loopRestarts > 0) parts.push(`loop restarted ${daemon.loopRestarts} times`);
  return parts.map(oneLine).join(', ');
}

function leaseLine(lease: NonNullable<LoopSnapshot['status']['lease']>): string {
  const guard =
    lease.watchdogMs === null
      ? 'no watchdog'
      : `watchdog ${oneLine(lease.device ?? '')} resets this machine ${duration(lease.watchdogMs)} after its last turn`;
  return (
    `GUARD  ${guard}; services stop here after ${duration(lease.leaseMs)} without a confirmation; ` +
    `the others wait ${duration(lease.silenceMs)} before they take over`
  );
}

function lateLine({ maxMs, over10ms, turns, lastMinute }: LoopSnapshot['lateness']): string {
  const start = `at most ${lateness(maxMs)} since its start, ${over10ms} of ${turns} turns later than 10 ms`;
  if (lastMinute === undefined || lastMinute.turns === 0) return start;
  return `at most ${lateness(lastMinute.maxMs)} in the last minute (99 of 100 turns: ${lateness(lastMinute.p99Ms)}), ${start}`;
}

function nodeRow(node: NodeSnapshot): readonly (Cell | string)[] {
  const name = node.self ? `${node.name} (this node)` : node.name;
  const heard = node.self || node.statusAgeMs === null ? '-' : `${duration(node.statusAgeMs)} ago`;
  const dead = node.links.filter((link) => link.status === 'dead').length;
  const links =
    node.self || node.kind === 'ping'
      ? node.links.map((link) => `${link.name} ${link.status}`).join(', ')
      : `${node.links.length - dead} of ${node.links.length} up`;
  const linkCell: Cell = dead > 0 ? { text: links, colour: 'red' } : { text: links };
  const statusCell: Cell = { text: node.status, colour: nodeColour(node.status) };
  const original = node.kind === 'ping' ? '-' : node.status === 'dead' ? '-' : 'original or not known';
  return [
    name,
    statusCell,
    heard,
    node.self ? '-' : duration(node.deadtimeMs),
    node.program ?? original,
    linkCell,
  ];
}

function linkRows(node: NodeSnapshot): readonly (readonly (Cell | string)[])[] {
  if (node.self || node.kind === 'ping') return [];
  return node.links.map((link) => [
    `${node.name}:${link.name}`,
    { text: link.status, colour: link.status === 'up' ? 'green' : 'red' },
    link.heardAgeMs === null ? 'never' : `${duration(link.heardAgeMs)} ago`,
    node.status === 'dead' ? '-' : lossCell(link.lossInPercent),
    node.status === 'dead' ? '-' : lossCell(link.lossOutPercent),
  ]);
}

function lossCell(percent: number | null | undefined): Cell | string {
  if (percent === undefined || percent === null) return 'not known';
  if (percent === 0) return '0 %';
  return { text: percentage(percent), colour: percent >= 10 ? 'red' : 'yellow' };
}

function deviceRow({ type, state, detail }: FencingSnapshot['devices'][number]): readonly (Cell | string)[] {
  const colour: Colour = state === 'ready' ? 'green' : state === 'unchecked' ? 'yellow' : 'red';
  return [type, { text: state, colour }, oneLine(detail)];
}

function nodeColour(status: string): Colour {
  if (status === 'dead') return 'red';
  return status === 'active' || status === 'ping' ? 'green' : 'yellow';
}
