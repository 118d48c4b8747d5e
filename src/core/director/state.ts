/** What the director knows: every virtual server with the verdicts on its real servers (vrrp-lvs.md 3.5). */

import type {
  RealServer,
  VirtualServer,
  VirtualServerGroup,
  VirtualServerKey,
} from '../../config/virtual-server-types.js';
import type { VrrpCommand } from '../../config/vrrp-types.js';
import type { LogLevel } from '../effect.js';
import { endpointText } from './table.js';

/** What an administrator configured, as far as the director decides with it. */
export interface DirectorConfig {
  readonly servers: readonly VirtualServer[];
  readonly groups: readonly VirtualServerGroup[];
  /** For the subject of mails. */
  readonly routerId: string;
}

export interface CheckState {
  ok: boolean;
  detail: string;
  /** What the check asks to add to the weight, or to take it as; undefined: nothing. */
  weight: number | undefined;
}

export interface ServerState {
  readonly id: string;
  config: RealServer;
  checks: CheckState[];
  alive: boolean;
  sinceMs: number;
}

export interface ServiceState {
  readonly id: string;
  config: VirtualServer;
  readonly servers: Map<string, ServerState>;
  hasQuorum: boolean;
}

export interface Director {
  config: DirectorConfig;
  readonly services: Map<string, ServiceState>;
}

export type DirectorEffect =
  | { readonly kind: 'log'; readonly level: LogLevel; readonly code: string; readonly text: string }
  /** In order, one at a time. */
  | { readonly kind: 'notify'; readonly command: VrrpCommand; readonly about: string }
  | { readonly kind: 'mail'; readonly subject: string; readonly body: string };

/** What a check found. `check` counts the checks of the real server from 0. */
export interface Verdict {
  readonly service: string;
  readonly server: string;
  readonly check: number;
  readonly ok: boolean;
  readonly detail: string;
  readonly weight?: number;
}

/** "TCP 10.0.0.1:80", "FWM 5", "TCP group web": one for each virtual_server block. */
export function serviceId(server: Pick<VirtualServer, 'key' | 'protocol'>): string {
  return server.key.kind === 'fwmark'
    ? `FWM ${server.key.mark}`
    : `${server.protocol} ${keyText(server.key)}`;
}

function keyText(key: VirtualServerKey): string {
  if (key.kind === 'group') return `group ${key.group}`;
  return key.kind === 'fwmark' ? String(key.mark) : endpointText(key.address, key.port);
}

export function serverId(server: Pick<RealServer, 'address' | 'port'>): string {
  return endpointText(server.address, server.port);
}

/** "[10.0.0.2]:tcp:80", as log lines and mails name a real server. */
export function serverWords(
  server: { readonly address: string; readonly port: number },
  protocol: string,
): string {
  return `[${server.address}]:${protocol.toLowerCase()}:${server.port}`;
}

/** "[10.0.0.1]:tcp:80", "FWM 5", "[group web]:tcp" */
export function serviceName({ key, protocol }: VirtualServer): string {
  if (key.kind === 'address') return serverWords(key, protocol);
  return key.kind === 'fwmark' ? `FWM ${key.mark}` : `[group ${key.group}]:${protocol.toLowerCase()}`;
}

/** The weight that a living server has, with what its dynamic checks ask for (keepalived.conf(5), misc_dynamic). */
export function weightOf({ config, checks }: ServerState): number {
  const dynamic = config.checkers.flatMap(({ check }, at) => {
    const weight = checks[at]?.weight;
    return weight === undefined ? [] : [{ kind: check.kind, weight }];
  });
  const [only] = dynamic;
  if (only === undefined) return config.weight;
  const sources = config.checkers.filter(({ check }) => isDynamic(check)).length;
  if (sources === 1 && only.kind === 'misc') return only.weight;
  // Several: each misc check moves the weight by what it differs from the configured one.
  const sum = dynamic.reduce(
    (total, { kind, weight }) => total + (kind === 'misc' ? weight - config.weight : weight),
    config.weight,
  );
  return Math.min(65_535, Math.max(0, sum));
}

function isDynamic(check: RealServer['checkers'][number]['check']): boolean {
  return (check.kind === 'misc' || check.kind === 'file') && check.dynamic;
}

/** The living weight of a service. */
export function livingWeight(service: ServiceState): number {
  let weight = 0;
  for (const server of service.servers.values()) if (server.alive) weight += weightOf(server);
  return weight;
}

/** Why a server is what it is, a clause; "" before the first verdict. */
export function reasonOf({ checks }: ServerState): string {
  const bad = checks.find(({ ok, detail }) => !ok && detail !== '');
  return (bad ?? checks.find(({ detail }) => detail !== ''))?.detail ?? '';
}
