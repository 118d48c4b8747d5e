/** What `heartbeat init` finds out about this machine and the way to the other one. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Measured } from './init-plan.js';

export interface Interface {
  readonly name: string;
  /** IPv4 addresses with prefix, "192.0.2.1/24". */
  readonly addresses: readonly string[];
  /** A cable is in, as far as the kernel knows. */
  readonly carrier: boolean;
}

/** Interfaces that lead to no other machine. */
const INNER = /^(?:lo|docker|virbr|br-|veth[0-9a-f]{6,}|tun|tap|wg|cni|flannel|lxc|lxd)/;
const PROBES = 50;
const PROBE_INTERVAL_S = 0.02;
const PROBE_LIMIT_MS = 15_000;
const TIMER_MS = 10;

/** Interfaces that heartbeats could go over: those with carrier first, then by name. */
export function findInterfaces(): readonly Interface[] {
  const found = Object.entries(networkInterfaces()).map(([name, addresses = []]) => ({
    name,
    addresses: addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ cidr, address }) => cidr ?? `${address}/32`),
    carrier: carrierOf(name),
  }));
  return found
    .filter(({ name, addresses }) => !INNER.test(name) && !name.includes(':') && addresses.length > 0)
    .sort((a, b) => Number(b.carrier) - Number(a.carrier) || (a.name < b.name ? -1 : 1));
}

function carrierOf(name: string): boolean {
  try {
    return readFileSync(join('/sys/class/net', name, 'carrier'), 'latin1').trim() === '1';
  } catch {
    return false;
  }
}

/** Serial lines that have hardware behind them. */
export function findSerialDevices(): readonly string[] {
  const usb = listed('/dev').filter((name) => /^ttyUSB\d+$/.test(name));
  const uarts = read('/proc/tty/driver/serial')
    .split('\n')
    .filter((line) => /^\d+: uart:(?!unknown)/.test(line))
    .map((line) => `ttyS${line.split(':')[0]}`);
  return [...uarts, ...usb].map((name) => `/dev/${name}`).filter((path) => existsSync(path));
}

export function findWatchdog(): string | undefined {
  return ['/dev/watchdog', '/dev/watchdog0'].find((path) => existsSync(path));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The interface whose network holds the address; undefined: none does. */
export function interfaceFor(
  address: string,
  interfaces: readonly Interface[],
): { name: string; prefix: number } | undefined {
  const wanted = numberOf(address);
  for (const { name, addresses } of interfaces) {
    for (const own of addresses) {
      const [ip = '', bits = '32'] = own.split('/');
      const prefix = Number(bits);
      const size = 2 ** (32 - prefix);
      if (Math.floor(numberOf(ip) / size) === Math.floor(wanted / size)) return { name, prefix };
    }
  }
  return undefined;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Does somebody answer for this address now? One probe; false when it cannot be told. */
export async function answers(address: string): Promise<boolean> {
  const said = await ping(['-c', '1', '-W', '1', address]);
  return said !== undefined && /bytes from /.test(said);
}

/** Probes all addresses at once, and this machine's own timers meanwhile. Undefined: there is no program ping. */
export async function measure(addresses: readonly string[]): Promise<Measured | undefined> {
  let lateMs = 0;
  let expectedMs = performance.now() + TIMER_MS;
  const timer = setInterval(() => {
    lateMs = Math.max(lateMs, performance.now() - expectedMs);
    expectedMs = performance.now() + TIMER_MS;
  }, TIMER_MS);
  const texts = await Promise.all(
    addresses.map((address) =>
      ping(['-n', '-c', String(PROBES), '-i', String(PROBE_INTERVAL_S), '-W', '1', address]),
    ),
  );
  clearInterval(timer);
  const told = texts.filter((text) => text !== undefined).map(pingSummary);
  if (told.length === 0) return undefined;
  const sum = (of: (one: { probes: number; lost: number }) => number): number =>
    told.reduce((all, one) => all + of(one), 0);
  return {
    probes: sum(({ probes }) => probes),
    lost: sum(({ lost }) => lost),
    slowestMs: Math.max(...told.map(({ slowestMs }) => slowestMs)),
    lateMs: Math.max(0, lateMs),
  };
}

/** Reads what ping(8) of iputils says at its end. */
export function pingSummary(text: string): { probes: number; lost: number; slowestMs: number } {
  const counted = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(text);
  const probes = Number(counted?.[1] ?? 0);
  const slowest = /= [\d.]+\/[\d.]+\/([\d.]+)/.exec(text)?.[1];
  return { probes, lost: probes - Number(counted?.[2] ?? 0), slowestMs: Number(slowest ?? 0) };
}

/** Standard output of ping; undefined when it cannot be run. */
function ping(args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('ping', args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      timeout: PROBE_LIMIT_MS,
    });
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString('latin1');
    });
    child.on('error', () => resolve(undefined));
    child.on('close', () => resolve(text));
  });
}
