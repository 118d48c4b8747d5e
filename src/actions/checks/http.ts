/** HTTP_GET and SSL_GET: each url answers with an expected status, body or digest. Certificates are not judged. */
import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { CheckerKind, CheckerUrl } from '../../config/virtual-server-types.js';
import { within } from './connection.js';
import { type CheckResult, type CheckTarget, placeOf, reasonOf } from './types.js';

type HttpKind = Extract<CheckerKind, { readonly kind: 'http' | 'https' }>;

/** More of a body is neither digested nor matched. */
const BODY_MAX_BYTES = 4 * 1024 * 1024;

export async function checkHttp(
  check: HttpKind,
  target: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  for (const url of check.urls) {
    const problem = judge(url, await get(check, url, target, signal));
    if (problem !== undefined) return { ok: false, detail: `${problem} on ${url.path}` };
  }
  return { ok: true, detail: `${check.urls.length} urls are well` };
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly truncated: boolean;
}

function get(check: HttpKind, url: CheckerUrl, target: CheckTarget, signal: AbortSignal): Promise<Answer> {
  const host = url.virtualHost ?? placeOf(target);
  const ask = check.kind === 'https' ? requestTls : request;
  const outgoing = ask({
    host: target.address,
    port: target.port,
    path: url.path,
    agent: false,
    // HTTP/1.0 knows no kept connection; neither do we.
    headers: { Host: host, 'User-Agent': 'heartbeat', Connection: 'close' },
    ...(target.bindAddress === undefined ? {} : { localAddress: target.bindAddress }),
    ...(check.kind === 'https' ? { rejectUnauthorized: false, ...serverName(url.virtualHost) } : {}),
  });
  outgoing.on('error', () => undefined);
  const limitMs = target.connectTimeoutMs;
  return within<Answer>(signal, limitMs, 'no whole answer', (resolve, reject) => {
    outgoing.once('error', (error) => reject(new Error(reasonOf(error))));
    outgoing.once('response', (response) => collect(response, resolve, reject));
    outgoing.end();
  }).finally(() => outgoing.destroy());
}

/** SNI takes names only. */
function serverName(host: string | undefined): { readonly servername?: string } {
  return host === undefined || /^[\d.:]+$/.test(host) ? {} : { servername: host.replace(/:\d+$/, '') };
}

function collect(
  response: IncomingMessage,
  resolve: (answer: Answer) => void,
  reject: (error: Error) => void,
): void {
  const parts: Buffer[] = [];
  let length = 0;
  const done = (truncated: boolean): void =>
    resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts), truncated });
  response.on('data', (part: Buffer) => {
    if (length + part.length > BODY_MAX_BYTES) {
      done(true);
      response.destroy();
      return;
    }
    length += part.length;
    parts.push(part);
  });
  response.once('end', () => done(false));
  response.once('error', (error) => reject(new Error(reasonOf(error))));
  response.once('aborted', () => reject(new Error('the answer broke off')));
}

function judge(url: CheckerUrl, { status, body, truncated }: Answer): string | undefined {
  const codes = url.statusCodes.length === 0 ? [{ from: 200, to: 299 }] : url.statusCodes;
  if (!codes.some(({ from, to }) => status >= from && status <= to)) return `HTTP status ${status}`;
  if (truncated && (url.digest !== undefined || url.regex !== undefined))
    return `a body of more than ${BODY_MAX_BYTES} bytes`;
  if (url.digest !== undefined) {
    const digest = createHash('md5').update(body).digest('hex');
    if (digest !== url.digest.toLowerCase()) return `digest ${digest}`;
  }
  if (url.regex !== undefined) {
    const found = new RegExp(url.regex, 's').test(body.toString('latin1'));
    if (found === (url.regexNegated ?? false))
      return found ? 'a body that matches what must not be there' : 'a body that does not match';
  }
  return undefined;
}

/** Whether a text is a pattern that can be matched. */
export function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 's').source !== '';
  } catch {
    return false;
  }
}
