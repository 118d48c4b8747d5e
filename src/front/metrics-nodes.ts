/** Metrics of nodes, links, media and what guards this node. */
import type { LinkSnapshot, NodeSnapshot } from '../core/snapshot-types.js';
import type { StatusPicture } from '../daemon/control/picture.js';
import { flag, type Sample, type Scrape, seconds } from './metrics.js';

/** Adds them to a scrape. */
export function nodeMetrics(scrape: Scrape, { snapshot }: StatusPicture): void {
  const { status } = snapshot;
  const others = status.nodes.filter(({ self }) => !self);
  scrape.gauge(
    'heartbeat_node_up',
    '1 when the node (or the ping host) is heard and not counted as dead.',
    status.nodes.map((node) => [{ node: node.name, kind: node.kind }, flag(node.status !== 'dead')]),
  );
  scrape.gauge(
    'heartbeat_node_silence_seconds',
    'Age of the newest heartbeat of a node.',
    others.flatMap(({ name, statusAgeMs }): Sample[] =>
      statusAgeMs === null ? [] : [[{ node: name }, seconds(statusAgeMs)]],
    ),
  );
  scrape.gauge(
    'heartbeat_node_deadtime_seconds',
    'Silence after which a node counts as dead.',
    others.map(({ name, deadtimeMs }) => [{ node: name }, seconds(deadtimeMs)]),
  );
  const links = others.flatMap((node) =>
    node.links.map((link): [NodeSnapshot, LinkSnapshot] => [node, link]),
  );
  const labels = (node: NodeSnapshot, link: LinkSnapshot) => ({ node: node.name, link: link.name });
  scrape.gauge(
    'heartbeat_link_up',
    '1 when the node is heard on that link.',
    links.map(([node, link]) => [labels(node, link), flag(link.status === 'up')]),
  );
  scrape.gauge(
    'heartbeat_link_silence_seconds',
    'Age of the newest message of the node on that link.',
    links.flatMap(([node, link]): Sample[] =>
      link.heardAgeMs === null ? [] : [[labels(node, link), seconds(link.heardAgeMs)]],
    ),
  );
  scrape.gauge(
    'heartbeat_link_loss_ratio',
    'Share of messages lost in the last minute or two; in: on the way here, out: on the way there, as that node tells.',
    links.flatMap(([node, link]): Sample[] => [
      ...ratio(labels(node, link), 'in', link.lossInPercent),
      ...ratio(labels(node, link), 'out', link.lossOutPercent),
    ]),
  );
  const media = (value: (one: (typeof snapshot.links)[number]) => number): Sample[] =>
    snapshot.links.map((one) => [{ medium: one.description }, value(one)]);
  scrape.gauge(
    'heartbeat_medium_up',
    '1 when a medium of this node works.',
    media(({ up }) => flag(up)),
  );
  scrape.counter(
    'heartbeat_medium_sent_packets_total',
    'Packets sent on a medium.',
    media((one) => one.sentPackets),
  );
  scrape.counter(
    'heartbeat_medium_received_packets_total',
    'Packets received on a medium.',
    media((one) => one.receivedPackets),
  );
  scrape.counter(
    'heartbeat_medium_rejected_packets_total',
    'Packets that were malformed or had a wrong signature.',
    media((one) => one.rejectedPackets),
  );
  scrape.counter(
    'heartbeat_medium_send_errors_total',
    'Packets that could not be sent.',
    media((one) => one.sendErrors),
  );
  scrape.counter(
    'heartbeat_medium_thinned_packets_total',
    'Heartbeats left out because a serial line is too slow.',
    media((one) => one.thinnedPackets),
  );
  scrape.gauge(
    'heartbeat_config_drift_files',
    'Configuration files that differ from those of a node.',
    others
      .filter(({ kind }) => kind === 'normal')
      .map(({ name }) => [
        { node: name },
        status.drift?.find(({ node }) => node === name)?.files.length ?? 0,
      ]),
  );
  const { lease } = status;
  if (lease === undefined || status.nodes.length === 0) return;
  scrape.gauge('heartbeat_lease_seconds', 'Services stop here after so long without a confirmation.', [
    [{}, seconds(lease.leaseMs)],
  ]);
  scrape.gauge('heartbeat_lease_silence_seconds', 'So long the others wait before they take over.', [
    [{}, seconds(lease.silenceMs)],
  ]);
  scrape.gauge('heartbeat_watchdog_timeout_seconds', 'Timeout of the armed watchdog; 0: there is none.', [
    [{}, seconds(lease.watchdogMs ?? 0)],
  ]);
}

function ratio(
  labels: Readonly<Record<string, string>>,
  direction: string,
  percent: number | null | undefined,
): Sample[] {
  return percent === null || percent === undefined ? [] : [[{ ...labels, direction }, percent / 100]];
}
