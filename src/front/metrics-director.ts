/** Metrics of the director's virtual servers. */
import type {
  DirectorServerSnapshot,
  DirectorServiceSnapshot,
  DirectorSnapshot,
} from '../core/director/snapshot.js';
import { flag, type Sample, type Scrape, seconds } from './metrics.js';

/** Adds them to a scrape; nothing where there is no director. */
export function directorMetrics(scrape: Scrape, director: DirectorSnapshot | undefined): void {
  if (director === undefined) return;
  const of = (value: (service: DirectorServiceSnapshot) => number): Sample[] =>
    director.services.map((service) => [{ service: service.name }, value(service)]);
  const servers = (value: (server: DirectorServerSnapshot) => number | null): Sample[] =>
    director.services.flatMap((service) =>
      service.realServers.flatMap((server): Sample[] => {
        const found = value(server);
        return found === null ? [] : [[{ service: service.name, server: server.endpoint }, found]];
      }),
    );
  scrape.gauge('heartbeat_director_ready', "1 when the kernel's table can be set.", [
    [{}, flag(director.problem === null)],
  ]);
  scrape.counter(
    'heartbeat_director_repairs_total',
    'Rules that somebody else changed and that were put back.',
    [[{}, director.repairs]],
  );
  scrape.gauge(
    'heartbeat_virtual_server_quorum',
    '1 when enough real servers live.',
    of((service) => flag(service.hasQuorum)),
  );
  scrape.gauge(
    'heartbeat_virtual_server_weight',
    'Weight of the real servers that live.',
    of((service) => service.weight),
  );
  scrape.gauge(
    'heartbeat_virtual_server_sorry',
    '1 while the sorry server is in use.',
    of((service) => flag(service.sorryServer?.active === true)),
  );
  scrape.gauge(
    'heartbeat_real_server_up',
    '1 when the checks of a real server are good.',
    servers((server) => flag(server.alive)),
  );
  scrape.gauge(
    'heartbeat_real_server_state_seconds',
    'How long it is alive or failed.',
    servers((server) => seconds(server.sinceMs)),
  );
  scrape.gauge(
    'heartbeat_real_server_weight',
    'Weight in force.',
    servers((server) => server.weight),
  );
  scrape.gauge(
    'heartbeat_real_server_active_connections',
    'Active connections.',
    servers((server) => server.activeConnections),
  );
}
