/** One mail over SMTP. The mail library is loaded when the first mail is due, not before. */
import { readFileSync } from 'node:fs';

export interface MailServer {
  readonly host: string;
  /** 1..65535 */
  readonly port: number;
  /** `auto`: encrypted where the server offers it, and always (but for this very machine) when a password is sent. */
  readonly tls: 'auto' | 'starttls' | 'tls' | 'off';
  /** PEM file; absent: the authorities that Node.js knows. */
  readonly caFile?: string;
  readonly user?: string;
  /** The first line is the password; read for each mail, kept nowhere. */
  readonly passwordFile?: string;
  readonly connectTimeoutMs: number;
  /** Name in EHLO; absent: that of this machine. */
  readonly heloName?: string;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
}

/** Gives one mail to the server. Rejects with a reason in words; the password is never in it. */
export async function sendMail(server: MailServer, mail: Mail): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const password = server.user === undefined ? undefined : readPassword(server.passwordFile);
  const isLocal = ['localhost', '127.0.0.1', '::1'].includes(server.host);
  const needsTls = server.tls === 'starttls' || (server.tls === 'auto' && password !== undefined && !isLocal);
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.tls === 'tls',
    requireTLS: needsTls,
    ignoreTLS: server.tls === 'off',
    ...(server.heloName === undefined ? {} : { name: server.heloName }),
    ...(password === undefined ? {} : { auth: { user: server.user ?? '', pass: password } }),
    tls: {
      // Encryption that is not asked for must not fail on a certificate that nobody asked for either.
      rejectUnauthorized: server.tls === 'tls' || needsTls,
      ...(server.caFile === undefined ? {} : { ca: readFileSync(server.caFile) }),
    },
    connectionTimeout: server.connectTimeoutMs,
    greetingTimeout: server.connectTimeoutMs,
    socketTimeout: server.connectTimeoutMs * 2,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { subject, body: text, from, to } = mail;
    await transport.sendMail({ from, to: [...to], subject: subject.replace(/[\r\n]+/g, ' '), text });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const safe = password === undefined || password === '' ? reason : reason.replaceAll(password, '***');
    throw new Error(`${server.host} port ${server.port}: ${safe.replace(/\s+/g, ' ').trim()}`);
  } finally {
    transport.close();
  }
}

function readPassword(file: string | undefined): string {
  if (file === undefined) return '';
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`the password file ${file} cannot be read: ${code}`);
  }
}
