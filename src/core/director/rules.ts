/**
 * Rules as text: what `ipvsadm -S -n` prints is read, and the difference to what is wanted is written as the lines that
 * `ipvsadm -R` takes on its standard input, one batch for everything (ipvsadm(8)).
 */
import {
  type IpvsDestination,
  type IpvsService,
  type IpvsTable,
  type MethodSwitch,
  plainFlags,
} from './table.js';

/** The options of a service behind its name: "-s rr -p 600 -M 255.255.255.0". */
export function serviceOptions(service: IpvsService): string {
  const words = [`-s ${service.scheduler}`];
  if (service.persistenceS > 0) words.push(`-p ${service.persistenceS}`);
  if (service.mask !== undefined) words.push(`-M ${service.mask}`);
  if (service.engine !== undefined) words.push(`--pe ${service.engine}`);
  if (service.onePacket) words.push('-o');
  if (service.flags.length > 0) words.push(`-b ${service.flags.join(',')}`);
  return words.join(' ');
}

/** "-g -w 1 -x 100 -y 50", "-i -w 1 --tun-type gre --tun-csum" */
export function destinationOptions(destination: IpvsDestination): string {
  const { method, weight, upperThreshold = 0, lowerThreshold = 0 } = destination;
  const words = [method, `-w ${weight}`];
  if (upperThreshold > 0) words.push(`-x ${upperThreshold}`);
  if (lowerThreshold > 0) words.push(`-y ${lowerThreshold}`);
  if (destination.tunnel !== undefined) words.push(destination.tunnel);
  return words.join(' ');
}

/**
 * Lines that turn `have` into `want`. Services of `have` that are in `owned` and not wanted go; others are left alone.
 * What is new comes before what goes, so that no service is without its servers for a moment.
 */
export function ruleChanges(have: IpvsTable, want: IpvsTable, owned: ReadonlySet<string>): string[] {
  const added: string[] = [];
  const removed: string[] = [];
  for (const name of have.keys()) {
    if (!want.has(name) && owned.has(name)) removed.push(`-D ${name}`);
  }
  for (const [name, service] of want) {
    const before = have.get(name);
    const options = serviceOptions(service);
    if (before === undefined) added.push(`-A ${name} ${options}`);
    else if (serviceOptions(before) !== options) added.push(`-E ${name} ${options}`);
    const present = before?.destinations ?? new Map<string, IpvsDestination>();
    for (const [endpoint, destination] of service.destinations) {
      const line = `${name} -r ${endpoint} ${destinationOptions(destination)}`;
      const there = present.get(endpoint);
      if (there === undefined) added.push(`-a ${line}`);
      else if (isOther(there, destination)) added.push(`-e ${line}`);
    }
    for (const endpoint of present.keys()) {
      if (!service.destinations.has(endpoint)) removed.push(`-d ${name} -r ${endpoint}`);
    }
  }
  return [...added, ...removed];
}

function isOther(there: IpvsDestination, wanted: IpvsDestination): boolean {
  return (
    there.method !== wanted.method ||
    there.weight !== wanted.weight ||
    there.tunnel !== wanted.tunnel ||
    (there.upperThreshold ?? 0) !== (wanted.upperThreshold ?? 0) ||
    (there.lowerThreshold ?? 0) !== (wanted.lowerThreshold ?? 0)
  );
}

/** The whole table as `ipvsadm -S -n` would print it, thresholds included. */
export function tableText(table: IpvsTable): string[] {
  return ruleChanges(new Map(), table, new Set());
}

/** What was read does not know the thresholds: they are taken from what was set there last. */
export function withThresholds(read: IpvsTable, set: IpvsTable): IpvsTable {
  return new Map(
    [...read].map(([name, service]): [string, IpvsService] => {
      const known = set.get(name)?.destinations;
      const destinations = [...service.destinations].map(([endpoint, one]): [string, IpvsDestination] => {
        const { upperThreshold, lowerThreshold } = known?.get(endpoint) ?? {};
        if (upperThreshold === undefined || lowerThreshold === undefined) return [endpoint, one];
        return [endpoint, { ...one, upperThreshold, lowerThreshold }];
      });
      return [name, { ...service, destinations: new Map(destinations) }];
    }),
  );
}

interface Reading {
  scheduler: string;
  persistenceS: number;
  mask?: string;
  engine?: string;
  onePacket: boolean;
  flags: readonly string[];
  destinations: Map<string, IpvsDestination>;
}

/** Reads the output of `ipvsadm -S -n`. Lines that are none of its rules are passed over. */
export function parseRules(text: string): IpvsTable {
  const table = new Map<string, Reading>();
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const verb = words.shift();
    const name = takeName(words);
    if (name === undefined) continue;
    if (verb === '-A') table.set(name, readService(words));
    if (verb === '-a') readDestination(words, table.get(name)?.destinations);
  }
  return table;
}

/** Takes the words that name the service from the front; undefined: there are none. */
function takeName(words: string[]): string | undefined {
  const [kind, value] = words;
  if (kind === undefined || value === undefined) return undefined;
  if (!['-t', '-u', '-f', '--sctp-service'].includes(kind)) return undefined;
  words.splice(0, 2);
  if (kind !== '-f' || words[0] !== '-6') return `${kind} ${value}`;
  words.shift();
  return `${kind} ${value} -6`;
}

function readService(words: readonly string[]): Reading {
  const service: Reading = {
    scheduler: 'wlc',
    persistenceS: 0,
    onePacket: false,
    flags: [],
    destinations: new Map(),
  };
  for (const [at, word] of words.entries()) {
    const value = words[at + 1] ?? '';
    if (word === '-s') service.scheduler = value;
    else if (word === '-p') service.persistenceS = Number(value);
    else if (word === '-M') service.mask = value;
    else if (word === '--pe' || word === 'pe') service.engine = value;
    else if (word === '-o') service.onePacket = true;
    else if (word === '-b') service.flags = plainFlags(value.split(','));
  }
  return service;
}

const METHODS: readonly string[] = ['-g', '-m', '-i'] satisfies readonly MethodSwitch[];

function readDestination(
  words: readonly string[],
  destinations: Map<string, IpvsDestination> | undefined,
): void {
  const after = (option: string): string | undefined => {
    const at = words.indexOf(option);
    return at < 0 ? undefined : words[at + 1];
  };
  const endpoint = after('-r');
  const method = words.find((word) => METHODS.includes(word));
  if (endpoint === undefined || method === undefined) return;
  const type = after('--tun-type');
  const port = after('--tun-port');
  const checksum = words.find((word) => /^--tun-(?:csum|remcsum)$/.test(word)) ?? '--tun-nocsum';
  destinations?.set(endpoint, {
    method: method as MethodSwitch,
    weight: Number(after('-w') ?? 1),
    ...(type === undefined || type === 'ipip'
      ? {}
      : { tunnel: `--tun-type ${type}${port === undefined ? '' : ` --tun-port ${port}`} ${checksum}` }),
  });
}

/**
 * Reads the counters of `ipvsadm -L -n`. `known`: names of services that are looked for; the table may hold others.
 */
export function parseConnections(
  text: string,
  known: ReadonlySet<string>,
): ReadonlyMap<string, { readonly active: number; readonly inactive: number }> {
  const found = new Map<string, { active: number; inactive: number }>();
  let service: string | undefined;
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] !== '->') {
      const name = listedName(words);
      if (name !== undefined) service = known.has(name) ? name : undefined;
      continue;
    }
    const [, endpoint, , , active, inactive] = words;
    if (service === undefined || endpoint === undefined) continue;
    if (!/^\d+$/.test(active ?? '') || !/^\d+$/.test(inactive ?? '')) continue;
    found.set(`${service} ${endpoint}`, { active: Number(active), inactive: Number(inactive) });
  }
  return found;
}

const LISTED: Readonly<Record<string, string>> = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service', FWM: '-f' };

function listedName([protocol = '', name, next]: readonly string[]): string | undefined {
  const option = LISTED[protocol];
  if (option === undefined || name === undefined) return undefined;
  return protocol === 'FWM' && next === 'IPv6' ? `${option} ${name} -6` : `${option} ${name}`;
}
