/** The health checks of a resource ([check NAME] of heartbeat.ini), asked together with its monitor. */
import type { HealthCheck, Resource, Settings } from '../../config/types.js';
import type { CheckerKind } from '../../config/virtual-server-types.js';
import { runCheckWithRetries } from './check.js';
import type { CheckSpec, CheckTarget } from './types.js';

const DEFAULT_PORTS: Readonly<Partial<Record<HealthCheck['type'], number>>> = { smtp: 25, dns: 53 };

/** The checks that belong to a resource of haresources. */
export function checksOf(settings: Settings, { word, type }: Resource): readonly HealthCheck[] {
  return (settings.checks ?? []).filter(({ resource }) => resource === word || resource === type);
}

/** All checks side by side within the time. undefined: all are good; otherwise what was seen, with the name of the check. */
export async function askChecks(
  checks: readonly HealthCheck[],
  deadlineMs: number,
  cancel: AbortSignal,
): Promise<string | undefined> {
  if (checks.length === 0) return undefined;
  const signal = AbortSignal.any([cancel, AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs)))]);
  const results = await Promise.all(
    checks.map(async (check) => {
      const times = { retries: check.retries, delayBeforeRetryMs: check.delayMs };
      const result = await runCheckWithRetries(specOf(check), times, signal);
      return result.ok ? [] : [`check ${check.name}: ${result.detail}`];
    }),
  );
  const problems = results.flat();
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** A check of heartbeat.ini in the form that the engine knows. */
export function specOf(check: HealthCheck): CheckSpec {
  return { check: kindOf(check), target: targetOf(check) };
}

function targetOf(check: HealthCheck): CheckTarget {
  const { connectTimeoutMs } = check;
  if (check.type === 'http') {
    const url = new URL(check.url);
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    return { address: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, connectTimeoutMs };
  }
  const port = check.port === 0 ? (DEFAULT_PORTS[check.type] ?? 0) : check.port;
  return { address: check.address === '' ? '127.0.0.1' : check.address, port, connectTimeoutMs };
}

function kindOf(check: HealthCheck): CheckerKind {
  switch (check.type) {
    case 'http': {
      const url = new URL(check.url);
      return {
        kind: url.protocol === 'https:' ? 'https' : 'http',
        httpVersion: '1.1',
        urls: [
          {
            path: `${url.pathname}${url.search}`,
            virtualHost: url.host,
            statusCodes: check.statusCodes,
            ...(check.digest === '' ? {} : { digest: check.digest }),
            ...(check.match === '' ? {} : { regex: check.match }),
          },
        ],
      };
    }
    case 'smtp':
      return { kind: 'smtp', heloName: 'localhost' };
    case 'dns': {
      const [name = '.', recordType = 'A'] = check.query.split(/\s+/);
      return { kind: 'dns', name, recordType };
    }
    case 'udp':
      return { kind: 'udp', requireReply: false };
    case 'script':
      return {
        kind: 'misc',
        command: { words: [check.script] },
        timeoutMs: check.connectTimeoutMs,
        dynamic: false,
      };
    case 'tcp':
    case 'ping':
      return { kind: check.type };
  }
}
