/** `heartbeat status` as text: pure, from what the daemon answered. */
import type { FencingSnapshot, GroupSnapshot, NodeSnapshot, ResourceState } from '../core/snapshot-types.js';
import type { DaemonFacts } from '../daemon/control/protocol.js';
import type { LoopSnapshot } from '../daemon/mailbox.js';
import type { DaemonEvent } from '../daemon/runner/events.js';
import { classicTime, oneLine } from '../log/format.js';
import { type Cell, type Colour, duration, paint, table } from './table.js';
import { vrrpLines } from './vrrp-view.js';

export interface StatusPicture {
  readonly snapshot: LoopSnapshot;
  readonly daemon: DaemonFacts;
  /** Oldest first. */
  readonly events: readonly DaemonEvent[];
}

/** The whole picture in lines; `colours` only for a terminal. */
export function statusLines(picture: StatusPicture, colours: boolean, nowWallMs: number): readonly string[] {
  const { status } = picture.snapshot;
  const lines = [headline(picture, nowWallMs)];
  if (status.nodes.length > 0) {
    const header = ['NODE', 'STATUS', 'HEARD', 'DEADTIME', 'LINKS'];
    lines.push('', ...table(header, status.nodes.map(nodeRow), colours));
  }
  if (status.groups.length > 0) {
    const header = ['GROUP', 'STATE', 'OWNER', 'PREFERRED', 'RESOURCES'];
    lines.push(
      '',
      ...table(
        header,
        status.groups.map((group) => groupRow(group, status.self)),
        colours,
      ),
    );
  }
  if (status.vrrp !== undefined) lines.push('', ...vrrpLines(status.vrrp, colours));
  if (status.lease !== undefined && status.nodes.length > 0) lines.push('', leaseLine(status.lease));
  const { fencing } = status;
  if (fencing !== undefined && fencing.devices.length > 0) {
    lines.push('', ...table(['FENCING DEVICE', 'STATE', ''], fencing.devices.map(deviceRow), colours));
  }
  if (status.warnings.length > 0) {
    lines.push('', paint('WARNINGS', 'bold', colours));
    for (const warning of status.warnings) lines.push(`  ${paint(oneLine(warning), 'yellow', colours)}`);
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
  return `GUARD  ${guard}; the others wait ${duration(lease.silenceMs)} before they take over`;
}

function nodeRow(node: NodeSnapshot): readonly (Cell | string)[] {
  const name = node.self ? `${node.name} (this node)` : node.name;
  const heard = node.self || node.statusAgeMs === null ? '-' : `${duration(node.statusAgeMs)} ago`;
  const dead = node.links.filter((link) => link.status === 'dead').length;
  const links = node.links.map((link) => `${link.name} ${link.status}`).join(', ');
  const linkCell: Cell = dead > 0 ? { text: links, colour: 'red' } : { text: links };
  const statusCell: Cell = { text: node.status, colour: nodeColour(node.status) };
  return [name, statusCell, heard, node.self ? '-' : duration(node.deadtimeMs), linkCell];
}

function deviceRow({ type, state, detail }: FencingSnapshot['devices'][number]): readonly (Cell | string)[] {
  const colour: Colour = state === 'ready' ? 'green' : state === 'unchecked' ? 'yellow' : 'red';
  return [type, { text: state, colour }, oneLine(detail)];
}

function nodeColour(status: string): Colour {
  if (status === 'dead') return 'red';
  return status === 'active' || status === 'ping' ? 'green' : 'yellow';
}

const STATE_COLOUR: Readonly<Record<ResourceState, Colour | undefined>> = {
  stopped: undefined,
  starting: 'yellow',
  running: 'green',
  stopping: 'yellow',
  failed: 'red',
};

function groupRow(group: GroupSnapshot, self: string): readonly (Cell | string)[] {
  const colour = STATE_COLOUR[group.state];
  const elsewhere = group.owner !== null && group.owner !== self;
  const state = elsewhere && group.state === 'stopped' ? `stopped here` : group.state;
  const resources = group.resources.map((resource) => {
    const notes: string[] = resource.state === group.state ? [] : [resource.state];
    if (resource.failures > 0)
      notes.push(resource.failures === 1 ? '1 failure' : `${resource.failures} failures`);
    return notes.length === 0 ? resource.word : `${resource.word} (${notes.join(', ')})`;
  });
  return [
    group.key,
    colour === undefined ? state : { text: state, colour },
    group.owner === null ? { text: 'nobody', colour: 'red' } : group.owner,
    group.preferredNode,
    resources.join(' '),
  ];
}
