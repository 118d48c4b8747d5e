/** Which checks run: one for each checker of each real server, kept over a reload as long as nothing of it changed. */
import type { CheckEngine } from '../../actions/checks/engine.js';
import type { ClientTls } from '../../actions/checks/tls-files.js';
import type { CheckResult, CheckSpec } from '../../actions/checks/types.js';
import type { Checker, RealServer, VirtualServer } from '../../config/virtual-server-types.js';
import { serverId, serverWords, serviceId, type Verdict } from '../../core/director/state.js';
import type { LogLevel } from '../../core/effect.js';

/** Account of check programs that name none. */
export interface CheckAccount {
  readonly scriptUser?: string;
  readonly scriptGroup?: string;
  /** What SSL_GET shows of this machine. */
  readonly tls?: ClientTls;
}

export interface CheckPlanParts {
  readonly engine: Pick<CheckEngine, 'add'>;
  readonly onVerdict: (verdict: Verdict) => void;
  readonly log: (level: LogLevel, code: string, text: string) => void;
}

export interface CheckPlan {
  /** `suspended`: ids of services whose checks rest. */
  use(servers: readonly VirtualServer[], suspended: ReadonlySet<string>, account: CheckAccount): void;
}

export function createCheckPlan(parts: CheckPlanParts): CheckPlan {
  const running = new Map<string, () => void>();

  const begin = (server: VirtualServer, real: RealServer, at: number, spec: CheckSpec): (() => void) => {
    const checker = real.checkers[at];
    if (checker === undefined) return () => undefined;
    const name = serverWords(real, server.protocol);
    return parts.engine.add({
      spec,
      times: checker.times,
      onVerdict: (result: CheckResult) =>
        parts.onVerdict({
          service: serviceId(server),
          server: serverId(real),
          check: at,
          ok: result.ok,
          detail: result.detail,
          ...(result.weight === undefined ? {} : { weight: result.weight }),
        }),
      onFailure: (result, attempt) =>
        parts.log('debug', 'check-failed', `Check of ${name}, attempt ${attempt}: ${result.detail}.`),
    });
  };

  return {
    use(servers, suspended, account) {
      const wanted = new Map<string, () => () => void>();
      for (const server of servers) {
        const service = serviceId(server);
        if (suspended.has(service)) continue;
        for (const real of server.realServers) {
          for (const [at, checker] of real.checkers.entries()) {
            const spec = specOf(checker, real, account);
            const key = JSON.stringify([service, serverId(real), at, spec, checker.times]);
            wanted.set(key, () => begin(server, real, at, spec));
          }
        }
      }
      for (const [key, end] of running) {
        if (wanted.has(key)) continue;
        end();
        running.delete(key);
      }
      for (const [key, start] of wanted) {
        if (!running.has(key)) running.set(key, start());
      }
    },
  };
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, smtp: 25, dns: 53 };

function specOf(checker: Checker, real: RealServer, account: CheckAccount): CheckSpec {
  const { check, connectAddress, connectPort, bindAddress, times } = checker;
  return {
    check: check.kind === 'misc' ? { ...check, command: withAccount(check.command, account) } : check,
    target: {
      address: connectAddress ?? real.address,
      port: connectPort ?? (real.port === 0 ? (DEFAULT_PORTS[check.kind] ?? 0) : real.port),
      ...(bindAddress === undefined ? {} : { bindAddress }),
      connectTimeoutMs: times.connectTimeoutMs,
    },
    ...(check.kind === 'https' && account.tls !== undefined ? { tls: account.tls } : {}),
  };
}

type Command = Extract<Checker['check'], { readonly kind: 'misc' }>['command'];

function withAccount(command: Command, { scriptUser, scriptGroup }: CheckAccount): Command {
  if (command.user !== undefined || scriptUser === undefined) return command;
  return { ...command, user: scriptUser, ...(scriptGroup === undefined ? {} : { group: scriptGroup }) };
}
