/**
 * The director at work: checks run, their verdicts go through the core, its table goes to the kernel, its commands and
 * mails are sent in order. It runs in a process of its own and may take its time.
 */
import { networkInterfaces } from 'node:os';
import type { CheckEngine } from '../../actions/checks/engine.js';
import { type ClientTls, readClientTls } from '../../actions/checks/tls-files.js';
import type { Ipvsadm } from '../../actions/ipvsadm.js';
import type { TlsFiles } from '../../config/virtual-server-types.js';
import type { VrrpMail } from '../../config/vrrp-types.js';
import { parseConnections } from '../../core/director/rules.js';
import type { DirectorSnapshot } from '../../core/director/snapshot.js';
import { type DirectorEffect, serviceId, type Verdict } from '../../core/director/state.js';
import {
  configureDirector,
  createDirector as createState,
  endDirector,
  takeVerdict,
} from '../../core/director/step.js';
import { type Connections, serviceSnapshots, servicesOf, wantedTable } from '../../core/director/wanted.js';
import type { LogLevel } from '../../core/effect.js';
import { endWords, runCommand } from '../runner/command.js';
import { createSerialQueue } from '../runner/vrrp-queue.js';
import { createCheckPlan } from './check-plan.js';
import { forget, readMemory, writeMemory } from './memory.js';
import type { DirectorSettings } from './messages.js';
import { createTableKeeper } from './table-keeper.js';

/** Between two comparisons with the kernel. */
const COMPARE_MS = 10_000;
/** Between two looks at the own addresses (ha_suspend). */
const ADDRESSES_MS = 1000;
const NOTIFY_DEADLINE_MS = 60_000;
const DRAIN_LIMIT_MS = 10_000;
const WAITING_MAX = 5000;
/** Verdicts that come together are set together. */
const GATHER_MS = 20;

export interface DirectorParts {
  readonly ipvs: Ipvsadm;
  readonly engine: CheckEngine;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  readonly sendMail: (mail: VrrpMail, subject: string, body: string) => Promise<void>;
  /** File that outlives this process. */
  readonly memoryPath: string;
}

export interface DirectorWorker {
  configure(settings: DirectorSettings): Promise<void>;
  setRole(role: 'master' | 'backup'): void;
  snapshot(): Promise<DirectorSnapshot>;
  /** Resolves when the rules are gone (or kept) and everything is told, within a bound. */
  stop(): Promise<void>;
}

export function createDirectorWorker(parts: DirectorParts): DirectorWorker {
  const { log, memoryPath } = parts;
  const state = createState();
  const remembered = readMemory(memoryPath);
  const owned = new Set(remembered.owned);
  let failed: ReadonlySet<string> = new Set(remembered.failed);
  let settings: DirectorSettings | undefined;
  let tls: ClientTls | undefined;
  let suspended: ReadonlySet<string> = new Set();
  let role: 'master' | 'backup' | null = null;
  let gather: NodeJS.Timeout | undefined;
  let stopping = false;
  const timers: NodeJS.Timeout[] = [];
  const say = (code: string) => (reason: string) => log('error', code, `Director: ${reason}.`);
  const commands = createSerialQueue(WAITING_MAX, say('director-notify'));
  const mails = createSerialQueue(WAITING_MAX, say('director-mail'));

  const keeper = createTableKeeper({
    ipvs: parts.ipvs,
    log,
    wanted: () => wantedTable(state),
    owned,
    onOwned: () => remember(),
  });

  const remember = (): void => {
    const dead: string[] = [];
    for (const service of state.services.values()) {
      for (const server of service.servers.values())
        if (!server.alive) dead.push(`${service.id} ${server.id}`);
    }
    writeMemory(memoryPath, { owned: [...owned], failed: dead });
  };

  const carryOut = (effects: readonly DirectorEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === 'log') log(effect.level, effect.code, effect.text);
      else if (effect.kind === 'mail') mail(effect.subject, effect.body);
      else notify(effect);
    }
  };

  const notify = ({ command, about }: Extract<DirectorEffect, { kind: 'notify' }>): void => {
    const account = settings;
    commands.add(async () => {
      const said = (line: string): void => log('debug', 'director-script', line);
      const end = await runCommand(command, account, NOTIFY_DEADLINE_MS, said);
      if (end.kind === 'exit' && end.code === 0) return;
      const words = endWords(end, NOTIFY_DEADLINE_MS);
      log('error', 'director-notify', `${about}: the program ${command.words[0] ?? ''} ${words}.`);
    });
  };

  const mail = (subject: string, body: string): void => {
    const recipient = settings?.mail;
    if (recipient !== undefined) mails.add(() => parts.sendMail(recipient, subject, body));
  };

  const changed = (): void => {
    if (gather !== undefined || stopping) return;
    gather = setTimeout(() => {
      gather = undefined;
      keeper.changed();
      remember();
    }, GATHER_MS);
  };

  const plan = createCheckPlan({
    engine: parts.engine,
    log,
    onVerdict: (verdict: Verdict) => {
      if (stopping) return;
      carryOut(takeVerdict(state, verdict, performance.now()));
      changed();
    },
  });

  const clientTls = (files: TlsFiles): ClientTls | undefined => {
    const result = readClientTls(files);
    if (result.ok) return result.tls;
    log('error', 'director-tls', result.reason);
    return undefined;
  };

  const planChecks = (): void => {
    if (settings === undefined || stopping) return;
    suspended = restingServices(settings);
    plan.use(settings.servers, suspended, { ...settings, ...(tls === undefined ? {} : { tls }) });
  };

  /** Services whose checks rest because their address is not here. */
  const restingServices = ({ servers }: DirectorSettings): ReadonlySet<string> => {
    const careful = servers.filter(({ suspendWithoutAddress }) => suspendWithoutAddress);
    if (careful.length === 0) return new Set();
    const own = new Set(
      Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
    );
    const absent = careful.filter((server) => {
      const addresses = addressesOf(server.key);
      return addresses.length > 0 && !addresses.some((address) => own.has(address));
    });
    return new Set(absent.map(serviceId));
  };
  const addressesOf = (key: DirectorSettings['servers'][number]['key']): string[] => {
    if (key.kind === 'address') return [key.address];
    if (key.kind === 'fwmark') return [];
    const group = settings?.groups.find(({ name }) => name === key.group);
    return (group?.members ?? []).flatMap((one) => (one.kind === 'address' ? [one.address] : []));
  };

  const followRole = async (before: typeof role): Promise<void> => {
    const sync = settings?.global.syncDaemon;
    const now = role;
    if (sync === undefined || now === null || now === before) return;
    const result = await keeper.inTurn(async (ipvs) => {
      await ipvs.stopSync(now === 'master' ? 'backup' : 'master');
      return await ipvs.startSync(now, sync);
    });
    const text = result.ok
      ? `Connections are synchronised on ${sync.interface} as ${now} (syncid ${sync.syncId}).`
      : `Connections are not synchronised: ${result.reason}.`;
    log(result.ok ? 'info' : 'error', 'director-sync', text);
  };

  return {
    async configure(next) {
      const isFirst = settings === undefined;
      const { flushAtStart, timeoutsS } = next.global;
      const timeoutsDiffer = JSON.stringify(settings?.global.timeoutsS) !== JSON.stringify(timeoutsS);
      settings = next;
      tls = next.global.tls === undefined ? undefined : clientTls(next.global.tls);
      const config = { servers: next.servers, groups: next.groups, routerId: next.routerId };
      carryOut(configureDirector(state, config, performance.now(), failed));
      failed = new Set();
      if (isFirst && flushAtStart) await keeper.clear();
      if (timeoutsS !== undefined && timeoutsDiffer) {
        const result = await keeper.inTurn((ipvs) => ipvs.setTimeouts(timeoutsS));
        if (!result.ok) log('error', 'director-timeouts', `lvs_timeouts cannot be set: ${result.reason}.`);
      }
      if (isFirst) await keeper.compare();
      else keeper.changed();
      planChecks();
      if (!isFirst) return;
      timers.push(setInterval(() => void keeper.compare(), COMPARE_MS));
      timers.push(
        setInterval(() => {
          if (settings?.servers.some((one) => one.suspendWithoutAddress) === true) planChecks();
        }, ADDRESSES_MS),
      );
    },
    setRole(next) {
      const before = role;
      role = next;
      void followRole(before);
    },
    async snapshot() {
      const sync = settings?.global.syncDaemon;
      const services = serviceSnapshots(state, performance.now(), suspended, await connections());
      return {
        problem: keeper.problem,
        repairs: keeper.repairs,
        services,
        sync: sync === undefined ? null : { interface: sync.interface, role },
      };
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      for (const timer of timers) clearInterval(timer);
      clearTimeout(gather);
      parts.engine.close();
      carryOut(endDirector(state));
      const now = role;
      if (settings?.global.syncDaemon !== undefined && now !== null) {
        await keeper.inTurn((ipvs) => ipvs.stopSync(now));
      }
      if (settings?.global.keepOnStop === true)
        log('info', 'director-kept', 'The rules of the virtual servers stay.');
      else {
        await keeper.remove();
        forget(memoryPath);
      }
      await Promise.all([commands.drain(DRAIN_LIMIT_MS), mails.drain(DRAIN_LIMIT_MS)]);
    },
  };

  async function connections(): Promise<Connections> {
    if (keeper.problem !== null || settings === undefined) return new Map();
    const listed = await keeper.inTurn((ipvs) => ipvs.list());
    if (!listed.ok) return new Map();
    const known = new Set(settings.servers.flatMap((server) => servicesOf(server, state)));
    return parseConnections(listed.text, known);
  }
}
