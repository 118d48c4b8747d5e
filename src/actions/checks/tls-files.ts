/** What SSL_GET shows of this machine: the SSL block of keepalived.conf(5). Certificates of servers are not judged. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsFiles } from '../../config/virtual-server-types.js';
import { reasonOf } from './types.js';

export interface ClientTls {
  readonly context: SecureContext;
  /** In the place of the context where two checks are compared: equal files give equal text. */
  toJSON(): string;
}

export type ClientTlsResult =
  | { readonly ok: true; readonly tls: ClientTls }
  /** A sentence; nothing of the password is in it. */
  | { readonly ok: false; readonly reason: string };

/** Reads certificate, key and authority. */
export function readClientTls({ certificate, key, ca, password }: TlsFiles): ClientTlsResult {
  const files: Buffer[] = [];
  for (const path of [certificate, key, ca]) {
    try {
      files.push(path === undefined ? Buffer.alloc(0) : readFileSync(path));
    } catch (error) {
      return { ok: false, reason: `SSL_GET works without its certificate: ${path}: ${reasonOf(error)}.` };
    }
  }
  const [cert, secret, authority] = files;
  try {
    const context = createSecureContext({
      ...(certificate === undefined ? {} : { cert }),
      // A certificate file may hold its key.
      ...(key === undefined ? (certificate === undefined ? {} : { key: cert }) : { key: secret }),
      ...(ca === undefined ? {} : { ca: authority }),
      ...(password === undefined ? {} : { passphrase: password }),
    });
    const digest = files
      .reduce((hash, file) => hash.update(file).update('\0'), createHash('sha256'))
      .digest('hex');
    return { ok: true, tls: { context, toJSON: () => digest } };
  } catch (error) {
    const where = [certificate, key, ca].filter((path) => path !== undefined).join(', ');
    return { ok: false, reason: `SSL_GET works without its certificate (${where}): ${reasonOf(error)}.` };
  }
}
