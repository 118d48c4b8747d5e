/** Mails about VRRP instances, as keepalived.conf asks for them: one connection each, without TLS (vrrp-lvs.md 4.5). */
import type { VrrpMail } from '../config/vrrp-types.js';

/** A server that has taken the connection and says nothing more. */
const SOCKET_LIMIT_MS = 30_000;

/** Rejects with a reason in words. Takes no longer than the timeouts for connecting, greeting and answering. */
export async function sendVrrpMail(mail: VrrpMail, subject: string, body: string): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: mail.server,
    port: mail.port,
    name: mail.heloName,
    secure: false,
    ignoreTLS: true,
    connectionTimeout: mail.connectTimeoutMs,
    greetingTimeout: mail.connectTimeoutMs,
    socketTimeout: Math.max(SOCKET_LIMIT_MS, mail.connectTimeoutMs),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: mail.from,
      to: [...mail.to],
      subject,
      text: `${body}\n`,
      xMailer: 'Keepalived',
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${mail.server} port ${mail.port} did not take "${subject}" (${why})`);
  } finally {
    transport.close();
  }
}
