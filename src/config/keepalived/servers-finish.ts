/** What virtual and real servers become when their blocks are read: inheritance and defaults (vrrp-lvs.md 3.5). */
import { isIP } from 'node:net';
import { shown } from '../problems.js';
import type {
  Checker,
  ForwardingMethod,
  RealServer,
  Tunnel,
  VirtualServer,
  VirtualServerKey,
} from '../virtual-server-types.js';
import { readChecker } from './checkers.js';
import type { Draft, Writable } from './draft.js';
import { type DraftTimes, defined } from './server-times.js';
import type { Surrounding } from './table.js';
import type { Statement } from './tree.js';

/** How packets reach a server. */
export interface Forwarding {
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
}

const DEFAULT_FORWARDING: Forwarding = { method: 'NAT' };

/** What both kinds of server can say; a real server takes from its virtual server what it does not say itself. */
export interface Common {
  readonly times: DraftTimes;
  method: Forwarding | undefined;
  alpha: boolean | undefined;
  inhibitOnFailure: boolean | undefined;
  mail: boolean | undefined;
  virtualHost: string | undefined;
}

export interface DraftReal extends Common {
  readonly values: Writable<RealServer>;
  readonly checks: Statement[];
}

export interface DraftVirtual extends Common {
  readonly values: Writable<VirtualServer>;
  readonly reals: { readonly statement: Statement; readonly draft: DraftReal }[];
  sorry: { address: string; port: number } | undefined;
  sorryMethod: Forwarding | undefined;
  sorryInhibit: boolean;
  readonly flags: string[];
  weight: number;
}

export function emptyCommon(): Common {
  return {
    times: {},
    method: undefined,
    alpha: undefined,
    inhibitOnFailure: undefined,
    mail: undefined,
    virtualHost: undefined,
  };
}

/** The finished virtual server. */
export function finishVirtual(
  draft: DraftVirtual,
  key: VirtualServerKey,
  statement: Statement,
  file: Draft,
  where: Surrounding,
): VirtualServer {
  const { values } = draft;
  if (values.scheduler === undefined) {
    const message = 'This virtual_server names no lb_algo; wlc is taken.';
    statement.problems.warning(statement, 'default-taken', message, 'Write "lb_algo wlc".');
  }
  if (values.protocol === undefined) {
    const message =
      'This virtual_server names no protocol; TCP is taken, where the real keepalived takes UDP.';
    statement.problems.warning(
      statement,
      'default-taken',
      message,
      'Write "protocol TCP" or "protocol UDP".',
    );
  }
  if (key.kind === 'group') file.namedServerGroups.push({ name: key.group, at: statement });
  const forwarding = draft.method ?? DEFAULT_FORWARDING;
  const { sorry } = draft;
  const granularity = values.persistenceGranularity;
  return {
    key,
    protocol: values.protocol ?? 'TCP',
    scheduler: values.scheduler ?? 'wlc',
    method: forwarding.method,
    persistenceTimeoutMs: values.persistenceTimeoutMs ?? 0,
    ...(granularity === undefined ? {} : { persistenceGranularity: granularity }),
    ...defined({
      persistenceEngine: values.persistenceEngine,
      onePacket: values.onePacket,
      family: values.family,
    }),
    ...(draft.flags.length === 0 ? {} : { schedulerFlags: draft.flags }),
    quorum: values.quorum ?? 1,
    hysteresis: values.hysteresis ?? 0,
    ...(values.quorumUp === undefined ? {} : { quorumUp: values.quorumUp }),
    ...(values.quorumDown === undefined ? {} : { quorumDown: values.quorumDown }),
    suspendWithoutAddress: values.suspendWithoutAddress ?? false,
    omega: values.omega ?? false,
    mail: draft.mail ?? file.mailChecker ?? false,
    ...(sorry === undefined
      ? {}
      : { sorryServer: { ...sorry, ...(draft.sorryMethod ?? forwarding), inhibit: draft.sorryInhibit } }),
    realServers: draft.reals.map((real) => finishReal(real.draft, real.statement, draft, file, where)),
    line: statement.line,
  };
}

function finishReal(
  real: DraftReal,
  statement: Statement,
  virtual: DraftVirtual,
  file: Draft,
  where: Surrounding,
): RealServer {
  const { values } = real;
  const address = values.address ?? '';
  const inherited = {
    times: { ...virtual.times, ...defined(real.times) },
    virtualHost: real.virtualHost ?? virtual.virtualHost,
    file,
    where,
  };
  const checkers: Checker[] = real.checks.flatMap((check) => readChecker(check, inherited) ?? []);
  if (virtual.values.protocol === 'TCP' && isIP(address) !== 0 && real.checks.length === 0) {
    const message = `real_server ${shown(address)} has no health check: it stays in the table when it is dead.`;
    statement.problems.info(statement, 'no-check', message, 'Add "TCP_CHECK { }".');
  }
  return {
    address,
    port: values.port ?? 0,
    weight: values.weight ?? virtual.weight,
    ...(real.method ?? virtual.method ?? DEFAULT_FORWARDING),
    inhibitOnFailure: real.inhibitOnFailure ?? virtual.inhibitOnFailure ?? false,
    alpha: real.alpha ?? virtual.alpha ?? false,
    ...(values.notifyUp === undefined ? {} : { notifyUp: values.notifyUp }),
    ...(values.notifyDown === undefined ? {} : { notifyDown: values.notifyDown }),
    mail: real.mail ?? virtual.mail ?? file.mailChecker ?? true,
    ...(values.upperThreshold === undefined ? {} : { upperThreshold: values.upperThreshold }),
    ...(values.lowerThreshold === undefined ? {} : { lowerThreshold: values.lowerThreshold }),
    checkers,
    line: statement.line,
  };
}

/** Groups that a virtual_server names and nobody defines. */
export function checkServerGroups({ namedServerGroups, virtualServerGroups }: Draft): void {
  for (const { name, at } of namedServerGroups) {
    if (virtualServerGroups.some((group) => group.name === name)) continue;
    const message = `virtual_server group ${name}: there is no virtual_server_group ${name}.`;
    at.problems.error(at, 'group-unknown', message, 'Define it, with the addresses of the service.');
  }
}
