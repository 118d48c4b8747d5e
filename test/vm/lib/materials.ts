/**
 * What virtual machines are made of: QEMU, a kernel of Debian and busybox. The packages are downloaded once and
 * unpacked beside, never installed. What is absent is a reason to skip.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Materials {
  readonly qemu: string;
  /** Compressed kernel. */
  readonly kernel: string;
  /** .../lib/modules/VERSION */
  readonly modules: string;
  /** A static busybox. */
  readonly busybox: string;
}

const KERNEL_META = 'linux-image-amd64';

function output(program: string, args: readonly string[], cwd?: string): string {
  return execFileSync(program, args, { encoding: 'utf8', cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

function inPath(program: string): string | undefined {
  return [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/** ~/.cache/heartbeat-test-vm, or below XDG_CACHE_HOME. */
function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heartbeat-test-vm');
}

/** Downloads a package into the cache and unpacks it there, once; its folder. */
function unpacked(name: string): string {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  try {
    output('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', name], making);
    const file = readdirSync(making).find((entry) => entry.endsWith('.deb'));
    if (file === undefined) throw new Error(`apt-get brought no package ${name}`);
    output('dpkg-deb', ['-x', file, '.'], making);
    rmSync(join(making, file));
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** The kernel package that the meta package stands for today, or one that is in the cache already. */
function kernelPackage(): string {
  const cached = existsSync(cacheFolder())
    ? readdirSync(cacheFolder()).find((entry) => /^linux-image-[\d.]+-\d+-amd64$/.test(entry))
    : undefined;
  if (cached !== undefined) return cached;
  const found = output('apt-cache', ['depends', KERNEL_META]).match(/Depends: (linux-image-\S+)/)?.[1];
  if (found === undefined) throw new Error(`apt-cache knows no kernel package behind ${KERNEL_META}`);
  return found;
}

/** Everything at hand, or a sentence that says what is absent. */
export function findMaterials(): Materials | string {
  if (process.arch !== 'x64') return 'virtual machines are built for x86-64 only';
  const qemu = inPath('qemu-system-x86_64');
  if (qemu === undefined) return 'QEMU is absent: install the package qemu-system-x86';
  for (const program of ['apt-get', 'apt-cache', 'dpkg-deb', 'setpriv', 'ldd']) {
    if (inPath(program) === undefined)
      return `${program} is absent, with which the parts of a guest are gathered`;
  }
  try {
    const kernel = unpacked(kernelPackage());
    const version = readdirSync(join(kernel, 'lib', 'modules'))[0] ?? '';
    return {
      qemu,
      kernel: join(kernel, 'boot', `vmlinuz-${version}`),
      modules: join(kernel, 'lib', 'modules', version),
      busybox: join(unpacked('busybox-static'), 'bin', 'busybox'),
    };
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    return `the kernel package or busybox cannot be had: ${said}`;
  }
}
