/** Virtual servers of the director on the page. Pure. */
import type {
  DirectorServerSnapshot,
  DirectorServiceSnapshot,
  DirectorSnapshot,
} from '../../core/director/snapshot.js';
import { duration } from '../../log/words.js';
import { badge, html, type Markup, tableOf } from './html.js';

/** Empty where none is configured. */
export function directorSection(director: DirectorSnapshot | undefined): Markup {
  if (director === undefined || director.services.length === 0) return html``;
  const { problem, sync } = director;
  return html`<h2>Virtual servers</h2>
${problem === null ? undefined : html`<p class="bad">${problem}</p>`}
${tableOf(
  'Virtual servers',
  ['Service', 'State', 'Real server', 'State', 'Weight', 'Connections', 'Seen'],
  director.services.flatMap(rows),
)}
${sync === null ? undefined : html`<p class="dim">Connections are synchronised on ${sync.interface}${sync.role === null ? '' : ` as ${sync.role}`}.</p>`}`;
}

function rows(service: DirectorServiceSnapshot): (Markup | string)[][] {
  const { sorryServer } = service;
  const servers = service.realServers.map((server) => [...serverCells(server)]);
  if (sorryServer !== null) {
    const state = sorryServer.active ? badge('busy', 'in use') : badge('quiet', 'waits');
    servers.push([`${sorryServer.endpoint} (sorry server)`, state, '-', '-', '-']);
  }
  const state = html`${serviceState(service)}<br><span class="dim">${service.scheduler}, weight ${service.weight} of ${service.quorum} needed</span>`;
  if (servers.length === 0) return [[service.name, state, 'none', '-', '-', '-', '-']];
  return servers.map((cells, at) =>
    at === 0
      ? [service.name, state, ...cells]
      : [html`<span class="noted">${service.name}</span>`, '', ...cells],
  );
}

function serviceState({ hasQuorum, suspended }: DirectorServiceSnapshot): Markup {
  if (suspended) return badge('quiet', 'not on this node');
  return hasQuorum ? badge('good', 'serves') : badge('bad', 'no quorum');
}

function serverCells(server: DirectorServerSnapshot): readonly (Markup | string)[] {
  const { alive, inTable, weight, configuredWeight, activeConnections, inactiveConnections } = server;
  const connections =
    activeConnections === null
      ? 'not known'
      : `${activeConnections} active, ${inactiveConnections ?? 0} inactive`;
  return [
    `${server.endpoint} (${server.method})`,
    badge(alive ? 'good' : 'bad', alive ? 'lives' : inTable ? 'inhibited' : 'failed'),
    weight === configuredWeight ? String(weight) : `${weight} (of ${configuredWeight})`,
    connections,
    html`${server.reason === '' ? undefined : html`${server.reason}, `}<span class="dim">for ${duration(server.sinceMs)}</span>`,
  ];
}
