/** The groups in `heartbeat status`: where each runs, and how available it has been. Pure. */
import type { GroupSnapshot, ResourceState } from '../core/snapshot-types.js';
import type { StatusPicture } from '../daemon/control/picture.js';
import type { GroupAvailability } from '../daemon/runner/availability.js';
import { availabilityPercent, counted } from '../log/words.js';
import { type Cell, type Colour, duration, table } from './table.js';

const STATE_COLOUR: Readonly<Record<ResourceState, Colour | undefined>> = {
  stopped: undefined,
  starting: 'yellow',
  running: 'green',
  stopping: 'yellow',
  failed: 'red',
};

/** A table of the groups; below it their availability, where there is anything to be said. */
export function groupLines({ snapshot, availability = [] }: StatusPicture, colours: boolean): string[] {
  const { status } = snapshot;
  const header = ['GROUP', 'STATE', 'OWNER', 'PREFERRED', 'RESOURCES'];
  const lines = [
    ...table(
      header,
      status.groups.map((group) => groupRow(group, status.self)),
      colours,
    ),
  ];
  if (availability.length === 0) return lines;
  const columns = [
    'GROUP',
    'AVAILABILITY',
    'SEEN FOR',
    'OUTAGES',
    'LAST OUTAGE',
    'MEAN OUTAGE',
    'MEAN TIME BETWEEN',
  ];
  return [...lines, '', ...table(columns, availability.map(availabilityRow), colours)];
}

function groupRow(group: GroupSnapshot, self: string): readonly (Cell | string)[] {
  const colour = STATE_COLOUR[group.state];
  const elsewhere = group.owner !== null && group.owner !== self;
  const state = elsewhere && group.state === 'stopped' ? `stopped here` : group.state;
  const resources = group.resources.map((resource) => {
    const notes: string[] = resource.state === group.state ? [] : [resource.state];
    if (resource.failures > 0) notes.push(counted(resource.failures, 'failure'));
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

function availabilityRow(one: GroupAvailability): readonly (Cell | string)[] {
  const last = one.lastOutages.at(-1);
  const isDown = last !== undefined && last.endWallMs === null;
  const lastText =
    last === undefined
      ? '-'
      : last.endWallMs === null
        ? 'now'
        : duration(Math.max(0, last.endWallMs - last.startWallMs));
  return [
    one.group,
    { text: availabilityPercent(one.availability), ...(isDown ? { colour: 'red' } : {}) },
    duration(one.observedMs),
    String(one.outages),
    isDown ? { text: lastText, colour: 'red' } : lastText,
    one.mttrMs === null ? '-' : duration(one.mttrMs),
    one.mtbfMs === null ? '-' : duration(one.mtbfMs),
  ];
}
