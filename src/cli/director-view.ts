/** The director in `heartbeat status`, as `ipvsadm -L -n` shows it, with health and reason: pure. */
import type {
  DirectorServerSnapshot,
  DirectorServiceSnapshot,
  DirectorSnapshot,
} from '../core/director/snapshot.js';
import { oneLine } from '../log/format.js';
import { type Cell, type Colour, duration, paint, table } from './table.js';

/** One row for each service, its real servers below it. */
export function directorLines(director: DirectorSnapshot, colours: boolean): string[] {
  const header = ['VIRTUAL SERVER', 'SCHEDULER', 'HEALTH', 'WEIGHT', 'ACTIVE', 'INACTIVE', ''];
  const rows = director.services.flatMap((service) => [
    serviceRow(service),
    ...service.realServers.map(serverRow),
    ...sorryRows(service),
  ]);
  const lines = [...table(header, rows, colours)];
  if (director.sync !== null) {
    lines.push(
      `  connections synchronised on ${oneLine(director.sync.interface)} as ${director.sync.role ?? 'nothing yet'}`,
    );
  }
  if (director.problem !== null) lines.push(`  ${paint(oneLine(director.problem), 'red', colours)}`);
  if (director.repairs > 0) {
    lines.push(`  ${director.repairs} rules were changed by somebody else and put right`);
  }
  return lines;
}

function serviceRow(service: DirectorServiceSnapshot): (Cell | string)[] {
  const { persistenceTimeoutMs, weight, quorum, hasQuorum } = service;
  const persistent = persistenceTimeoutMs === 0 ? '' : ` persistent ${duration(persistenceTimeoutMs)}`;
  const health: Cell = hasQuorum ? { text: 'up', colour: 'green' } : { text: 'down', colour: 'red' };
  const remark = service.suspended
    ? 'not checked: the address is not on this node'
    : hasQuorum
      ? ''
      : 'no quorum';
  return [
    service.name,
    `${service.scheduler}${persistent}`,
    health,
    `${weight} of ${quorum}`,
    '',
    '',
    remark,
  ];
}

function serverRow(server: DirectorServerSnapshot): (Cell | string)[] {
  const colour: Colour = server.alive ? 'green' : 'red';
  const state = server.alive ? 'alive' : 'failed';
  const kept = !server.alive && server.inTable ? ', kept with weight 0' : '';
  return [
    `  -> ${server.endpoint}`,
    server.method,
    { text: `${state} ${duration(server.sinceMs)}`, colour },
    server.inTable && server.weight !== server.configuredWeight
      ? `${server.weight} (of ${server.configuredWeight})`
      : server.inTable
        ? String(server.weight)
        : '-',
    counted(server.activeConnections),
    counted(server.inactiveConnections),
    `${oneLine(server.reason)}${kept}`,
  ];
}

function sorryRows({ sorryServer }: DirectorServiceSnapshot): (Cell | string)[][] {
  if (sorryServer === null) return [];
  const health: Cell = sorryServer.active ? { text: 'answers', colour: 'yellow' } : { text: 'waits' };
  return [[`  -> ${sorryServer.endpoint}`, 'sorry server', health, '', '', '', '']];
}

function counted(count: number | null): string {
  return count === null ? '-' : String(count);
}
