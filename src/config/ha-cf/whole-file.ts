/** Checks of ha.cf that need the whole file (heartbeat-admin.md 1.3, 1.4), and the times that follow from others. */
import { nearest } from '../nearest.js';
import { type Place, shown, WHOLE_FILE } from '../problems.js';
import type { Draft, LineContext } from './draft.js';
import { orList } from './keyword.js';

export interface Timing {
  readonly keepaliveMs: number;
  readonly deadtimeMs: number;
  readonly warntimeMs: number;
  readonly initdeadMs: number;
  readonly deadpingMs: number;
}

type FileContext = Omit<LineContext, 'directive'>;

/** Reports what is wrong or risky with the file as a whole and returns the times in force. */
export function checkWholeFile(context: FileContext): Timing {
  const timing = timingOf(context.draft);
  checkTiming(timing, context);
  checkNodes(context);
  if (context.draft.media.length === 0 && context.problems.errors === 0) {
    const hint = 'Write at least one line such as "bcast eth0" or "serial /dev/ttyS0".';
    context.problems.error(WHOLE_FILE, 'no-media', 'No line defines a heartbeat medium.', hint);
  }
  checkLogging(context);
  return timing;
}

/** initdead is this long at least when it is not set and deadtime is short. */
const SHORT_INITDEAD_MS = 12_000;
const LONG_DEADTIME_MS = 10_000;

/** The times as set, and the defaults that depend on deadtime. */
export function timingOf(draft: Draft): Timing {
  const keepaliveMs = draft.timesMs.get('keepalive') ?? 1000;
  const deadtimeMs = draft.timesMs.get('deadtime') ?? 30_000;
  const initdead = deadtimeMs > LONG_DEADTIME_MS ? deadtimeMs : Math.max(2 * deadtimeMs, SHORT_INITDEAD_MS);
  return {
    keepaliveMs,
    deadtimeMs,
    warntimeMs: draft.timesMs.get('warntime') ?? Math.floor(deadtimeMs / 2),
    initdeadMs: draft.timesMs.get('initdead') ?? initdead,
    deadpingMs: draft.timesMs.get('deadping') ?? deadtimeMs,
  };
}

function checkTiming(timing: Timing, context: FileContext): void {
  const { problems, draft } = context;
  const { keepaliveMs, deadtimeMs, warntimeMs, initdeadMs, deadpingMs } = timing;
  const at = (...names: string[]): Place => lastSet(draft, names);
  const twice = `more than ${2 * keepaliveMs} ms`;
  if (deadtimeMs <= 2 * keepaliveMs) {
    const message = `deadtime (${deadtimeMs} ms) must be more than twice keepalive (${keepaliveMs} ms).`;
    problems.error(at('deadtime', 'keepalive'), 'deadtime-too-small', message, `Set deadtime to ${twice}.`);
  } else if (deadtimeMs < 3 * keepaliveMs) {
    const message = `deadtime (${deadtimeMs} ms) is less than three times keepalive (${keepaliveMs} ms): two lost packets kill a healthy node.`;
    const hint = `Set deadtime to at least ${4 * keepaliveMs} ms.`;
    problems.warning(at('deadtime', 'keepalive'), 'deadtime-tight', message, hint);
  }
  if (draft.timesMs.has('deadping') && deadpingMs <= 2 * keepaliveMs) {
    const message = `deadping (${deadpingMs} ms) must be more than twice keepalive (${keepaliveMs} ms).`;
    problems.error(at('deadping'), 'deadping-too-small', message, `Set deadping to ${twice}.`);
  }
  if (initdeadMs < deadtimeMs) {
    const message = `initdead (${initdeadMs} ms) is below deadtime (${deadtimeMs} ms).`;
    const hint = `Set initdead to at least ${deadtimeMs} ms, or remove it.`;
    problems.error(at('initdead'), 'initdead-below-deadtime', message, hint);
  } else if (initdeadMs < LONG_DEADTIME_MS) {
    const message = `initdead (${initdeadMs} ms) is short: networks often need more than 10 s after a start.`;
    problems.warning(at('initdead'), 'initdead-short', message, 'Set initdead to 30 or more.');
  }
  if (warntimeMs >= deadtimeMs) {
    const message = `warntime (${warntimeMs} ms) is not below deadtime (${deadtimeMs} ms), so no late heartbeat is ever logged.`;
    problems.warning(at('warntime'), 'warntime-useless', message, 'Set it to about half of deadtime.');
  }
  if (draft.autoFailback === 'legacy') {
    const message = 'auto_failback is legacy, explicitly or by default, which is deprecated.';
    problems.warning(at('auto_failback'), 'failback-legacy', message, 'Write auto_failback on or off.');
  }
}

function checkNodes(context: FileContext): void {
  const { draft, problems, self } = context;
  const members = draft.nodes.filter((node) => node.kind === 'member');
  const names = members.map((node) => node.name);
  if (members.length === 0) {
    if (problems.errors > 0) return;
    problems.error(
      WHOLE_FILE,
      'no-nodes',
      'No node line names the nodes of the cluster.',
      `Write node ${self} OTHER.`,
    );
  } else if (!names.includes(self)) {
    problems.error(
      members[0] ?? WHOLE_FILE,
      'local-node-missing',
      `This host, ${shown(self)}, is in no node line; known nodes are ${names.slice(0, 10).join(', ')}.`,
      `A node line must name exactly what "uname -n" prints; the nearest is ${nearest(self, names) ?? ''}.`,
    );
  } else if (new Set(names).size === 1) {
    const message = `${self} is the only node: there is no peer that could take over.`;
    problems.warning(members[0] ?? WHOLE_FILE, 'single-node', message, 'Name the other node too.');
  }
  for (const [index, node] of members.entries()) {
    if (names.indexOf(node.name) === index) continue;
    const message = `The node ${shown(node.name)} is named twice; the original counts it twice.`;
    problems.warning(node, 'duplicate-node', message, 'Remove it here.');
  }
}

function checkLogging(context: FileContext): void {
  const { draft, problems } = context;
  const logd = draft.flags.get('use_logd');
  const files = ['logfile', 'debugfile'].filter((name) => draft.raw.has(name));
  const facility = draft.raw.get('logfacility')?.text ?? 'none';
  if (logd === false && files.length === 0 && facility === 'none') {
    const message = 'use_logd is off and no other log destination is set.';
    const hint = 'Write logfacility daemon, or a logfile line.';
    problems.error(lastSet(draft, ['use_logd']), 'no-logging', message, hint);
  }
  if (logd === true && files.length > 0) {
    const message = `use_logd is on: the original ignores ${orList(files)}, this program writes them all the same.`;
    problems.warning(
      lastSet(draft, ['use_logd']),
      'logd-ignores-files',
      message,
      'Remove the use_logd line.',
    );
  }
  if (logd === undefined && files.length === 0 && facility === 'none') {
    const message = 'No log destination is set; log lines go to the system log, facility daemon.';
    problems.info(WHOLE_FILE, 'logging-default', message, 'Write logfacility daemon, or a logfile line.');
  }
}

/** Where the last of these directives stands; the whole file when none is set. */
function lastSet(draft: Draft, names: readonly string[]): Place {
  const places = names.flatMap((name) => draft.raw.get(name) ?? []);
  return places.reduce<Place>((last, place) => (place.line > last.line ? place : last), WHOLE_FILE);
}
