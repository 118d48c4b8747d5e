/**
 * Clean Debian systems inside nodes of the lab: the root that debootstrap makes, one writable copy of it per node (an
 * overlay in the node's memory), with the network, the processes and the host name of that node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from '../lab/lib/index.js';

/** Made once and kept: a few hundred megabytes. */
const CACHE = '/var/tmp/heartbeat-clean-roots';
const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
/** What the package depends on, a web server as the service, and what a person has at hand. */
const INCLUDE = [
  'adduser',
  'iproute2',
  'libstdc++6',
  'init-system-helpers',
  'procps',
  'iputils-ping',
  'nginx-light',
  'systemd',
  'dbus',
];
const ROOT = '/run/clean/root';

/** Undefined when a clean root can be had here, otherwise why not. */
export function cleanRootAbsent(): string | undefined {
  if (process.geteuid?.() !== 0) return 'a clean Debian root needs root';
  if (process.arch !== 'x64') return 'packages are built for x64 only';
  if (!readFileSync('/proc/filesystems', 'latin1').includes('overlay'))
    return 'the kernel has no overlay file system';
  if (existsSync(finished())) return undefined;
  return spawnSync('debootstrap', ['--version']).error === undefined
    ? undefined
    : 'debootstrap is not installed';
}

function folder(): string {
  const digest = createHash('sha256')
    .update([SUITE, MIRROR, ...INCLUDE].join(' '))
    .digest('hex')
    .slice(0, 12);
  return join(CACHE, `${SUITE}-${digest}`);
}

const finished = (): string => join(folder(), '.finished');

/** The folder of the root; made when it is not there yet, which takes minutes and the network. */
export function cleanRoot(): string {
  const root = folder();
  if (existsSync(finished())) return root;
  const partial = `${root}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  const args = ['--variant=minbase', `--include=${INCLUDE.join(',')}`, SUITE, partial, MIRROR];
  const { status, stdout, stderr } = spawnSync('debootstrap', args, { encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`debootstrap gave ${status}: ${`${stdout}${stderr}`.slice(-2000)}`);
  }
  writeFileSync(join(partial, '.finished'), '');
  renameSync(partial, root);
  return root;
}

export interface CleanSystem {
  readonly node: LabNode;
  /** A shell line in the clean system; its environment is that of a login of root. */
  shell(line: string, timeoutMs?: number): Promise<{ readonly code: number | null; readonly text: string }>;
  /** The same, and throws with what it said unless it exits 0. */
  run(line: string, timeoutMs?: number): Promise<string>;
  /** A file of the clean system as the node sees it. */
  path(file: string): string;
}

/** Lays a clean system over the cached root, without Node.js; `files`: host folders that appear in /media. */
export async function cleanSystem(node: LabNode, root: string, files: string): Promise<CleanSystem> {
  await node.run([
    'sh',
    '-ec',
    `mkdir -p /run/clean/up /run/clean/work ${ROOT}
    mount -t overlay overlay -o lowerdir=${root},upperdir=/run/clean/up,workdir=/run/clean/work ${ROOT}
    mount -t proc proc ${ROOT}/proc
    mount --rbind /sys ${ROOT}/sys
    mount --rbind /dev ${ROOT}/dev
    mount -t tmpfs -o mode=755 run ${ROOT}/run
    mount -t tmpfs -o mode=1777 tmp ${ROOT}/tmp
    mount --bind ${files} ${ROOT}/media
    rm -f ${ROOT}/usr/sbin/policy-rc.d
    echo ${node.name} > ${ROOT}/etc/hostname`,
  ]);
  const shell = async (line: string, timeoutMs = 120_000) => {
    const command = ['chroot', ROOT, 'env', '-i', 'HOME=/root', 'TERM=dumb', 'LC_ALL=C'];
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const { code, stdout, stderr } = await node.exec([...command, path, 'sh', '-c', `cd; ${line}`], {
      timeoutMs,
    });
    return { code, text: `${stdout}${stderr}` };
  };
  return {
    node,
    shell,
    async run(line, timeoutMs) {
      const { code, text } = await shell(line, timeoutMs);
      if (code !== 0) throw new Error(`${node.name}: ${line}: exit ${code}\n${text}`);
      return text;
    },
    path: (file) => join(ROOT, file),
  };
}

/** The machine's Node.js, as one file. */
export async function giveNode(system: CleanSystem): Promise<void> {
  const place = system.path('/usr/local/bin/node');
  await system.node.run(['sh', '-ec', `: > ${place}; mount --bind ${process.execPath} ${place}`]);
}
