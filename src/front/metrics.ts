/** The picture as Prometheus metrics (exposition format 0.0.4; names by the conventions of prometheus.io). */
import type { Registry } from 'prom-client';
import { verdictOf } from '../daemon/control/picture.js';
import { directorMetrics } from './metrics-director.js';
import { nodeMetrics } from './metrics-nodes.js';
import { serviceMetrics } from './metrics-services.js';
import { directorOf, type ShownPicture } from './page/sections.js';

/** Labels of one sample, and its value. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Adds one metric to a scrape; without samples it is left out. */
export interface Scrape {
  gauge(name: string, help: string, samples: readonly Sample[]): void;
  /** Of something that only grows while the daemon runs. */
  counter(name: string, help: string, samples: readonly Sample[]): void;
}

export interface Metrics {
  readonly contentType: string;
  /** The text of one scrape. */
  text(shown: ShownPicture | undefined, nowWallMs: number): Promise<string>;
}

/** Loads the library; what it needs of the disk is read now. */
export async function loadMetrics(): Promise<Metrics> {
  const { Counter, Gauge, Registry: RegistryOf } = await import('prom-client');
  const scrapeOf = (registry: Registry): Scrape => {
    const labelNames = (samples: readonly Sample[]): string[] => [
      ...new Set(samples.flatMap(([labels]) => Object.keys(labels))),
    ];
    return {
      gauge(name, help, samples) {
        if (samples.length === 0) return;
        const metric = new Gauge({ name, help, labelNames: labelNames(samples), registers: [registry] });
        for (const [labels, value] of samples) metric.set(labels, value);
      },
      counter(name, help, samples) {
        if (samples.length === 0) return;
        const metric = new Counter({ name, help, labelNames: labelNames(samples), registers: [registry] });
        for (const [labels, value] of samples) metric.inc(labels, Math.max(0, value));
      },
    };
  };
  return {
    contentType: RegistryOf.PROMETHEUS_CONTENT_TYPE,
    async text(shown, nowWallMs) {
      const registry = new RegistryOf();
      const scrape = scrapeOf(registry);
      scrape.gauge('heartbeat_ready', '1 when the decisions of this node answer.', [
        [{}, shown !== undefined && nowWallMs - shown.takenWallMs < 5000 ? 1 : 0],
      ]);
      if (shown !== undefined) {
        generalMetrics(scrape, shown, nowWallMs);
        nodeMetrics(scrape, shown.picture);
        serviceMetrics(scrape, shown.picture);
        directorMetrics(scrape, directorOf(shown.picture));
      }
      return await registry.metrics();
    },
  };
}

/** Seconds of milliseconds: the unit of Prometheus. */
export function seconds(ms: number): number {
  return ms / 1000;
}

export function flag(is: boolean): number {
  return is ? 1 : 0;
}

function generalMetrics(scrape: Scrape, { picture, takenWallMs }: ShownPicture, nowWallMs: number): void {
  const { status, lateness } = picture.snapshot;
  const { daemon } = picture;
  const verdict = verdictOf(status);
  scrape.gauge('heartbeat_info', 'Version and name of this node; always 1.', [
    [{ version: status.program, node: status.self }, 1],
  ]);
  scrape.gauge('heartbeat_picture_age_seconds', 'Age of what these metrics tell.', [
    [{}, Math.max(0, seconds(nowWallMs - takenWallMs))],
  ]);
  scrape.gauge('heartbeat_start_time_seconds', 'When heartbeat was started here, Unix time.', [
    [{}, seconds(daemon.startedWallMs)],
  ]);
  scrape.counter('heartbeat_loop_restarts_total', 'How often the loop process had to be replaced.', [
    [{}, daemon.loopRestarts],
  ]);
  scrape.gauge(
    'heartbeat_verdict',
    'How the cluster is, as in the headline of heartbeat status: 1 at the level that holds.',
    ['well', 'warning', 'critical'].map((level) => [{ level }, flag(level === verdict.level)]),
  );
  const { drill } = daemon;
  if (drill !== undefined) {
    scrape.gauge('heartbeat_drill_success', '1 when the newest failover drill came off.', [
      [{}, flag(drill.outcome === 'done')],
    ]);
    scrape.gauge('heartbeat_drill_start_time_seconds', 'When it began, Unix time.', [
      [{}, seconds(drill.startedWallMs)],
    ]);
    scrape.gauge('heartbeat_drill_duration_seconds', 'How long its steps took.', [
      ...(drill.handoverMs === null ? [] : [[{ step: 'handover' }, seconds(drill.handoverMs)] as Sample]),
      ...(drill.returnMs === null ? [] : [[{ step: 'return' }, seconds(drill.returnMs)] as Sample]),
    ]);
  }
  scrape.gauge('heartbeat_warnings', 'Warnings that hold now.', [[{}, status.warnings.length]]);
  scrape.gauge('heartbeat_communication_up', '1 when every node is known or given up.', [
    [{}, flag(status.communicationUp)],
  ]);
  scrape.gauge('heartbeat_maintenance', '1 while nothing is started, stopped, moved or fenced.', [
    [{}, flag(status.maintenance)],
  ]);
  scrape.counter('heartbeat_loop_turns_total', 'Turns of the loop that a timer began.', [
    [{}, lateness.turns],
  ]);
  scrape.counter('heartbeat_loop_late_turns_total', 'Turns that began more than 10 ms late.', [
    [{}, lateness.over10ms],
  ]);
  const windows: [string, number, number | undefined][] = [['start', lateness.maxMs, lateness.p99Ms]];
  if (lateness.lastMinute !== undefined)
    windows.push(['1m', lateness.lastMinute.maxMs, lateness.lastMinute.p99Ms]);
  scrape.gauge(
    'heartbeat_loop_lateness_max_seconds',
    'The latest turn, since the start and in the last minute.',
    windows.map(([window, maxMs]) => [{ window }, seconds(maxMs)]),
  );
  scrape.gauge(
    'heartbeat_loop_lateness_p99_seconds',
    'So late were 99 of 100 turns at most.',
    windows.flatMap(([window, , p99Ms]): Sample[] =>
      p99Ms === undefined ? [] : [[{ window }, seconds(p99Ms)]],
    ),
  );
}
