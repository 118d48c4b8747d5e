/**
 * A loop process that speaks the mailbox protocol and decides nothing: the other side in tests of the runner. It tells
 * what it is given in a file, and does what the file "orders" in the state directory says (one JSON message to the
 * runner a line, plus `{"kind":"hang"}` and `{"kind":"crash"}`).
 */
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { openChannelOnFd } from '../../src/daemon/channel.js';
import type { ToLoop, ToRunner } from '../../src/daemon/mailbox.js';

const folder = process.env.HA_STATE_DIR ?? '/nowhere';
const say = (entry: object): void =>
  appendFileSync(join(folder, 'told'), `${JSON.stringify({ pid: process.pid, ...entry })}\n`);

process.on('SIGTERM', () => undefined);
const channel = openChannelOnFd<ToLoop, ToRunner>(3, {
  onMessage(message) {
    if (message.kind === 'ping') {
      channel.send({ kind: 'alive' });
      return;
    }
    // Told last: whoever sees it may change what an answer depends on.
    answer(message);
    say({ got: message });
  },
  onEnd: () => process.exit(0),
});

function answer(message: ToLoop): void {
  if (message.kind === 'boot') {
    if (existsSync(join(folder, 'refuse'))) {
      channel.send({ kind: 'exit', code: 1, reason: 'no link could be opened' });
      setTimeout(() => process.exit(1), 10);
    } else if (!existsSync(join(folder, 'mute'))) channel.send({ kind: 'ready' });
    setInterval(obey, 5);
  }
  if (message.kind === 'command') {
    channel.send({ kind: 'reply', commandId: message.commandId, ok: true, text: 'done' });
    if (message.command.kind === 'shutdown') {
      channel.send({ kind: 'exit', code: 0, reason: 'all resources released' });
      setTimeout(() => process.exit(0), 10);
    }
  }
}

function obey(): void {
  const path = join(folder, 'orders');
  if (!existsSync(path)) return;
  renameSync(path, `${path}.${process.pid}`);
  for (const line of readFileSync(`${path}.${process.pid}`, 'utf8').trim().split('\n')) {
    const order = JSON.parse(line) as ToRunner | { kind: 'hang' } | { kind: 'crash' };
    if (order.kind === 'crash') throw new Error('ordered to crash');
    if (order.kind === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    else channel.send(order as ToRunner);
  }
}
