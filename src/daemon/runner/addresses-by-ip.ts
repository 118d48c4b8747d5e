/** Removes addresses with ip(8). Only for the runner's last resort: in normal life the loop talks to the kernel itself. */
import { execFile } from 'node:child_process';
import type { AddressSpec } from '../../config/types.js';
import type { OperationResult } from '../../core/input.js';

interface InterfaceEntry {
  readonly ifname?: unknown;
  readonly addr_info?: readonly { readonly local?: unknown; readonly prefixlen?: unknown }[];
}

const DEADLINE_MS = 5000;

/** Removes the address from every interface that has it; absent is good. */
export async function removeAddressByIp(address: AddressSpec): Promise<OperationResult> {
  const listed = await ip(['-j', `-${address.family}`, 'address', 'show']);
  if (!listed.ok) return listed;
  for (const place of placesOf(listed.text, address.address)) {
    const removed = await ip(['address', 'del', `${address.address}/${place.prefix}`, 'dev', place.device]);
    if (!removed.ok) return removed;
  }
  return { ok: true };
}

function placesOf(json: string, address: string): readonly { device: string; prefix: number }[] {
  const places: { device: string; prefix: number }[] = [];
  let entries: readonly InterfaceEntry[];
  try {
    const parsed: unknown = JSON.parse(json === '' ? '[]' : json);
    entries = Array.isArray(parsed) ? parsed : [];
  } catch {
    return places;
  }
  for (const entry of entries) {
    for (const info of entry.addr_info ?? []) {
      if (info.local === address && typeof entry.ifname === 'string' && typeof info.prefixlen === 'number') {
        places.push({ device: entry.ifname, prefix: info.prefixlen });
      }
    }
  }
  return places;
}

type IpAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly detail: string };

function ip(args: readonly string[]): Promise<IpAnswer> {
  return new Promise((resolve) => {
    execFile('ip', args, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, text: stdout });
      else resolve({ ok: false, detail: `ip ${args.join(' ')}: ${stderr.trim() || error.message}` });
    });
  });
}
