/** The kernel's table as it should be now, and the picture of it (vrrp-lvs.md 3.5). Pure. */
import type { VirtualServer } from '../../config/virtual-server-types.js';
import type { DirectorServiceSnapshot } from './snapshot.js';
import {
  type Director,
  livingWeight,
  reasonOf,
  type ServerState,
  type ServiceState,
  weightOf,
} from './state.js';
import {
  destinationOf,
  endpointText,
  familyOf,
  type IpvsDestination,
  type IpvsService,
  type IpvsTable,
  methodSwitch,
  serviceOf,
  serviceWords,
  tunnelOf,
} from './table.js';

/** Every service with its destinations; a group stands in it once for each of its members. */
export function wantedTable(director: Director): IpvsTable {
  const table = new Map<string, IpvsService>();
  for (const service of director.services.values()) {
    const wanted = serviceOf(service.config, destinations(service));
    for (const words of servicesOf(service.config, director)) table.set(words, wanted);
  }
  return table;
}

/** The words of every service of a block. */
export function servicesOf(config: VirtualServer, director: Pick<Director, 'config'>): string[] {
  const { key, protocol } = config;
  if (key.kind !== 'group') return [serviceWords(protocol, key, familyOf(config))];
  const group = director.config.groups.find(({ name }) => name === key.group);
  return (group?.members ?? []).map((member) => serviceWords(protocol, member, familyOf(config)));
}

/** Without quorum the sorry server stands in for all; where there is none, what lives goes on. */
function destinations(service: ServiceState): ReadonlyMap<string, IpvsDestination> {
  const { sorryServer } = service.config;
  const found = new Map<string, IpvsDestination>();
  for (const server of service.servers.values()) {
    const weight = tableWeight(server, service);
    if (weight !== undefined) found.set(server.id, destinationOf(server.config, weight));
  }
  if (sorryServer !== undefined && (isSorryActive(service) || sorryServer.inhibit)) {
    const endpoint = endpointText(sorryServer.address, sorryServer.port);
    const method = methodSwitch(sorryServer.method);
    const weight = isSorryActive(service) ? 1 : 0;
    if (weight > 0 || !found.has(endpoint))
      found.set(endpoint, { method, weight, upperThreshold: 0, lowerThreshold: 0, ...tunnelOf(sorryServer) });
  }
  return found;
}

/** Undefined: not in the table. An inhibited one is never taken out, it gets weight 0. */
function tableWeight(server: ServerState, service: ServiceState): number | undefined {
  if (server.alive && !isSorryActive(service)) return weightOf(server);
  return server.config.inhibitOnFailure ? 0 : undefined;
}

function isSorryActive({ hasQuorum, config }: ServiceState): boolean {
  return !hasQuorum && config.sorryServer !== undefined;
}

/** Connections of a destination, as `ipvsadm -L -n` counts them, by service words and endpoint. */
export type Connections = ReadonlyMap<string, { readonly active: number; readonly inactive: number }>;

/** The services for people. `suspended`: ids whose checks rest. */
export function serviceSnapshots(
  director: Director,
  nowMs: number,
  suspended: ReadonlySet<string>,
  connections: Connections,
): DirectorServiceSnapshot[] {
  return [...director.services.values()].map((service) => {
    const { config } = service;
    const sorry = config.sorryServer;
    const words = servicesOf(config, director);
    return {
      name: service.id,
      scheduler: config.scheduler,
      persistenceTimeoutMs: config.persistenceTimeoutMs,
      weight: livingWeight(service),
      quorum: config.quorum,
      hasQuorum: service.hasQuorum,
      suspended: suspended.has(service.id),
      sorryServer:
        sorry === undefined
          ? null
          : { endpoint: endpointText(sorry.address, sorry.port), active: isSorryActive(service) },
      realServers: [...service.servers.values()].map((server) => {
        const weight = tableWeight(server, service);
        const counted = words.flatMap((word) => connections.get(`${word} ${server.id}`) ?? []);
        const sum = (key: 'active' | 'inactive'): number | null =>
          counted.length === 0 ? null : counted.reduce((total, one) => total + one[key], 0);
        return {
          endpoint: server.id,
          method: server.config.method,
          alive: server.alive,
          inTable: weight !== undefined,
          weight: weight ?? 0,
          configuredWeight: server.config.weight,
          reason: reasonOf(server),
          sinceMs: Math.max(0, nowMs - server.sinceMs),
          activeConnections: sum('active'),
          inactiveConnections: sum('inactive'),
        };
      }),
    };
  });
}
