import { readdirSync, readlinkSync } from 'node:fs';

const KINDS = ['net', 'pid', 'mnt', 'uts', 'ipc'] as const;

/** The namespaces that a process lives in, e.g. `net:[4026532000]`; empty when it has ended. */
export function namespacesOf(pid: number | string): string[] {
  return KINDS.flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
    } catch {
      return [];
    }
  });
}

/** The namespaces of `pids` that are not this process's own. */
export function foreignNamespaces(pids: readonly number[]): Set<string> {
  const own = new Set(namespacesOf('self'));
  return new Set(pids.flatMap(namespacesOf).filter((name) => !own.has(name)));
}

/** Process ids that live in one of the namespaces. */
export function inhabitants(namespaces: ReadonlySet<string>): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => namespacesOf(pid).some((name) => namespaces.has(name)));
}
