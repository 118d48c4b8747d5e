/**
 * Entry of a director that is a resource: `standalone.js FILE PIDFILE`, FILE an ldirectord.cf. It begins as soon as the
 * file is read, says "ready" (or what is wrong with the file) on standard output, and ends in good order with SIGTERM.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createCheckEngine } from '../../actions/checks/engine.js';
import { createIpvsadm } from '../../actions/ipvsadm.js';
import { parseLdirectord } from '../../config/ldirectord/parse.js';
import { createDaemonLog } from '../../log/logger.js';
import { diagnosticLine } from '../runner/configuration.js';
import { syslogSender } from '../runner/daemon-log.js';
import { createDirectorWorker } from './director.js';
import { CHECKS_AT_ONCE } from './limits.js';
import { SNAPSHOT_SUFFIX } from './shown.js';

const SHOW_MS = 1000;
const [file = '', pidFile = ''] = process.argv.slice(2);
process.title = 'heartbeat: ldirectord';

const text = readText(file);
const { config, diagnostics } = parseLdirectord(file, text, hostname());
for (const one of diagnostics) {
  if (one.severity !== 'info')
    process.stdout.write(`${one.severity.toUpperCase()}: ${diagnosticLine(one)}\n`);
}
if (config === undefined) process.exit(1);
const log = await createDaemonLog({
  node: hostname().toLowerCase(),
  targets: {
    debug: 0,
    ...(config.logfile === undefined ? { facility: 'daemon' } : { logfile: config.logfile }),
  },
  format: 'classic',
  terminal: false,
  syslog: await syslogSender('ldirectord'),
});
const worker = createDirectorWorker({
  ipvs: createIpvsadm(),
  engine: createCheckEngine({ concurrency: CHECKS_AT_ONCE, random: Math.random }),
  log: (level, code, line) => log.log(level, code, line),
  sendMail: async (...mail) => (await import('../../actions/vrrp-mail.js')).sendVrrpMail(...mail),
  memoryPath: `${pidFile}.memory`,
});
const shown = `${pidFile}${SNAPSHOT_SUFFIX}`;
const timer = setInterval(() => void show(), SHOW_MS);

let ending = false;
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
process.on('SIGHUP', () => log.reopen());

writeFileSync(pidFile, `${process.pid}\n`);
await worker.configure({
  servers: config.servers,
  groups: [],
  routerId: hostname(),
  global: { flushAtStart: false, keepOnStop: config.keepOnStop },
  ...(config.mail === undefined ? {} : { mail: config.mail }),
});
await show();
process.stdout.write('ready\n');

async function show(): Promise<void> {
  const snapshot = await worker.snapshot();
  if (ending) return;
  try {
    writeFileSync(shown, JSON.stringify(snapshot), { mode: 0o600 });
  } catch {
    // a full disk costs the picture in the status, nothing else
  }
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  clearInterval(timer);
  await worker.stop();
  rmSync(shown, { force: true });
  rmSync(pidFile, { force: true });
  await log.close();
  process.exit(0);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stdout.write(`ERROR: ${path} cannot be read: ${why}.\n`);
    process.exit(1);
  }
}
