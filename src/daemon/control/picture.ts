/** One picture of everything, for `heartbeat status`, its JSON, the status page and the metrics. */
import type { DirectorSnapshot } from '../../core/director/snapshot.js';
import type { StatusSnapshot } from '../../core/snapshot-types.js';
import type { LoopSnapshot } from '../mailbox.js';
import type { GroupAvailability } from '../runner/availability.js';
import type { DaemonEvent } from '../runner/events.js';
import type { DaemonFacts } from './protocol.js';

export interface StatusPicture {
  readonly snapshot: LoopSnapshot;
  readonly daemon: DaemonFacts;
  /** Absent from older daemons. */
  readonly availability?: readonly GroupAvailability[];
  /** Absent where no virtual server is configured. */
  readonly director?: DirectorSnapshot;
  /** Oldest first. */
  readonly events: readonly DaemonEvent[];
}

/** How the cluster is, in one word and one sentence. */
export interface Verdict {
  /** critical: a service is down or in danger; warning: something wants attention. */
  readonly level: 'well' | 'warning' | 'critical';
  readonly sentence: string;
}

/**
 * What `heartbeat status --json` and `/status.json` give (docs/status.md, etc/status.schema.json). Additions keep the
 * number of `schema`; it rises when a key changes its meaning.
 */
export function pictureDocument(picture: StatusPicture, nowWallMs: number): Record<string, unknown> {
  const { status, lateness, links } = picture.snapshot;
  return {
    ...status,
    takenWallMs: nowWallMs,
    verdict: verdictOf(status),
    lateness,
    links,
    daemon: picture.daemon,
    availability: picture.availability ?? [],
    events: picture.events,
    ...(picture.director === undefined ? {} : { director: picture.director }),
  };
}

/** Judges a picture; the worst comes first. */
export function verdictOf(status: StatusSnapshot): Verdict {
  const failed = status.groups.filter(({ failedOn, owner }) => failedOn.length > 0 && owner === null);
  const down = status.communicationUp ? status.groups.filter(({ owner }) => owner === null) : [];
  const moving = status.groups.filter(
    ({ owner, state }) => owner === status.self && state !== 'running' && state !== 'failed',
  );
  if (failed.length > 0) return critical(`${names(failed)} failed and runs nowhere.`);
  if (status.fencing?.target) return critical(status.fencing.target.sentence);
  if (down.length > 0) return critical(`${names(down)} runs nowhere as far as this node knows.`);
  if (!status.communicationUp && status.nodes.length > 0) return warning('Waiting for the other nodes.');
  if (status.shuttingDown) return warning('Heartbeat is being stopped here.');
  if (moving.length > 0) return warning(`${names(moving)} is being moved.`);
  const vrrp = status.vrrp?.instances.filter(({ state }) => state === 'fault') ?? [];
  if (vrrp.length > 0) return warning(`VRRP ${vrrp.map(({ name }) => name).join(', ')} is in fault.`);
  const [first, ...others] = status.warnings;
  if (first !== undefined)
    return warning(others.length === 0 ? first : `${first} And ${others.length} more.`);
  return { level: 'well', sentence: 'All is well.' };
}

function names(groups: readonly { readonly key: string }[]): string {
  return groups.length > 3 ? `${groups.length} groups` : groups.map(({ key }) => key).join(', ');
}

function critical(sentence: string): Verdict {
  return { level: 'critical', sentence };
}

function warning(sentence: string): Verdict {
  return { level: 'warning', sentence };
}
