/** Metrics of groups, their availability, fencing and VRRP instances. */
import type { StatusPicture } from '../daemon/control/picture.js';
import { flag, type Sample, type Scrape, seconds } from './metrics.js';

/** Adds them to a scrape. */
export function serviceMetrics(scrape: Scrape, picture: StatusPicture): void {
  const { status } = picture.snapshot;
  const nodes = status.nodes.filter(({ kind }) => kind === 'normal').map(({ name }) => name);
  scrape.gauge(
    'heartbeat_group_owner',
    '1 for the node that is responsible for the group, as far as this node knows.',
    status.groups.flatMap((group) =>
      nodes.map((node): Sample => [{ group: group.key, node }, flag(group.owner === node)]),
    ),
  );
  scrape.gauge(
    'heartbeat_group_running_here',
    '1 when the group runs on this node.',
    status.groups.map((group) => [
      { group: group.key },
      flag(group.owner === status.self && group.state === 'running'),
    ]),
  );
  scrape.gauge(
    'heartbeat_group_failed',
    '1 when the group failed on that node, which does not take it before a cleanup.',
    status.groups.flatMap((group) =>
      nodes.map((node): Sample => [{ group: group.key, node }, flag(group.failedOn.includes(node))]),
    ),
  );
  scrape.gauge(
    'heartbeat_resource_failures',
    'Failed monitors on this node since the last cleanup.',
    status.groups.flatMap((group) =>
      group.resources.map((one): Sample => [{ group: group.key, resource: one.word }, one.failures]),
    ),
  );
  availabilityMetrics(scrape, picture);
  const devices = status.fencing?.devices ?? [];
  scrape.gauge(
    'heartbeat_fencing_device_ready',
    '1 when the fencing device answered well at its last test.',
    devices.map((device, at) => [{ device: `${at + 1}:${device.type}` }, flag(device.state === 'ready')]),
  );
  if (nodes.length > 0)
    scrape.gauge('heartbeat_fencing_pending', '1 while the end of a node is waited for.', [
      [{}, flag(status.fencing?.target !== undefined && status.fencing.target !== null)],
    ]);
  vrrpMetrics(scrape, picture);
}

function availabilityMetrics(scrape: Scrape, { availability = [] }: StatusPicture): void {
  const of = (value: (one: (typeof availability)[number]) => number): Sample[] =>
    availability.map((one) => [{ group: one.group }, value(one)]);
  scrape.gauge(
    'heartbeat_group_served',
    '1 when the group is served by some node, as far as this node sees.',
    of(({ spans }) => flag(typeof spans.at(-1)?.server === 'string')),
  );
  scrape.gauge(
    'heartbeat_group_availability_ratio',
    'MTBF / (MTBF + MTTR) of the outages that this node has seen.',
    of((one) => one.availability),
  );
  scrape.counter(
    'heartbeat_group_outages_total',
    'Outages that this node has seen.',
    of((one) => one.outages),
  );
  scrape.counter(
    'heartbeat_group_outage_seconds_total',
    'Length of these outages together.',
    of((one) => seconds(one.downMs)),
  );
  scrape.counter(
    'heartbeat_group_observed_seconds_total',
    'Time that this node has looked at the group.',
    of((one) => seconds(one.observedMs)),
  );
}

function vrrpMetrics(scrape: Scrape, { snapshot }: StatusPicture): void {
  const instances = snapshot.status.vrrp?.instances ?? [];
  const of = (value: (one: (typeof instances)[number]) => number): Sample[] =>
    instances.map((one) => [{ vrrp_instance: one.name }, value(one)]);
  scrape.gauge(
    'heartbeat_vrrp_state',
    '1 at the state of the instance.',
    instances.flatMap(({ name, state }) =>
      ['init', 'backup', 'master', 'fault', 'stopped'].map(
        (one): Sample => [{ vrrp_instance: name, state: one }, flag(one === state)],
      ),
    ),
  );
  scrape.gauge(
    'heartbeat_vrrp_priority',
    'Priority in force.',
    of((one) => one.priority),
  );
  scrape.counter(
    'heartbeat_vrrp_transitions_total',
    'Changes of state.',
    of((one) => one.transitions),
  );
  scrape.counter(
    'heartbeat_vrrp_adverts_sent_total',
    'Advertisements sent.',
    of((one) => one.counters.advertsSent),
  );
  scrape.counter(
    'heartbeat_vrrp_adverts_received_total',
    'Advertisements taken.',
    of((one) => one.counters.advertsHeard),
  );
  scrape.counter(
    'heartbeat_vrrp_adverts_refused_total',
    'Advertisements refused.',
    of((one) => one.counters.advertsRefused),
  );
}
