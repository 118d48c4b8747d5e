/** A finished virtual server of ldirectord.cf: what its lines leave out comes from the lines before the first one. */
import { defined } from '../keepalived/server-times.js';
import type {
  Checker,
  CheckerKind,
  ForwardingMethod,
  RealServer,
  VirtualServer,
  VirtualServerKey,
} from '../virtual-server-types.js';
import type { Place } from './values.js';

/** What may stand globally and in a virtual server. */
export interface DraftCommon {
  checkTimeoutMs?: number;
  negotiateTimeoutMs?: number;
  checkIntervalMs?: number;
  failureCount?: number;
  quiescent?: boolean;
  fallback?: { readonly place: Place; readonly method: ForwardingMethod | undefined };
}

export interface DraftReal {
  readonly place: Place;
  readonly method: ForwardingMethod;
  readonly weight: number;
  readonly request?: string;
  readonly receive?: string;
  readonly line: number;
}

export interface DraftVirtual extends DraftCommon {
  readonly key: Exclude<VirtualServerKey, { readonly kind: 'group' }>;
  readonly line: number;
  readonly reals: DraftReal[];
  checkType?: string;
  service?: string;
  checkCommand?: string;
  checkPort?: number;
  request?: string;
  receive?: string;
  virtualHost?: string;
  scheduler?: string;
  persistentMs?: number;
  netmask?: string;
  protocol?: 'TCP' | 'UDP';
  onePacket?: boolean;
}

const SERVICES_BY_PORT: Readonly<Record<number, string>> = {
  25: 'smtp',
  53: 'dns',
  80: 'http',
  443: 'https',
  587: 'smtp',
  8080: 'http',
};

/** The service that is asked, from the line or from the port. */
export function serviceOf(draft: DraftVirtual): string {
  const port = draft.key.kind === 'address' ? draft.key.port : (draft.reals[0]?.place.port ?? 0);
  return draft.service ?? SERVICES_BY_PORT[port] ?? 'none';
}

export function finishVirtual(draft: DraftVirtual, outer: DraftCommon): VirtualServer {
  const common: DraftCommon = { ...outer, ...defined(draft) };
  const { fallback } = common;
  const family = draft.reals[0]?.place.address.includes(':') === true ? 6 : 4;
  return {
    key: draft.key,
    protocol: draft.protocol ?? 'TCP',
    scheduler: draft.scheduler ?? 'wrr',
    method: draft.reals[0]?.method ?? 'DR',
    persistenceTimeoutMs: draft.persistentMs ?? 0,
    ...(draft.netmask === undefined ? {} : { persistenceGranularity: draft.netmask }),
    ...(draft.onePacket === true ? { onePacket: true } : {}),
    ...(draft.key.kind === 'fwmark' ? { family } : {}),
    quorum: 1,
    hysteresis: 0,
    suspendWithoutAddress: false,
    omega: false,
    mail: true,
    ...(fallback === undefined
      ? {}
      : {
          sorryServer: {
            address: fallback.place.address,
            port: portOf(fallback.place, draft.key),
            method: fallback.method ?? (isLocal(fallback.place) ? 'DR' : (draft.reals[0]?.method ?? 'DR')),
            inhibit: false,
          },
        }),
    // "off": no real server is ever used.
    realServers: draft.checkType === 'off' ? [] : draft.reals.map((real) => finishReal(real, draft, common)),
    line: draft.line,
  };
}

const isLocal = ({ address }: Place): boolean => address.startsWith('127.') || address === '::1';

function portOf(place: Place, key: DraftVirtual['key']): number {
  if (place.port !== 0) return place.port;
  return key.kind === 'address' ? key.port : 0;
}

function finishReal(real: DraftReal, draft: DraftVirtual, common: DraftCommon): RealServer {
  const port = portOf(real.place, draft.key);
  const check = kindOf(real, draft, common, port);
  return {
    address: real.place.address,
    port,
    weight: real.weight,
    method: real.method,
    // quiescent = yes, which is the default: what fails keeps its connections and gets no new ones.
    inhibitOnFailure: common.quiescent ?? true,
    alpha: true,
    mail: true,
    checkers: check === undefined ? [] : [checker(check, real, draft, common)],
    line: real.line,
  };
}

const DEFAULT_INTERVAL_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_NEGOTIATE_MS = 30_000;

function checker(check: CheckerKind, real: DraftReal, draft: DraftVirtual, common: DraftCommon): Checker {
  const intervalMs = common.checkIntervalMs ?? DEFAULT_INTERVAL_MS;
  const isNegotiation = check.kind !== 'tcp' && check.kind !== 'ping';
  const connectTimeoutMs = isNegotiation
    ? (common.negotiateTimeoutMs ?? DEFAULT_NEGOTIATE_MS)
    : (common.checkTimeoutMs ?? DEFAULT_TIMEOUT_MS);
  return {
    check,
    ...(draft.checkPort === undefined ? {} : { connectPort: draft.checkPort }),
    times: {
      connectTimeoutMs,
      retries: (common.failureCount ?? 1) - 1,
      delayBeforeRetryMs: intervalMs,
      delayLoopMs: intervalMs,
      warmupMs: 0,
    },
    line: real.line,
  };
}

/** Undefined: "on", no check at all. */
function kindOf(
  real: DraftReal,
  draft: DraftVirtual,
  common: DraftCommon,
  port: number,
): CheckerKind | undefined {
  const type = draft.checkType ?? 'negotiate';
  if (type === 'on') return undefined;
  if (type === 'ping') return { kind: 'ping' };
  if (type === 'external') {
    const virtual =
      draft.key.kind === 'address'
        ? [draft.key.address, String(draft.key.port)]
        : [String(draft.key.mark), '0'];
    const words = [draft.checkCommand ?? '', ...virtual, real.place.address, String(port)];
    const timeoutMs = common.negotiateTimeoutMs ?? DEFAULT_NEGOTIATE_MS;
    return { kind: 'misc', command: { words }, timeoutMs, dynamic: false };
  }
  const isUdp = draft.protocol === 'UDP';
  const plain: CheckerKind = isUdp ? { kind: 'udp', requireReply: false } : { kind: 'tcp' };
  return type === 'connect' ? plain : (negotiation(real, draft) ?? plain);
}

function negotiation(real: DraftReal, draft: DraftVirtual): CheckerKind | undefined {
  const service = serviceOf(draft);
  const request = real.request ?? draft.request;
  const receive = real.receive ?? draft.receive;
  switch (service) {
    case 'http':
    case 'https': {
      const path = request === undefined || request === '' ? '/' : request;
      const url = {
        path: path.startsWith('/') ? path : `/${path}`,
        statusCodes: [],
        ...(draft.virtualHost === undefined ? {} : { virtualHost: draft.virtualHost }),
        ...(receive === undefined ? {} : { regex: receive }),
      };
      return { kind: service, urls: [url], httpVersion: '1.1' };
    }
    case 'smtp':
      return { kind: 'smtp', heloName: 'localhost' };
    case 'dns':
      return { kind: 'dns', recordType: request === undefined ? 'SOA' : 'A', name: request ?? '.' };
    default:
      return undefined;
  }
}

/** Services whose talk is checked; the others are checked by a connection. */
export const NEGOTIATED: readonly string[] = ['http', 'https', 'smtp', 'dns', 'none'];
