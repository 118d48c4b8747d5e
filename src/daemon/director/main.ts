/** Entry of the director process: `main.js`, with the channel to the runner on file descriptor 3. */
import { join } from 'node:path';
import { createCheckEngine } from '../../actions/checks/engine.js';
import { createIpvsadm } from '../../actions/ipvsadm.js';
import { type Channel, openChannelOnFd } from '../channel.js';
import { resolvePaths } from '../paths.js';
import { createDirectorWorker } from './director.js';
import { CHECKS_AT_ONCE } from './limits.js';
import type { FromDirector, ToDirector } from './messages.js';

process.title = 'heartbeat: director';
const paths = resolvePaths({}, process.env);
const channel: Channel<FromDirector> = openChannelOnFd<ToDirector, FromDirector>(3, {
  onMessage: (message) => void handle(message),
  // Whoever takes the place of the runner starts another director; the rules stay meanwhile.
  onEnd: () => process.exit(0),
});
const worker = createDirectorWorker({
  ipvs: createIpvsadm(),
  engine: createCheckEngine({ concurrency: CHECKS_AT_ONCE, random: Math.random }),
  log: (level, code, text) => void channel.send({ kind: 'log', level, code, text }),
  sendMail: async (...mail) => (await import('../../actions/vrrp-mail.js')).sendVrrpMail(...mail),
  memoryPath: join(paths.runDir, 'director.json'),
});

async function handle(message: ToDirector): Promise<void> {
  switch (message.kind) {
    case 'configure':
      await worker.configure(message.settings);
      return;
    case 'role':
      worker.setRole(message.role);
      return;
    case 'snapshot':
      channel.send({
        kind: 'snapshot',
        requestId: message.requestId,
        snapshot: await worker.snapshot(),
      });
      return;
    case 'stop':
      await worker.stop();
      channel.send({ kind: 'stopped' });
      channel.close();
      process.exitCode = 0;
      setTimeout(() => process.exit(0), LEAVE_MS);
      return;
  }
}

/** For the last message. */
const LEAVE_MS = 100;

// Ctrl-C in a terminal is the runner's business.
process.on('SIGINT', () => undefined);
