/**
 * What a configuration is judged against: interfaces, devices, accounts, names. Verdicts depend on the machine, so
 * the machine is an input: the real one (machine.ts) or a description of another one.
 */
import { isIPv4, isIPv6 } from 'node:net';

/** The questions that the checker asks. Answers do not change while a configuration is judged. */
export interface Machine {
  /** `uname -n`, lower-case. */
  readonly hostname: string;
  /** Addresses with prefix ("10.87.0.1/24") of an interface; undefined when there is no such interface. */
  interfaceAddresses(name: string): readonly string[] | undefined;
  readonly interfaceNames: readonly string[];
  deviceKind(path: string): 'tty' | 'other' | 'absent';
  hasUser(name: string): boolean;
  hasGroup(name: string): boolean;
  /** A regular file that may be executed. */
  isExecutable(path: string): boolean;
  /** STONITH plugins by name, e.g. "null", "external/ipmi". */
  readonly stonithTypes: readonly string[];
  /** Canonical address of a host name or address literal; undefined when it does not resolve. */
  resolve(name: string, family: 4 | 6): string | undefined;
  /** UDP port of a service of the services file. */
  servicePort(name: string): number | undefined;
  /** Name of the service that the services file gives this UDP port. */
  serviceOfPort(port: number): string | undefined;
  /** Text of a file that ha.cf names (STONITH parameters); undefined when it cannot be read. */
  readText(path: string): string | undefined;
  /** Whether a resource script of this name is installed; undefined when this is not known. */
  hasResourceScript(name: string): boolean | undefined;
}

/** Description of a machine as JSON (`heartbeat check --facts FILE`). What is absent counts as empty. */
export interface MachineFacts {
  readonly hostname?: string;
  readonly interfaces?: Readonly<Record<string, readonly string[]>>;
  readonly ttyDevices?: readonly string[];
  /** Devices that exist and are no terminals. */
  readonly otherDevices?: readonly string[];
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly executables?: readonly string[];
  readonly stonithTypes?: readonly string[];
  /** Names that resolve, with their addresses. "localhost" always does. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** UDP ports by service name; null: not listed. */
  readonly services?: Readonly<Record<string, number | null>>;
  /** Text of files that ha.cf names, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Names of installed resource scripts. */
  readonly resourceScripts?: readonly string[];
}

/** Answers that the description cannot give. */
export interface FactsFallback {
  readText(path: string): string | undefined;
  hasResourceScript(name: string): boolean | undefined;
}

const NOTHING: FactsFallback = { readText: () => undefined, hasResourceScript: () => undefined };

/** Services of every Linux system that a wrong udpport may collide with. */
const COMMON_SERVICES: Readonly<Record<string, number>> = {
  domain: 53,
  bootps: 67,
  tftp: 69,
  ntp: 123,
  snmp: 161,
  syslog: 514,
};

/** The machine that `facts` describes. */
export function machineOf(facts: MachineFacts, fallback: FactsFallback = NOTHING): Machine {
  const interfaces = new Map(Object.entries(facts.interfaces ?? {}));
  const services = new Map(Object.entries({ ...COMMON_SERVICES, ...facts.services }));
  const hosts = new Map(Object.entries({ localhost: ['127.0.0.1', '::1'], ...facts.hosts }));
  const files = new Map(Object.entries(facts.files ?? {}));
  return {
    hostname: (facts.hostname ?? '').toLowerCase(),
    interfaceAddresses: (name) => interfaces.get(name),
    interfaceNames: [...interfaces.keys()],
    deviceKind: (path) => {
      if (facts.ttyDevices?.includes(path)) return 'tty';
      return facts.otherDevices?.includes(path) ? 'other' : 'absent';
    },
    hasUser: (name) => facts.users?.includes(name) ?? false,
    hasGroup: (name) => facts.groups?.includes(name) ?? false,
    isExecutable: (path) => facts.executables?.includes(path) ?? false,
    stonithTypes: facts.stonithTypes ?? [],
    resolve: (name, family) => addressLiteral(name, family) ?? ofFamily(hosts.get(name), family),
    servicePort: (name) => services.get(name) ?? undefined,
    serviceOfPort: (port) => [...services].find((entry) => entry[1] === port)?.[0],
    readText: (path) => files.get(path) ?? fallback.readText(path),
    hasResourceScript: (name) => facts.resourceScripts?.includes(name) ?? fallback.hasResourceScript(name),
  };
}

/** The name itself when it is an address of this family. */
export function addressLiteral(name: string, family: 4 | 6): string | undefined {
  if (family === 4) return isIPv4(name) ? name : undefined;
  return isIPv6(name) ? name : undefined;
}

function ofFamily(addresses: readonly string[] | undefined, family: 4 | 6): string | undefined {
  return addresses?.find((address) => addressLiteral(address, family) !== undefined);
}

/** A facts file's JSON, or one sentence that says what is wrong with it. */
export function readMachineFacts(text: string): MachineFacts | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `it is no JSON (${error instanceof Error ? error.message : String(error)})`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no JSON object';
  const facts: Record<string, unknown> = { ...value };
  for (const name of LISTS) {
    const list = facts[name];
    if (list !== undefined && !isTextList(list)) return `"${name}" is no list of texts`;
  }
  for (const name of ['interfaces', 'hosts']) {
    const table = facts[name];
    if (table !== undefined && !isTable(table, isTextList)) return `"${name}" is no table of lists of texts`;
  }
  const { services, files, hostname } = facts;
  if (services !== undefined && !isTable(services, (port) => port === null || Number.isInteger(port))) {
    return '"services" is no table of port numbers';
  }
  if (files !== undefined && !isTable(files, (text) => typeof text === 'string')) {
    return '"files" is no table of texts';
  }
  if (hostname !== undefined && typeof hostname !== 'string') return '"hostname" is no text';
  return facts as MachineFacts;
}

const LISTS = [
  'ttyDevices',
  'otherDevices',
  'users',
  'groups',
  'executables',
  'stonithTypes',
  'resourceScripts',
] as const;

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function isTable(value: unknown, accepts: (entry: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(accepts);
}
