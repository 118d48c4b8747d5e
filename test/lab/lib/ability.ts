import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** How a lab gets its rights: as root, or as an ordinary user in a user namespace. */
export type Privilege = 'root' | 'user';

export type Ability =
  | { readonly possible: true; readonly privilege: Privilege }
  | { readonly possible: false; readonly reason: string };

/** The folders that programs of a machine are looked for in. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const TOOLS: readonly (readonly [string, string])[] = [
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['pivot_root', 'util-linux'],
  ['mount', 'mount'],
  ['umount', 'mount'],
  ['hostname', 'hostname'],
];

const TRIAL =
  'mount -t proc proc /proc && mount -t tmpfs tmpfs /mnt && mkdir /mnt/p && ' +
  'mount -t devpts -o newinstance,ptmxmode=0666 devpts /mnt/p && ' +
  'ip link add heartbeat0 type veth peer name heartbeat1 && ip link add heartbeat2 type bridge';

function isExecutable(name: string): boolean {
  return SYSTEM_PATH.split(':').some((folder) => {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The options of `unshare` that give a lab its rights. */
export function unshareOptions(privilege: Privilege): string[] {
  const user = privilege === 'user' ? ['--user', '--map-root-user'] : [];
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
  return [...user, ...namespaces, '--propagation', 'private'];
}

let known: Ability | null = null;

/** Whether this machine lets us build a lab, and if not, why (one sentence, for a skipped test or the demo). */
export function labAbility(): Ability {
  known ??= findOut();
  return known;
}

function findOut(): Ability {
  for (const [tool, debianPackage] of TOOLS) {
    if (isExecutable(tool)) continue;
    return { possible: false, reason: `the lab needs the command ${tool} (Debian package ${debianPackage})` };
  }
  let reason = '';
  for (const privilege of process.getuid?.() === 0 ? (['root', 'user'] as const) : (['user'] as const)) {
    const trial = spawnSync('unshare', [...unshareOptions(privilege), 'sh', '-c', TRIAL], {
      env: { PATH: SYSTEM_PATH },
      encoding: 'utf8',
      timeout: 10_000,
    });
    if (trial.status === 0) return { possible: true, privilege };
    reason = trial.stderr.trim().split('\n').at(-1) ?? '';
  }
  return { possible: false, reason: `this machine does not let the lab make namespaces: ${reason}` };
}
