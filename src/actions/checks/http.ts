/** HTTP_GET and SSL_GET: each url answers with an expected status, body or digest. Certificates are not judged. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CheckerKind, CheckerUrl } from '../../config/virtual-server-types.js';
import { within } from './connection.js';
import { BODY_MAX_BYTES, createPageReader, type Page } from './page.js';
import type { ClientTls } from './tls-files.js';
import { type CheckResult, type CheckTarget, placeOf, reasonOf } from './types.js';

type HttpKind = Extract<CheckerKind, { readonly kind: 'http' | 'https' }>;

export async function checkHttp(
  check: HttpKind,
  target: CheckTarget,
  signal: AbortSignal,
  tls?: ClientTls,
): Promise<CheckResult> {
  for (const url of check.urls) {
    const problem = judge(url, await get(check, url, target, signal, tls));
    if (problem !== undefined) return { ok: false, detail: `${problem} on ${url.path}` };
  }
  return { ok: true, detail: `${check.urls.length} urls are well` };
}

/** One request on a connection of its own. Rejects with a reason in words. */
async function get(
  check: HttpKind,
  url: CheckerUrl,
  target: CheckTarget,
  signal: AbortSignal,
  tls: ClientTls | undefined,
): Promise<Page> {
  const place = {
    host: target.address,
    port: target.port,
    ...(target.bindAddress === undefined ? {} : { localAddress: target.bindAddress }),
  };
  const isTls = check.kind === 'https';
  const socket: Socket = isTls
    ? connectTls({
        ...place,
        rejectUnauthorized: false,
        ...serverName(url.virtualHost),
        ...(tls === undefined ? {} : { secureContext: tls.context }),
      })
    : connect(place);
  // What fails after the end of the check concerns nobody.
  socket.on('error', () => undefined);
  const limitMs = target.connectTimeoutMs;
  try {
    await within<void>(signal, limitMs, 'no connection', (resolve, reject) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => resolve());
      socket.once('error', (error) => reject(new Error(reasonOf(error))));
    });
    return await within<Page>(signal, limitMs, 'no whole answer', (resolve, reject) => {
      const reader = createPageReader();
      const settle = (found: Page | string | undefined): void => {
        if (typeof found === 'string') reject(new Error(found));
        else if (found !== undefined) resolve(found);
      };
      socket.on('data', (bytes: Buffer) => settle(reader.push(bytes)));
      for (const last of ['end', 'close']) socket.once(last, () => settle(reader.end()));
      socket.once('error', (error) => reject(new Error(reasonOf(error))));
      socket.write(requestText(check, url, target));
    });
  } finally {
    socket.destroy();
  }
}

/** As keepalived 2.2.7 asks (vrrp-lvs.md 3.6): HTTP/1.0, which knows no kept connection, unless another is named. */
function requestText(
  { httpVersion, userAgent = 'heartbeat' }: HttpKind,
  { path, virtualHost }: CheckerUrl,
  target: CheckTarget,
): string {
  const plain = (text: string): string =>
    text.replace(/[^\x21-\x7e]/gu, (letter) => encodeURIComponent(letter));
  return [
    `GET ${plain(path)} HTTP/${httpVersion === '1.1' ? '1.1' : '1.0'}`,
    `User-Agent: ${userAgent}`,
    ...(httpVersion === '1.0' ? [] : ['Connection: close']),
    `Host: ${plain(virtualHost ?? placeOf(target))}`,
    '',
    '',
  ].join('\r\n');
}

/** SNI takes names only. */
function serverName(host: string | undefined): { readonly servername?: string } {
  return host === undefined || /^[\d.:]+$/.test(host) ? {} : { servername: host.replace(/:\d+$/, '') };
}

function judge(url: CheckerUrl, { status, body, truncated }: Page): string | undefined {
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
