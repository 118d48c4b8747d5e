/** What the original runs silently though it is risky: warnings that need more than one file. */

import type { ReadAuthKeys } from './authkeys/parse.js';
import type { HaCf } from './ha-cf/parse.js';
import { holdsSecret } from './ha-cf/stonith-types.js';
import { timingOf } from './ha-cf/whole-file.js';
import type { Haresources } from './haresources/parse.js';
import type { Machine } from './machine-facts.js';
import { WHOLE_FILE } from './problems.js';
import { judgeSerialLine, statusFrameBytes } from './serial-load.js';
import type { Medium, Settings } from './types.js';

/** Resources that two nodes must never hold at the same time: data is destroyed if they do. */
const SHARED_DATA_TYPES: readonly string[] = ['Filesystem', 'LVM', 'Raid1', 'ServeRAID', 'LinuxSCSI', 'ids'];

export interface JudgedFiles {
  readonly haCf: HaCf;
  readonly haresources: Haresources | undefined;
  readonly authkeys: ReadAuthKeys | undefined;
  readonly settings: Settings;
  /** Permissions of ha.cf. */
  readonly haCfMode: number;
}

/** Adds warnings to the files' problems. */
export function checkSafety(files: JudgedFiles, machine: Machine): void {
  checkLinks(files.haCf);
  checkDuplicateMedia(files.haCf);
  checkWatchdog(files.haCf, files.settings, machine);
  checkSerialLines(files);
  checkFencing(files.haCf, files.settings);
  checkDisks(files.haCf, files.settings);
  checkSecrets(files.haCf, files.haCfMode);
  if (files.haresources !== undefined) checkResources(files.haCf, files.haresources);
  if (files.authkeys !== undefined) checkSignature(files.haCf, files.authkeys);
}

/** Name of the link that a medium runs over; undefined for ping. */
function linkOf(medium: Medium): string | undefined {
  return 'device' in medium ? medium.device : undefined;
}

function checkLinks({ draft, problems }: HaCf): void {
  if (draft.media.length === 0) return;
  const links = new Set(draft.media.flatMap(({ medium }) => linkOf(medium) ?? []));
  const place = draft.media[0] ?? WHOLE_FILE;
  if (links.size === 0) {
    const message = 'Only ping hosts are configured: no line carries heartbeats to the other node.';
    problems.warning(place, 'no-heartbeat-link', message, 'Add a line such as "bcast eth0".');
  } else if (links.size === 1) {
    const message = `All heartbeats run over ${[...links].join('')}: when it fails, each node takes the other for dead.`;
    problems.warning(place, 'single-link', message, 'Add a second interface or a serial line.');
  }
}

/** Whoever can read the password of a fencing device can switch the machines off. */
function checkSecrets({ draft, problems }: HaCf, mode: number): void {
  const device = draft.stonith.find(({ type, parameters }) => holdsSecret(type, parameters));
  if (device === undefined || (mode & 0o044) === 0) return;
  const message = `ha.cf may be read by everybody (mode ${(mode & 0o777).toString(8)}), and the line of ${device.type} may hold a password.`;
  problems.warning(
    { line: device.line, column: 0 },
    'stonith-secret-readable',
    message,
    'Say "chmod 600" on it.',
  );
}

/** Fencing by a disk needs somebody who reads it on the node that is to end, and a watchdog behind him. */
function checkDisks({ draft, problems }: HaCf, settings: Settings): void {
  const hasDisk = (settings.sbdDevices ?? []).length > 0;
  const own = draft.stonith.find(({ type }) => type === 'sbd');
  const foreign = draft.stonith.find(({ type }) => type === 'external/sbd');
  if (own !== undefined && !hasDisk) {
    const message = 'The fencing device sbd has no disk: heartbeat.ini has no [sbd] device.';
    const hint = 'Prepare one with "heartbeat sbd -d DEV create", and write [sbd] device = DEV on all nodes.';
    problems.error({ line: own.line, column: 0 }, 'sbd-no-device', message, hint);
  }
  if (foreign !== undefined && !hasDisk) {
    const message =
      'external/sbd says OK although nobody may read the disk: this heartbeat does not, as heartbeat.ini has no [sbd] device.';
    const hint =
      'Write [sbd] device = DEV into heartbeat.ini, or see to it that "sbd watch" runs on every node.';
    problems.warning({ line: foreign.line, column: 0 }, 'sbd-no-watcher', message, hint);
  }
  if (!hasDisk) return;
  if (own === undefined && foreign === undefined) {
    const message = 'This node reads the disks of [sbd] device, but fences nobody by them.';
    problems.warning(WHOLE_FILE, 'sbd-unused', message, 'Add the line "stonith_host * sbd".');
  }
  if (draft.raw.get('watchdog') === undefined) {
    const message =
      'A node that hangs reads no disk: without a watchdog it lives on when it counts as ended.';
    problems.warning(WHOLE_FILE, 'sbd-no-watchdog', message, 'Add "watchdog /dev/watchdog".');
  }
}

/** What the wait against two nodes that fence each other costs. */
function checkFencing({ draft, problems }: HaCf, settings: Settings): void {
  const [device] = draft.stonith;
  const delayMs = settings.fencingDelayMs ?? 0;
  if (device === undefined || delayMs === 0) return;
  const seconds = delayMs / 1000;
  const message = `When each node takes the other for dead, the one that holds fewer groups fences ${seconds} s later: its takeover from a node that really died takes ${seconds} s longer.`;
  const hint =
    'A witness that only one of them reaches decides without that wait; [fencing] delay = 0 saves it and may end both.';
  problems.info({ line: device.line, column: 0 }, 'fencing-delay', message, hint);
}

function checkDuplicateMedia({ draft, problems }: HaCf): void {
  const seen = new Map<string, number>();
  for (const { medium, line, column } of draft.media) {
    const identity = JSON.stringify(medium);
    const earlier = seen.get(identity);
    if (earlier === undefined) seen.set(identity, line);
    else {
      const message = `This medium is defined in line ${earlier} already; everything is sent twice.`;
      problems.warning({ line, column }, 'duplicate-medium', message, 'Remove one of the two.');
    }
  }
}

function checkWatchdog({ draft, problems }: HaCf, settings: Settings, machine: Machine): void {
  const watchdog = draft.raw.get('watchdog');
  const required = settings.watchdogRequired === true;
  if (watchdog === undefined) {
    if (!required) return;
    const message = 'heartbeat.ini says [watchdog] required = yes, and no watchdog is named here.';
    const hint = 'Add "watchdog /dev/watchdog", or remove that key.';
    problems.error(WHOLE_FILE, 'watchdog-required', message, hint);
    return;
  }
  if (machine.deviceKind(watchdog.text) !== 'absent') return;
  const message = `There is no watchdog device ${watchdog.text}; the daemon ${required ? 'does not run' : 'runs'} without it.`;
  const hint = 'Load its driver, e.g. "modprobe softdog".';
  if (required) problems.error(watchdog, 'watchdog-missing', message, hint);
  else problems.warning(watchdog, 'watchdog-missing', message, hint);
}

function checkSerialLines({ haCf, haresources, authkeys }: JudgedFiles): void {
  const { draft, problems } = haCf;
  const members = [...new Set(draft.nodes.flatMap((node) => (node.kind === 'member' ? [node.name] : [])))];
  const keys = authkeys?.authKeys;
  const frameBytes = statusFrameBytes({
    // Every node's name is about as long as ours.
    self: members[0] ?? '',
    peers: members.slice(1),
    links: [...new Set(draft.media.flatMap(({ medium }) => linkOf(medium) ?? []))],
    groups: haresources?.groups.length ?? 0,
    method: keys?.keys.find(({ index }) => index === keys.activeIndex)?.method ?? 'sha1',
  });
  const timing = timingOf(draft);
  for (const { medium, line, column } of draft.media) {
    if (medium.kind !== 'serial') continue;
    const judgement = judgeSerialLine(medium, frameBytes, timing);
    if (judgement === undefined) continue;
    problems.warning({ line, column }, 'serial-slow', judgement.message, judgement.hint);
  }
}

function checkResources({ draft }: HaCf, haresources: Haresources): void {
  const { groups, problems } = haresources;
  const members = new Set(draft.nodes.flatMap((node) => (node.kind === 'member' ? [node.name] : [])));
  const [first] = groups;
  if (members.size > 2 && first !== undefined) {
    const pair = [...members].slice(0, 2).join(' and ');
    const message = `ha.cf names ${members.size} nodes, but services of haresources move between two only: ${pair}.`;
    problems.warning(first.keyPlace, 'more-than-two-nodes', message, 'Put the two nodes that serve first.');
  }
  if (draft.stonith.length > 0) return;
  for (const { group, places, keyPlace } of groups) {
    const index = group.resources.findIndex((resource) => SHARED_DATA_TYPES.includes(resource.type));
    const resource = group.resources[index];
    if (resource === undefined) continue;
    const message = `${resource.type} may be active on both nodes at once, as no STONITH device is configured: that destroys data.`;
    const hint = 'Add a stonith or stonith_host line to ha.cf.';
    problems.warning(places[index] ?? keyPlace, 'no-fencing', message, hint);
  }
}

/** Media that others can reach; a serial line is a cable between two machines, lo stays inside this one. */
function isNetwork(medium: Medium): boolean {
  const link = linkOf(medium);
  return link !== undefined && link !== 'lo' && medium.kind !== 'serial';
}

function checkSignature({ draft }: HaCf, { authKeys, problems, places }: ReadAuthKeys): void {
  if (authKeys === undefined || !draft.media.some(({ medium }) => isNetwork(medium))) return;
  for (const { index, method } of authKeys.keys) {
    if (method !== 'crc') continue;
    const active = index === authKeys.activeIndex;
    const message = active
      ? 'Heartbeats over a network are signed with crc: anybody there can forge them and seize the services.'
      : `Key ${index} is crc: anybody on the network can choose it and forge heartbeats.`;
    const hint = active ? `Write "${index} sha1 SECRET" on all nodes.` : 'Remove the line.';
    problems.warning(places.get(index) ?? WHOLE_FILE, 'crc-on-network', message, hint);
  }
}
