/** Builds the initramfs of a guest: busybox, modules, Node.js with its libraries, the program, files of the test. */
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/root.js';
import { Archive } from './cpio.js';
import { INIT } from './init.js';
import type { Materials } from './materials.js';
import { ModuleTree } from './modules.js';

export interface ImageOptions {
  /** Kernel modules beyond those of the console and the network; what they depend on is added. */
  readonly modules?: readonly string[];
  /** Files by path in the guest. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Programs of this machine, put in /usr/bin with the libraries that they need. */
  readonly programs?: readonly string[];
  /** False: without Node.js and the program (a small guest for scripts). */
  readonly program?: boolean;
}

/** Where the program is in the guest. */
export const GUEST_PROGRAM = '/opt/heartbeat';

const ALWAYS = ['virtio_pci', 'virtio_console', 'virtio_net'];

/** The archive, uncompressed: a guest without acceleration would spend seconds on unpacking it. */
export function buildImage(materials: Materials, options: ImageOptions = {}): Buffer {
  const archive = new Archive();
  archive.file('bin/busybox', readFileSync(materials.busybox), 0o755);
  archive.link('bin/sh', 'busybox');
  archive.file('init', INIT, 0o755);
  for (const folder of [
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'usr/bin',
    'usr/sbin',
    'sbin',
    'mnt',
    'var/lib',
    'var/log',
    'etc/ha.d',
  ])
    archive.folder(folder);
  archive.file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
  archive.file('etc/group', 'root:x:0:\n');
  archive.file('etc/hosts', '127.0.0.1 localhost\n');
  const modules = new ModuleTree(materials.modules).inOrder([...ALWAYS, ...(options.modules ?? [])]);
  for (const { name, file } of modules) archive.file(`lib/modules/${name}.ko`, file);
  archive.file('lib/modules/order', modules.map(({ name }) => `${name}\n`).join(''));
  const libraries = new Set<string>();
  for (const path of options.programs ?? []) addProgram(archive, libraries, path);
  if (options.program !== false) {
    addProgram(archive, libraries, process.execPath, 'usr/bin/node');
    addHeartbeat(archive);
  }
  for (const [path, content] of Object.entries(options.files ?? {})) {
    archive.file(path, content, content.toString().startsWith('#!') ? 0o755 : 0o600);
  }
  return archive.bytes();
}

function addProgram(archive: Archive, libraries: Set<string>, path: string, as?: string): void {
  const real = realpathSync(path);
  archive.file(as ?? `usr/bin/${path.split('/').at(-1)}`, readFileSync(real), 0o755);
  const listed = execFileSync('ldd', [real], { encoding: 'utf8' });
  for (const [, library] of listed.matchAll(/(\/\S+) \(0x/g)) {
    if (library === undefined || libraries.has(library)) continue;
    libraries.add(library);
    archive.file(library, readFileSync(realpathSync(library)), 0o755);
  }
}

/** The built program with the packages that it needs at run time. */
function addHeartbeat(archive: Archive): void {
  const root = repositoryRoot();
  const top = GUEST_PROGRAM.slice(1);
  archive.file(`${top}/package.json`, readFileSync(join(root, 'package.json')));
  for (const folder of ['bin', 'resource.d', 'dist/src'])
    addTree(archive, join(root, folder), `${top}/${folder}`);
  const modules = realpathSync(join(root, 'node_modules'));
  for (const name of runtimePackages(root, modules)) {
    addTree(archive, join(modules, name), `${top}/node_modules/${name}`);
  }
}

/** Of packages: what is for people and compilers. */
const LEFT_OUT = /\.(?:map|ts|md|c|cc|h)$/;

function addTree(archive: Archive, from: string, to: string): void {
  for (const entry of readdirSync(from)) {
    const path = join(from, entry);
    const status = lstatSync(path);
    const inPackage = path.includes('/node_modules/');
    if (inPackage && LEFT_OUT.test(path)) continue;
    if (status.isSymbolicLink()) archive.link(`${to}/${entry}`, readlinkSync(path));
    else if (status.isDirectory()) addTree(archive, path, `${to}/${entry}`);
    else archive.file(`${to}/${entry}`, readFileSync(path), statSync(path).mode & 0o777);
  }
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages behind `dependencies`, and behind those; what is optional only as far as it is installed. */
function runtimePackages(root: string, modules: string): string[] {
  const manifest = (folder: string): Manifest | undefined => {
    try {
      return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    } catch {
      return undefined;
    }
  };
  const found = new Set<string>();
  const visit = (folder: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = manifest(folder) ?? {};
    for (const name of [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]) {
      if (found.has(name) || manifest(join(modules, name)) === undefined) continue;
      found.add(name);
      visit(join(modules, name));
    }
  };
  visit(root);
  return [...found].filter((name) => !name.startsWith('@types/'));
}
