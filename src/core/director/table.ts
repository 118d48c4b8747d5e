/** The kernel's table of virtual servers as the director thinks of it, and its words: what `ipvsadm -S -n` prints. */
import type {
  ForwardingMethod,
  RealServer,
  Tunnel,
  VirtualServer,
  VirtualServerKey,
} from '../../config/virtual-server-types.js';

/** -g direct routing, -m masquerading, -i tunnel */
export type MethodSwitch = '-g' | '-m' | '-i';

export interface IpvsDestination {
  readonly method: MethodSwitch;
  /** 0..65535 */
  readonly weight: number;
  /** 0: none. `ipvsadm -S` does not show the thresholds: undefined is "not known". */
  readonly upperThreshold?: number;
  readonly lowerThreshold?: number;
  /** Options of the tunnel, "--tun-type gre --tun-csum"; absent: ipip, or no tunnel at all. */
  readonly tunnel?: string;
}

export interface IpvsService {
  readonly scheduler: string;
  /** Seconds; 0: not persistent. */
  readonly persistenceS: number;
  /** IPv4: a netmask, IPv6: a prefix length; absent: every client alone. */
  readonly mask?: string;
  readonly engine?: string;
  readonly onePacket: boolean;
  /** Sorted. */
  readonly flags: readonly string[];
  /** By address and port: "10.0.0.2:80", "[fd00::2]:80". */
  readonly destinations: ReadonlyMap<string, IpvsDestination>;
}

/** By the words that name a service: "-t 10.0.0.1:80", "-f 5", "-f 5 -6". */
export type IpvsTable = ReadonlyMap<string, IpvsService>;

const METHOD_SWITCH: Readonly<Record<ForwardingMethod, MethodSwitch>> = { DR: '-g', NAT: '-m', TUN: '-i' };
const PROTOCOL_SWITCH = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' } as const;
const WEIGHT_MAX = 65_535;

export function methodSwitch(method: ForwardingMethod): MethodSwitch {
  return METHOD_SWITCH[method];
}

/** "10.0.0.1:80", "[fd00::1]:80" */
export function endpointText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The words for one address or mark of a virtual server. `family` counts for marks. */
export function serviceWords(
  protocol: VirtualServer['protocol'],
  key: Exclude<VirtualServerKey, { readonly kind: 'group' }>,
  family: 4 | 6,
): string {
  if (key.kind === 'fwmark') return family === 6 ? `-f ${key.mark} -6` : `-f ${key.mark}`;
  return `${PROTOCOL_SWITCH[protocol]} ${endpointText(key.address, key.port)}`;
}

/** IPv4 or IPv6, from the first address that says so. */
export function familyOf(server: VirtualServer): 4 | 6 {
  if (server.key.kind === 'address') return server.key.address.includes(':') ? 6 : 4;
  if (server.family !== undefined) return server.family;
  const address = server.realServers[0]?.address ?? server.sorryServer?.address ?? '';
  return address.includes(':') ? 6 : 4;
}

/** The service without its destinations. */
export function serviceOf(
  server: VirtualServer,
  destinations: ReadonlyMap<string, IpvsDestination>,
): IpvsService {
  const persistenceS = Math.round(server.persistenceTimeoutMs / 1000);
  const mask = persistenceS === 0 ? undefined : maskText(server.persistenceGranularity, familyOf(server));
  return {
    scheduler: server.scheduler,
    persistenceS,
    ...(mask === undefined ? {} : { mask }),
    ...(server.persistenceEngine === undefined ? {} : { engine: server.persistenceEngine }),
    onePacket: server.onePacket ?? false,
    flags: plainFlags(server.schedulerFlags ?? []),
    destinations,
  };
}

/** The numbers that the flags of a scheduler have (ipvsadm(8), -b). */
const FLAG_NUMBERS: Readonly<Record<string, string>> = {
  'sh-fallback': 'flag-1',
  'sh-port': 'flag-2',
  'mh-fallback': 'flag-1',
  'mh-port': 'flag-2',
};

/** Flags by their numbers, sorted, so that what is read compares with what is written. */
export function plainFlags(flags: readonly string[]): readonly string[] {
  return [...new Set(flags.map((flag) => FLAG_NUMBERS[flag] ?? flag))].sort();
}

/** The options of a tunnel (ipvsadm(8)); nothing for ipip. */
export function tunnelOf({ tunnel }: { readonly tunnel?: Tunnel }): Pick<IpvsDestination, 'tunnel'> {
  if (tunnel === undefined) return {};
  const port = tunnel.type === 'gue' ? ` --tun-port ${tunnel.port}` : '';
  return { tunnel: `--tun-type ${tunnel.type}${port} --tun-${tunnel.checksum}` };
}

/** A real server in the table with this weight. */
export function destinationOf(server: RealServer, weight: number): IpvsDestination {
  return {
    method: methodSwitch(server.method),
    weight: Math.min(WEIGHT_MAX, Math.max(0, weight)),
    upperThreshold: server.upperThreshold ?? 0,
    lowerThreshold: server.lowerThreshold ?? 0,
    ...tunnelOf(server),
  };
}

/** "/24", "24" and "255.255.255.0" become a netmask (IPv4) or a prefix length (IPv6); undefined: whole addresses. */
function maskText(written: string | undefined, family: 4 | 6): string | undefined {
  if (written === undefined) return undefined;
  const text = written.replace(/^\//, '');
  if (family === 6) return text === '128' ? undefined : text;
  const mask = /^\d+$/.test(text) ? netmask(Number(text)) : text;
  return mask === '255.255.255.255' ? undefined : mask;
}

function netmask(prefixLength: number): string {
  const bits = prefixLength <= 0 ? 0 : (0xffff_ffff << (32 - Math.min(32, prefixLength))) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}
