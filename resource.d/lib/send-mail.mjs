// Sends the text on standard input as one mail: send-mail.mjs SUBJECT RECIPIENT... (used by MailTo)
// Server, port, encryption, sender and login are those of [mail] in HA_DIR/heartbeat.ini, else 127.0.0.1 port 25.
// Exit 0: the server took it; 1 with one sentence: it did not.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'ini';
import { sendMail } from '../../dist/src/actions/notification/mail.js';

const CONNECT_TIMEOUT_MS = 2000;

/** The section [mail]; empty without the file. */
function mailSection() {
  try {
    return parse(readFileSync(join(process.env.HA_DIR ?? '/etc/ha.d', 'heartbeat.ini'), 'utf8')).mail ?? {};
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

const [subject = '', ...to] = process.argv.slice(2);
try {
  const section = mailSection();
  const server = {
    host: section.server || '127.0.0.1',
    port: Number(section.port ?? 25),
    tls: section.tls || 'auto',
    ...(section.ca_file ? { caFile: section.ca_file } : {}),
    ...(section.user ? { user: section.user, passwordFile: section.password_file } : {}),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  };
  const from = section.from || `heartbeat@${hostname()}`;
  await sendMail(server, { from, to, subject, body: await text(process.stdin) });
} catch (error) {
  console.error(`The mail server did not take it: ${error.message}`);
  process.exitCode = 1;
}
