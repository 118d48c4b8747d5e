/** In place of the front: says what it may do with the flags that it got, then how many pictures came; ends at warnings that say so. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannelOnFd } from '../../src/daemon/channel.js';
import type { FromFront, ToFront } from '../../src/daemon/front-mailbox.js';

function attempt(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const channel = openChannelOnFd<ToFront, FromFront>(3, {
  onMessage(message) {
    if (message.kind === 'start') {
      const facts = {
        pid: process.pid,
        names: message.names,
        uid: message.uid,
        environment: Object.keys(process.env).filter(
          (name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name),
        ),
        write: attempt(() => writeFileSync(join(tmpdir(), `front-${process.pid}`), '')),
        start: attempt(() => spawnSync('/bin/true')),
        code: attempt(() => new Function('return 1')()),
      };
      channel.send({ kind: 'problem', text: JSON.stringify(facts) });
      return;
    }
    if (message.picture.snapshot.status.warnings.includes('end')) process.exit(1);
    if (message.picture.snapshot.status.warnings.includes('flood'))
      for (let at = 0; at < 100; at++)
        channel.send({ kind: 'problem', text: `\u001b[31m${'x'.repeat(1000)}` });
  },
  onEnd: () => process.exit(0),
});
