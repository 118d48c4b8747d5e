/**
 * The decisions of the director (vrrp-lvs.md 3.5): pure, no clock and no file. A verdict of a check, another
 * configuration or the end go in; what is to be told comes out. The table that is wanted afterwards is in wanted.ts.
 */
import type { RealServer, VirtualServer } from '../../config/virtual-server-types.js';
import {
  type CheckState,
  type Director,
  type DirectorConfig,
  type DirectorEffect,
  livingWeight,
  type ServerState,
  type ServiceState,
  serverId,
  serverWords,
  serviceId,
  serviceName,
  type Verdict,
} from './state.js';

/** A director that knows nothing; `configureDirector` gives it its servers. */
export function createDirector(): Director {
  return { config: { servers: [], groups: [], routerId: '' }, services: new Map() };
}

/**
 * Takes a configuration. What is known of a server whose checks are the same stays known; a new one is alive until its
 * first check; with `alpha`, or when an earlier run saw it fail (`failed`, "SERVICE SERVER"), it is dead until then.
 */
export function configureDirector(
  director: Director,
  config: DirectorConfig,
  nowMs: number,
  failed: ReadonlySet<string> = new Set(),
): DirectorEffect[] {
  const effects: DirectorEffect[] = [];
  const before = new Map(director.services);
  director.config = config;
  director.services.clear();
  for (const server of config.servers) {
    const id = serviceId(server);
    if (director.services.has(id)) continue;
    const former = before.get(id);
    const service: ServiceState = {
      id,
      config: server,
      servers: new Map(),
      hasQuorum: former?.hasQuorum ?? false,
    };
    for (const real of server.realServers) {
      const name = serverId(real);
      if (service.servers.has(name)) continue;
      const hasFailed = failed.has(`${id} ${name}`);
      service.servers.set(name, serverState(real, former?.servers.get(name), hasFailed, nowMs));
    }
    director.services.set(id, service);
    judgeQuorum(director, service, effects);
  }
  return effects;
}

function serverState(
  config: RealServer,
  former: ServerState | undefined,
  hasFailed: boolean,
  nowMs: number,
): ServerState {
  if (former !== undefined && checksText(former.config) === checksText(config)) {
    return { ...former, config };
  }
  const checks = config.checkers.map(
    ({ alpha = config.alpha }): CheckState => ({ ok: !alpha && !hasFailed, detail: '', weight: undefined }),
  );
  return { id: serverId(config), config, checks, alive: checks.every(({ ok }) => ok), sinceMs: nowMs };
}

/** Equal for two servers whose verdicts can be exchanged. */
export function checksText({ checkers }: RealServer): string {
  return JSON.stringify(checkers.map(({ line: _line, times: _times, ...rest }) => rest));
}

/** A verdict comes in; one about a server that is configured no more changes nothing. */
export function takeVerdict(director: Director, verdict: Verdict, nowMs: number): DirectorEffect[] {
  const effects: DirectorEffect[] = [];
  const service = director.services.get(verdict.service);
  const server = service?.servers.get(verdict.server);
  const check = server?.checks[verdict.check];
  if (service === undefined || server === undefined || check === undefined) return effects;
  check.ok = verdict.ok;
  check.detail = verdict.detail;
  check.weight = verdict.weight;
  const alive = server.checks.every(({ ok }) => ok);
  if (alive !== server.alive) {
    server.alive = alive;
    server.sinceMs = nowMs;
    tellServer(director, service, server, verdict.detail, effects);
  }
  judgeQuorum(director, service, effects);
  return effects;
}

/** The daemon ends: with `omega` the commands for going down run (keepalived.conf(5)). */
export function endDirector(director: Director): DirectorEffect[] {
  const effects: DirectorEffect[] = [];
  for (const service of director.services.values()) {
    if (!service.config.omega) continue;
    for (const server of service.servers.values()) {
      if (server.alive) order(server.config.notifyDown, serverName(server, service), effects);
    }
    if (service.hasQuorum) order(service.config.quorumDown, serviceName(service.config), effects);
  }
  return effects;
}

function tellServer(
  director: Director,
  service: ServiceState,
  server: ServerState,
  detail: string,
  effects: DirectorEffect[],
): void {
  const { alive, config } = server;
  const name = serverName(server, service);
  const virtual = serviceName(service.config);
  const inhibited = !alive && config.inhibitOnFailure;
  const verb = alive ? 'Adding' : inhibited ? 'Disabling' : 'Removing';
  const text = `${verb} service ${name} ${alive ? 'to' : inhibited ? 'of' : 'from'} VS ${virtual}: ${detail}`;
  effects.push({
    kind: 'log',
    level: alive ? 'info' : 'warn',
    code: alive ? 'server-up' : 'server-down',
    text,
  });
  order(alive ? config.notifyUp : config.notifyDown, name, effects);
  if (!config.mail) return;
  const subject = `[${director.config.routerId}] Realserver ${name} of virtual server ${virtual} - ${alive ? 'UP' : 'DOWN'}`;
  effects.push({ kind: 'mail', subject, body: `=> ${detail} <=` });
}

/** Gained from quorum + hysteresis on, lost below quorum - hysteresis or with nothing alive at all. */
function judgeQuorum(director: Director, service: ServiceState, effects: DirectorEffect[]): void {
  const { config } = service;
  const weight = livingWeight(service);
  const limit = config.quorum + (service.hasQuorum ? -config.hysteresis : config.hysteresis);
  const hasQuorum = weight > 0 && weight >= limit;
  if (hasQuorum === service.hasQuorum) return;
  service.hasQuorum = hasQuorum;
  const name = serviceName(config);
  const sum = `${config.quorum}${hasQuorum ? '+' : '-'}${config.hysteresis}`;
  const text = hasQuorum
    ? `Gained quorum ${sum}=${limit} <= ${weight} for VS ${name}`
    : `Lost quorum ${sum}=${limit} > ${weight} for VS ${name}`;
  effects.push({
    kind: 'log',
    level: hasQuorum ? 'info' : 'error',
    code: hasQuorum ? 'quorum-gained' : 'quorum-lost',
    text,
  });
  tellSorry(config, hasQuorum, effects);
  order(hasQuorum ? config.quorumUp : config.quorumDown, name, effects);
  if (!config.mail) return;
  const subject = `[${director.config.routerId}] Virtualserver ${name} - ${hasQuorum ? 'UP' : 'DOWN'}`;
  effects.push({ kind: 'mail', subject, body: `=> ${text} <=` });
}

function tellSorry(config: VirtualServer, hasQuorum: boolean, effects: DirectorEffect[]): void {
  if (config.sorryServer === undefined) return;
  const sorry = serverWords(config.sorryServer, config.protocol);
  const text = hasQuorum
    ? `Removing sorry server ${sorry} from VS ${serviceName(config)}`
    : `Adding sorry server ${sorry} to VS ${serviceName(config)}`;
  effects.push({ kind: 'log', level: 'info', code: 'sorry-server', text });
}

function order(command: RealServer['notifyUp'], about: string, effects: DirectorEffect[]): void {
  if (command !== undefined) effects.push({ kind: 'notify', command, about });
}

function serverName(server: ServerState, service: ServiceState): string {
  return serverWords(server.config, service.config.protocol);
}
