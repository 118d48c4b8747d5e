/** The lease of a configuration in words: what `heartbeat check` prints, and what the daemon warns of at its start. */
import type { ClusterConfig, Diagnostic } from '../config/types.js';
import { type LeaseBudget, leaseBudget, watchdogTimeoutS } from '../core/guard/budget.js';

/** The numbers for a configuration whose watchdog, if it names one, takes the timeout that is wanted of it. */
export function leaseOf(config: ClusterConfig): LeaseBudget {
  return leaseBudget(config, config.watchdog === undefined ? null : watchdogTimeoutS(config) * 1000);
}

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(3))} s`;

/** The rule with its numbers, what guards addresses and scripts, and the verdict; one sentence a line. */
export function leaseLines(config: ClusterConfig): string[] {
  const lease = leaseOf(config);
  const { silenceMs, leaseMs, stopMs, watchdogMs, marginMs, excessMs } = lease;
  const sumMs = silenceMs + excessMs;
  const holds = excessMs <= 0;
  const lines = [
    `Lease: ${seconds(leaseMs)} lease + ${seconds(stopMs)} stop deadline + ${seconds(watchdogMs ?? 0)} watchdog + ${seconds(marginMs)} margin = ${seconds(sumMs)}, ${holds ? 'within' : 'more than'} the ${seconds(silenceMs)} of silence before a takeover${holds ? '.' : ` (by ${seconds(excessMs)}).`}`,
  ];
  if (silenceMs > config.deadtimeMs) {
    lines.push(
      `  The other node waits ${seconds(silenceMs)} for this one, not the deadtime of ${seconds(config.deadtimeMs)}: this node announces so.`,
    );
  }
  if (lease.addressLifetimeMs !== null) {
    lines.push(
      `  Addresses vanish by themselves ${seconds(lease.addressLifetimeMs)} after the last punctual turn.`,
    );
  }
  if (watchdogMs !== null) {
    lines.push(
      `  A node that hangs is reset ${seconds(watchdogMs)} after its last turn. A stop for a lost lease that takes longer than that ends in the reset too, before the other node takes over.`,
    );
  } else if (stopMs > 0) {
    lines.push('  Nothing ends the scripts of a node that hangs: ha.cf names no watchdog.');
  }
  return lines;
}

/** Warnings about timing. Nothing here refuses: what is announced makes the peers wait long enough. */
export function leaseDiagnostics(config: ClusterConfig, haCfFile: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const lease = leaseOf(config);
  const add = (severity: Diagnostic['severity'], code: string, message: string, hint: string): void => {
    found.push({ file: haCfFile, line: 0, column: 0, severity, code, message, hint });
  };
  if (
    lease.watchdogMs !== null &&
    lease.silenceMs > config.deadtimeMs &&
    config.settings.announcedSilence !== 'stops'
  ) {
    add(
      'warning',
      'watchdog-too-slow',
      `The watchdog's ${seconds(lease.watchdogMs)} do not fit into the deadtime of ${seconds(config.deadtimeMs)}: the other node is told to wait ${seconds(lease.silenceMs)} before it takes over.`,
      `Set deadtime to ${seconds(lease.silenceMs)} or more on both nodes, or a shorter [watchdog] timeout in heartbeat.ini (auto takes the longest that fits).`,
    );
  }
  if (lease.watchdogMs !== null && !config.realtime) {
    add(
      'warning',
      'watchdog-without-realtime',
      `With realtime off a busy machine may keep the daemon waiting for ${seconds(lease.watchdogMs)}, and the watchdog resets it.`,
      'Remove the line realtime off, or set a longer deadtime.',
    );
  }
  if (lease.watchdogMs === null && lease.excessMs > 0) {
    add(
      'info',
      'stop-too-slow',
      `A script that takes its whole stop_deadline would go on for ${seconds(lease.excessMs)} after the other node took over.`,
      'A watchdog line in ha.cf bounds it by a reset; or set a shorter [resources] stop_deadline, a longer deadtime, or [lease] announce = stops.',
    );
  }
  return found;
}
