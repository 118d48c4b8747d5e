/**
 * The failover drill: everything that this node holds is handed over, served by the other node for a while, and taken
 * back; measured and told. Not held unless all is well; what goes wrong ends it, with the services where they are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, ResourceSet } from '../../core/input.js';
import type { StatusSnapshot } from '../../core/snapshot-types.js';
import { duration } from '../../log/words.js';
import { verdictOf } from '../control/picture.js';
import { replaceFile } from './state-files.js';

export interface DrillRecord {
  readonly startedWallMs: number;
  /** away: under way (or cut short by a restart). */
  readonly outcome: 'away' | 'done' | 'failed' | 'refused';
  /** From the request until the other node served; null: not so far. */
  readonly handoverMs: number | null;
  /** From the request until everything ran here again. */
  readonly returnMs: number | null;
  readonly sentence: string;
}

export interface DrillParts {
  readonly stateDir: string;
  readonly status: () => Promise<StatusSnapshot | undefined>;
  /** Undefined: no answer in time, which is no refusal. */
  readonly command: (
    command: Command,
  ) => Promise<{ readonly ok: boolean; readonly text: string } | undefined>;
  readonly event: (code: 'drill' | 'drill-refused' | 'drill-failed', sentence: string) => void;
  readonly holdMs: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Monotonic ms. */
  readonly nowMs?: () => number;
}

export interface Drill {
  /** Holds one, unless one is under way. Resolves when it is over. */
  hold(): Promise<void>;
  /**
   * The other node asked this one just now to take what it holds. That may be its own drill, which begins at the same
   * minute of a clock that is a little ahead: what came so is not drilled here before it can have gone back.
   */
  notePeerGave(): void;
  /** The newest; undefined: none yet. */
  readonly last: DrillRecord | undefined;
}

const LIMIT_MS = 600_000;
const POLL_MS = 100;
/** How far apart the clocks of two nodes are at most, and the two moves of a drill. */
const APART_MS = 120_000;

/** A step that did not come off: the sentence says why. */
class DrillError extends Error {}

/** Makes it; the record of earlier drills is read. */
export function createDrill(parts: DrillParts): Drill {
  const sleep = parts.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const nowMs = parts.nowMs ?? (() => performance.now());
  const path = join(parts.stateDir, 'drill.json');
  let last = readRecord(path);
  let isUnderWay = false;
  let peerGaveAtMs: number | undefined;
  const mayBeTheirs = (): boolean =>
    peerGaveAtMs !== undefined && nowMs() - peerGaveAtMs < parts.holdMs() + APART_MS;

  const keep = (record: DrillRecord): void => {
    last = record;
    try {
      replaceFile(path, `${JSON.stringify(record)}\n`);
    } catch {
      // The event tells it as well.
    }
  };
  const waitFor = async (what: string, isSo: (status: StatusSnapshot) => boolean): Promise<number> => {
    const beganMs = nowMs();
    for (;;) {
      const status = await parts.status();
      if (status !== undefined && isSo(status)) return nowMs() - beganMs;
      if (nowMs() - beganMs > LIMIT_MS) throw new DrillError(`${what} after ${duration(LIMIT_MS)}`);
      await sleep(POLL_MS);
    }
  };
  const ask = async (command: Command): Promise<void> => {
    const reply = await parts.command(command);
    if (reply !== undefined && !reply.ok) throw new DrillError(reply.text.replace(/\.$/, ''));
  };

  const run = async (status: StatusSnapshot, set: ResourceSet, record: DrillRecord): Promise<DrillRecord> => {
    const { self } = status;
    const own = status.groups.filter(({ owner }) => owner === self).map(({ key }) => key);
    const owners = (now: StatusSnapshot) => now.groups.filter(({ key }) => own.includes(key));
    const isAway = (now: StatusSnapshot): boolean =>
      now.resources === 'none' && owners(now).every(({ owner }) => owner !== null && owner !== self);
    let beganMs = nowMs();
    await ask({ kind: 'standby', set });
    await waitFor('the other node does not serve', isAway);
    const handoverMs = nowMs() - beganMs;
    keep({ ...record, handoverMs });
    for (
      const endMs = nowMs() + parts.holdMs();
      nowMs() < endMs;
      await sleep(Math.min(1000, endMs - nowMs()))
    ) {
      const now = await parts.status();
      if (now !== undefined && !isAway(now)) throw new DrillError('the other node did not go on serving');
    }
    beganMs = nowMs();
    await ask({ kind: 'takeover', set });
    await waitFor('not everything runs here again', (now) =>
      owners(now).every(({ owner, state }) => owner === self && state === 'running'),
    );
    const returnMs = nowMs() - beganMs;
    const what = own.length === 1 ? own[0] : `${own.length} groups`;
    const sentence = `failover drill: ${what} went to the other node in ${duration(handoverMs)} and came back in ${duration(returnMs)}.`;
    return { ...record, outcome: 'done', handoverMs, returnMs, sentence };
  };

  const holdOne = async (): Promise<void> => {
    const status = await parts.status();
    if (status !== undefined && (!isOurTurn(status) || mayBeTheirs())) return;
    const record: DrillRecord = {
      startedWallMs: Date.now(),
      outcome: 'away',
      handoverMs: null,
      returnMs: null,
      sentence: 'failover drill: under way.',
    };
    const why = status === undefined ? 'the decisions of this node do not answer' : obstacle(status);
    if (status === undefined || why !== undefined) {
      const sentence = `failover drill: not held, because ${why}.`;
      keep({ ...record, outcome: 'refused', sentence });
      parts.event('drill-refused', sentence);
      return;
    }
    keep(record);
    try {
      // An answer of "transition" was an obstacle: what is left is a set.
      const done = await run(status, status.resources as ResourceSet, record);
      keep(done);
      parts.event('drill', done.sentence);
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      const sentence = `failover drill: broken off, because ${error.message}; the services stay where they are.`;
      keep({ ...(last ?? record), outcome: 'failed', sentence });
      parts.event('drill-failed', sentence);
    }
  };

  return {
    async hold() {
      if (isUnderWay) return;
      isUnderWay = true;
      await holdOne().finally(() => {
        isUnderWay = false;
      });
    },
    notePeerGave() {
      peerGaveAtMs = nowMs();
    },
    get last() {
      return last;
    },
  };
}

/** Only who serves holds a drill; where both serve, the first of ha.cf. */
function isOurTurn(status: StatusSnapshot): boolean {
  const holders = status.nodes.filter(({ name }) => status.groups.some(({ owner }) => owner === name));
  return holders.length === 0 ? status.nodes[0]?.self === true : holders[0]?.self === true;
}

/** Why none is held now; undefined: nothing stands against it. */
function obstacle(status: StatusSnapshot): string | undefined {
  const verdict = verdictOf(status);
  if (verdict.level !== 'well') return verdict.sentence.replace(/\.$/, '');
  if (status.groups.length === 0) return 'there are no groups';
  if (status.autoFailback === 'legacy') return 'auto_failback legacy knows no standby';
  if (status.resources === 'transition' || status.resources === 'none') return 'resources are being moved';
  if (!status.nodes.some(({ self, kind, status: word }) => !self && kind === 'normal' && word === 'active'))
    return 'there is no other node';
  return undefined;
}

function readRecord(path: string): DrillRecord | undefined {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as DrillRecord;
    const isWhole = typeof stored.startedWallMs === 'number' && typeof stored.sentence === 'string';
    if (!isWhole || !['away', 'done', 'failed', 'refused'].includes(stored.outcome)) return undefined;
    if (stored.outcome !== 'away') return stored;
    const sentence = 'failover drill: cut short by a restart of heartbeat; the services stay where they are.';
    return { ...stored, outcome: 'failed', sentence };
  } catch {
    return undefined;
  }
}
