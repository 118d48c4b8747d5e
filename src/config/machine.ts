/** Facts of the machine that this process runs on (the impure counterpart of machine-facts.ts). */
import { spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { addressLiteral, type Machine } from './machine-facts.js';

/** How long all names together may take to resolve. */
const RESOLVE_LIMIT_MS = 5000;
/** getent asks directory services over the network. */
const GETENT_LIMIT_MS = 5000;
const STONITH_PLUGINS = '/usr/lib/stonith/plugins';

export interface MachineOptions {
  /** Words of ha.cf that may be host names; they are resolved beforehand. */
  readonly names: readonly string[];
  /** Text of a file that ha.cf names; undefined when it cannot be read. */
  readText(path: string): string | undefined;
  hasResourceScript(name: string): boolean | undefined;
}

/** Gathers what can be known beforehand; devices, accounts and files are looked at when they are asked about. */
export async function realMachine(options: MachineOptions): Promise<Machine> {
  const interfaces = readInterfaces();
  const services = readServices();
  const terminals = readTerminalDrivers();
  const resolved = await resolveNames(options.names);
  return {
    hostname: hostname().toLowerCase(),
    interfaceAddresses: (name) => interfaces.get(name),
    interfaceNames: [...interfaces.keys()],
    deviceKind: (path) => deviceKind(path, terminals),
    hasUser: (name) => isKnown('passwd', name),
    hasGroup: (name) => isKnown('group', name),
    isExecutable,
    stonithTypes: [...readStonithTypes(STONITH_PLUGINS), ...readFenceAgents()],
    resolve: (name, family) => addressLiteral(name, family) ?? resolved.get(`${family} ${name}`),
    servicePort: (name) => services.get(name),
    serviceOfPort: (port) => [...services].find((entry) => entry[1] === port)?.[0],
    readText: options.readText,
    hasResourceScript: options.hasResourceScript,
  };
}

/** A regular file that this process may execute. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    const status = statSync(path);
    return status.isFile() && (status.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** All interfaces, those without an address included. */
function readInterfaces(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const name of listed('/sys/class/net')) found.set(name, []);
  for (const [name, entries] of Object.entries(networkInterfaces())) {
    found.set(name, entries?.flatMap((entry) => entry.cidr ?? []) ?? []);
  }
  return found;
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** UDP ports of /etc/services by name and alias. */
function readServices(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of textOf('/etc/services').split('\n')) {
    const match = /^(\S+)\s+(\d+)\/udp\b([^#]*)/.exec(line);
    if (match === null) continue;
    const names = [match[1] ?? '', ...(match[3] ?? '').trim().split(/\s+/)].filter((name) => name !== '');
    for (const name of names) if (!found.has(name)) found.set(name, Number(match[2]));
  }
  return found;
}

/** A terminal driver's device numbers. */
interface TerminalRange {
  readonly major: number;
  readonly firstMinor: number;
  readonly lastMinor: number;
}

/** The device numbers that belong to terminals: asked of the kernel, so that no port has to be opened. */
function readTerminalDrivers(): readonly TerminalRange[] {
  return textOf('/proc/tty/drivers')
    .split('\n')
    .flatMap((line) => {
      const match = /^\S+\s+\S+\s+(\d+)\s+(\d+)(?:-(\d+))?\s/.exec(line);
      if (match === null) return [];
      const firstMinor = Number(match[2]);
      return [{ major: Number(match[1]), firstMinor, lastMinor: Number(match[3] ?? firstMinor) }];
    });
}

function deviceKind(path: string, terminals: readonly TerminalRange[]): 'tty' | 'other' | 'absent' {
  let status: ReturnType<typeof statSync>;
  try {
    status = statSync(path);
  } catch {
    return 'absent';
  }
  if (status === undefined || !status.isCharacterDevice()) return 'other';
  // Linux: 12 bits of major above 8 bits of minor, the rest of the minor above both.
  const major = (status.rdev >>> 8) & 0xfff;
  const minor = (status.rdev & 0xff) | ((status.rdev >>> 12) & 0xfff00);
  const isTerminal = terminals.some(
    (range) => range.major === major && minor >= range.firstMinor && minor <= range.lastMinor,
  );
  return isTerminal ? 'tty' : 'other';
}

/** Whether an account or group has this name: in the local file, else by the system's name services. */
function isKnown(database: 'passwd' | 'group', name: string): boolean {
  const local = textOf(`/etc/${database}`).split('\n');
  if (local.some((line) => line.slice(0, line.indexOf(':')) === name)) return true;
  // getent takes numbers for identifiers and options for options: neither is a name here.
  if (!/^[A-Za-z_][\w.@\\-]*\$?$/.test(name)) return false;
  const asked = spawnSync('getent', [database, name], { timeout: GETENT_LIMIT_MS, stdio: 'ignore' });
  return asked.status === 0;
}

/** Compiled plugins (NAME.so), and external ones that only their owner may write (heartbeat-admin.md 6.1). */
function readStonithTypes(folder: string): readonly string[] {
  const compiled = ['stonith2', 'stonith']
    .flatMap((kind) => listed(`${folder}/${kind}`))
    .filter((name) => name.endsWith('.so') && name !== 'external.so')
    .map((name) => name.slice(0, -'.so'.length));
  const external = listed(`${folder}/external`)
    .filter(
      (name) => isExecutable(`${folder}/external/${name}`) && isOwnersOnly(`${folder}/external/${name}`),
    )
    .map((name) => `external/${name}`);
  return [...new Set([...compiled, ...external])].sort();
}

/** fence_* programs as `fence/NAME` (heartbeat-admin.md 6.5). */
function readFenceAgents(): readonly string[] {
  const names = ['/usr/sbin', '/sbin'].flatMap((folder) =>
    listed(folder).filter((name) => name.startsWith('fence_') && isExecutable(`${folder}/${name}`)),
  );
  return [...new Set(names)].map((name) => `fence/${name.slice('fence_'.length)}`).sort();
}

function isOwnersOnly(path: string): boolean {
  return (statSync(path).mode & 0o022) === 0;
}

/** Addresses by "FAMILY NAME". Names that do not resolve in time are absent. */
async function resolveNames(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const unique = [...new Set(names)].filter((name) => /^[\w.-]+$/.test(name));
  const families: readonly (4 | 6)[] = [4, 6];
  const questions = unique.flatMap((name) =>
    families.map(async (family) => {
      if (addressLiteral(name, 4) !== undefined) return;
      try {
        const { address } = await lookup(name, { family });
        found.set(`${family} ${name}`, address);
      } catch {
        // The checker says that the name does not resolve.
      }
    }),
  );
  const limit = timeLimit(RESOLVE_LIMIT_MS);
  await Promise.race([Promise.all(questions), limit.passed]);
  limit.cancel();
  return found;
}

function timeLimit(ms: number): { readonly passed: Promise<void>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
