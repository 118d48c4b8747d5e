/** One health check: what is asked of whom, and the answer. One file per kind stands beside this one. */
import type { CheckerKind } from '../../config/virtual-server-types.js';
import type { ClientTls } from './tls-files.js';

export interface CheckTarget {
  readonly address: string;
  /** 0 where the kind has none (ping, misc). */
  readonly port: number;
  /** Own address to ask from; absent: the kernel's choice. */
  readonly bindAddress?: string;
  /** Bound of the connection, and again of each answer after it. */
  readonly connectTimeoutMs: number;
}

export interface CheckSpec {
  readonly check: CheckerKind;
  readonly target: CheckTarget;
  /** Certificate that a check by TLS shows; absent: none. */
  readonly tls?: ClientTls;
}

export interface CheckResult {
  readonly ok: boolean;
  /** What was seen, a clause for the log: "HTTP status 500 on /health", "connection refused". */
  readonly detail: string;
  /** MISC_CHECK with misc_dynamic: exit status 2..255 asks for weight 0..253. */
  readonly weight?: number;
}

/** The reason of a failed connection in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = REASONS[code];
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').slice(0, 200);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'connection timed out',
  ENOTFOUND: 'unknown name',
  EPIPE: 'connection closed',
};

/** Formats an address and a port; IPv6 in brackets. */
export function placeOf({ address, port }: CheckTarget): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
