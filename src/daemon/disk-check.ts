/** The disks of `[sbd] device` as they are: what `heartbeat check` says of them. Each is read by a process of its own. */
import { askDisk } from '../actions/sbd/ask.js';
import type { Posted } from '../actions/sbd/post.js';
import type { ClusterConfig, Diagnostic } from '../config/types.js';
import { fencingSettings } from '../core/fencing/state.js';
import { watchdogTimeoutS } from '../core/guard/budget.js';
import { samePillName } from '../wire/sbd.js';

/** Beside msgwait, for writing. */
const WRITE_S = 5;
/** Between the last reading that a node may live by, and its end. */
const MARGIN_S = 1;
const LOOPS_MIN = 3;

/** Warnings about every disk; one that does not answer within seconds is one of them. Never rejects. */
export async function diskDiagnostics(config: ClusterConfig, iniFile: string): Promise<Diagnostic[]> {
  const found = (config.settings.sbdDevices ?? []).map(async (device) => {
    const answer = await askDisk(device, ['status']);
    const say = sayer(iniFile);
    if ('failed' in answer)
      return [
        say('sbd-unreadable', `${answer.failed} heartbeat does not start without a majority of its disks.`),
      ];
    return judge(config, device, answer.posted).map(([code, message, hint]) => say(code, message, hint));
  });
  return (await Promise.all(found)).flat();
}

const sayer =
  (file: string) =>
  (code: string, message: string, hint?: string): Diagnostic => ({
    file,
    line: 0,
    column: 0,
    severity: 'warning',
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
  });

type Finding = readonly [code: string, message: string, hint: string];

/** The rules of the times (docs/sbd.md), and who has a slot. */
export function judge(config: ClusterConfig, device: string, disk: Posted): Finding[] {
  const { msgwaitS, watchdogS, loopS, names } = disk;
  const findings: Finding[] = [];
  const anew = `Prepare it anew: "heartbeat sbd -d ${device} create --force -1 WATCHDOG -4 MSGWAIT".`;
  if (msgwaitS < 2 * watchdogS)
    findings.push([
      'sbd-msgwait-short',
      `${device}: msgwait (${msgwaitS} s) is less than twice its watchdog time (${watchdogS} s).`,
      anew,
    ]);
  const armedS = config.watchdog === undefined ? 1 : watchdogTimeoutS(config);
  const neededS = LOOPS_MIN * loopS + armedS + MARGIN_S;
  if (msgwaitS < neededS)
    findings.push([
      'sbd-watchdog-long',
      `${device}: a node that lost this disk may live ${neededS} s, but counts as ended after the msgwait of ${msgwaitS} s.`,
      `${anew} Or set a shorter [watchdog] timeout.`,
    ]);
  const { deadlineMs, delayMs } = fencingSettings(config);
  if ((msgwaitS + WRITE_S) * 1000 > deadlineMs)
    findings.push([
      'sbd-deadline-short',
      `${device}: the msgwait of ${msgwaitS} s does not fit into [fencing] deadline, ${deadlineMs / 1000} s: every fencing fails.`,
      `Set [fencing] deadline = ${msgwaitS + 2 * WRITE_S}.`,
    ]);
  if (delayMs > 0 && delayMs <= loopS * 1000)
    findings.push([
      'sbd-delay-short',
      `${device}: it is read every ${loopS} s, so [fencing] delay = ${delayMs / 1000} does not keep both nodes from ending each other.`,
      `Set [fencing] delay = ${loopS + 1} or more.`,
    ]);
  if (msgwaitS * 1000 > 2 * config.deadtimeMs)
    findings.push([
      'sbd-takeover-slow',
      `${device}: a takeover lasts deadtime and msgwait, ${config.deadtimeMs / 1000 + msgwaitS} s.`,
      'A shorter watchdog time and msgwait make it faster, if the disk never stalls that long.',
    ]);
  const absent = config.nodes.filter((node) => !names.some((name) => samePillName(name, node)));
  if (absent.length > 0)
    findings.push([
      'sbd-no-slot',
      `${device}: there is no slot for ${absent.join(' and ')}, so it cannot be fenced by this disk.`,
      'heartbeat takes its slot when it starts there the first time; or say "heartbeat sbd allocate NODE".',
    ]);
  return findings;
}
