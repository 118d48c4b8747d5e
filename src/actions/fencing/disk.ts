/**
 * The device `sbd`: a sentence in the mailbox of the node, on a majority of the disks, then `msgwait`. Nothing answers: a
 * node that reads its slot ends at once, and one that cannot read it ends by its watchdog within that time.
 */
import { hostname } from 'node:os';
import type { FenceResult } from '../../core/fencing/types.js';
import { disksToWrite } from '../../wire/sbd.js';
import { askDisk, DISK_DEADLINE_MS } from '../sbd/ask.js';
import { type DeviceCall, type FencingContext, impossible } from './call.js';

/** The disks of a device: the parameters of its configuration. */
function disksOf(call: DeviceCall): readonly string[] {
  return call.device.parameters.split(',').filter((path) => path !== '');
}

/** Asks or tells a majority of the disks; a sentence is carried out when this resolves with ok. Never rejects. */
export async function callDisks(call: DeviceCall, context: FencingContext): Promise<FenceResult> {
  const { verb, node } = call;
  const disks = disksOf(call);
  if (disks.length === 0) return impossible('heartbeat.ini names no disk: write [sbd] device = /dev/...');
  if (verb === 'on') return impossible('a disk cannot switch a node on');
  const untilMs = performance.now() + call.deadlineMs;
  const args = verb === 'status' ? ['status'] : ['post', node, verb, hostname().toLowerCase()];
  const outcomes = await Promise.all(disks.map((path) => askDisk(path, args, call.deadlineMs)));
  const posted = outcomes.flatMap((outcome) => ('posted' in outcome ? [outcome.posted] : []));
  const failed = outcomes.flatMap((outcome) => ('failed' in outcome ? [outcome] : []));
  for (const { failed: sentence } of failed) context.log('warn', 'disk-failed', sentence);
  if (posted.length < disksToWrite(disks.length)) {
    const words = failed.map((one) => one.failed).join(' ');
    const detail = `${posted.length} of ${disks.length} disks took it, ${disksToWrite(disks.length)} are needed: ${words}`;
    // One that took it may be read by the node all the same.
    const certain = posted.length === 0 && failed.every((one) => one.certain);
    const badHost = failed.every(({ noSlot }) => noSlot === true);
    return { ok: false, detail, certain, ...(badHost ? { badHost } : {}) };
  }
  const msgwaitMs = Math.max(...posted.map(({ msgwaitS }) => msgwaitS * 1000));
  if (verb === 'status') return fitting(msgwaitMs, call);
  context.log(
    'info',
    'disk-told',
    `"${verb}" stands on ${posted.length} of ${disks.length} disks for ${node}.`,
  );
  return await waitFor(msgwaitMs, untilMs, call);
}

function fitting(msgwaitMs: number, call: DeviceCall): FenceResult {
  if (msgwaitMs + DISK_DEADLINE_MS <= call.deadlineMs) return { ok: true };
  const detail = `the msgwait of the disk, ${msgwaitMs / 1000} s, and ${DISK_DEADLINE_MS / 1000} s more do not fit into [fencing] deadline`;
  return { ok: false, detail, certain: true };
}

/** Counts from when the last disk had taken the message. */
function waitFor(msgwaitMs: number, untilMs: number, call: DeviceCall): Promise<FenceResult> {
  if (performance.now() + msgwaitMs > untilMs) {
    const detail = `the sentence stands, but the msgwait of ${msgwaitMs / 1000} s does not fit into [fencing] deadline`;
    return Promise.resolve({ ok: false, detail, certain: false });
  }
  return new Promise((resolve) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve({
        ok: false,
        detail: 'the wait was broken off, because somebody else has seen to it',
        certain: false,
      });
    };
    const timer = setTimeout(() => {
      call.cancel?.removeEventListener('abort', onAbort);
      resolve({ ok: true });
    }, msgwaitMs);
    call.cancel?.addEventListener('abort', onAbort, { once: true });
    if (call.cancel?.aborted === true) onAbort();
  });
}
