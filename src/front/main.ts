/**
 * Entry of the front: it gets pictures over file descriptor 3, gives all rights up, and serves the status page. It ends
 * with the channel.
 */
import { setPriority } from 'node:os';
import { openChannelOnFd } from '../daemon/channel.js';
import type { FromFront, FrontStart, ToFront } from '../daemon/front-mailbox.js';
import { loadMetrics } from './metrics.js';
import { openPageServer, type PageServer } from './server.js';

const BUSY_AGAIN_MS = 10_000;
const ABSENT_AGAIN_MS = 2000;
const NICE = 5;

let server: PageServer | undefined;
let told = '';

const channel = openChannelOnFd<ToFront, FromFront>(3, {
  onMessage(message) {
    if (message.kind === 'start') void begin(message);
    else server?.show(message.picture, message.takenWallMs);
  },
  onEnd: () => process.exit(0),
});

/** Says each problem once, until another comes. */
function problem(text: string): void {
  if (text === told) return;
  told = text;
  channel.send({ kind: 'problem', text });
}

async function begin(start: FrontStart): Promise<void> {
  // Whatever has to be read from the disk is read before the rights are gone.
  const metrics = await loadMetrics();
  try {
    giveUpRights(start);
  } catch (error) {
    problem(`the rights of root cannot be given up: ${messageOf(error)}`);
    setTimeout(() => process.exit(1), 100);
    return;
  }
  server = openPageServer(start.names, metrics);
  listen(server, start);
}

/** Irrevocable; throws when it is not complete. */
function giveUpRights({ uid, gid }: FrontStart): void {
  setPriority(NICE);
  if (process.geteuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  const left = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  if (left.some((id) => id === 0)) throw new Error('an id of root is left');
  try {
    process.setuid?.(0);
  } catch {
    return;
  }
  throw new Error('they can be taken back');
}

/** A floating address may come later: it is tried again. */
function listen(pages: PageServer, where: FrontStart): void {
  const { host, port } = where;
  pages.listen(host, port, {
    onListening: () => channel.send({ kind: 'listening' }),
    onError: (error) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRNOTAVAIL') {
        problem(`${host} is no address of this machine now: it is tried again until it is one.`);
        setTimeout(() => listen(pages, where), ABSENT_AGAIN_MS);
        return;
      }
      const what = code === 'EADDRINUSE' ? 'another program has that port' : messageOf(error);
      problem(`cannot listen on ${host} port ${port}: ${what}; it is tried again.`);
      setTimeout(() => listen(pages, where), BUSY_AGAIN_MS);
    },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
