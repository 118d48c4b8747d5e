/**
 * A room for real resource agents: a process in network, mount, process and host name namespaces of its own, with an
 * empty /run and /mnt, where `eth0` is 10.9.0.1/24 and its other end, `eth1`, hears it. The process carries out
 * operations as the runner does. Everything in the room, services included, ends with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { OperationResult } from '../../../src/core/input.js';
import { repositoryRoot } from '../../support/root.js';

/** The folder of the room: on a file system of its own, gone with it. */
export const ROOM = '/run/room';

const PRELUDE = `
set -e
mount --make-rprivate /
for folder in /run /mnt /var/log /var/lib; do mount -t tmpfs tmpfs "$folder"; done
mkdir -p ${ROOM} /run/lock /var/log/samba /var/log/nginx /var/log/apache2 /var/lib/nginx
hostname room
ip link set lo up
ip link add eth0 type veth peer name eth1
ip address add 10.9.0.1/24 dev eth0
ip -6 address add 2001:db8:9::1/64 dev eth0 nodad
ip link set eth0 up
ip link set eth1 up
exec 3<&0
# The first process of a room has to wait for what its services leave behind.
"$@" <&3 3<&- &
wait $!
`;
const UNSHARE = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];

export interface ShellOutcome {
  readonly code: number;
  readonly output: string;
}

export interface Room {
  /** Carries out one operation on a word of haresources. */
  run(verb: 'start' | 'stop' | 'release' | 'monitor', word: string): Promise<OperationResult>;
  /** Runs shell lines in the room; both outputs together, trimmed. */
  shell(lines: string): Promise<ShellOutcome>;
  /** The same, and the test fails when they do. */
  done(lines: string): Promise<string>;
}

/** Why this machine can have no such room, or false. */
export function roomMissing(): string | false {
  const probe = spawnSync('unshare', [...UNSHARE, 'sh', '-c', PRELUDE, 'sh', 'true'], { encoding: 'utf8' });
  return probe.status === 0
    ? false
    : 'namespaces for a room of its own need root and a pair of network devices';
}

/** Why these programs cannot be used, or false. */
export function programsMissing(...paths: readonly string[]): string | false {
  const missing = paths.filter((path) => !existsSync(path));
  return missing.length === 0 ? false : `${missing.join(' and ')} not installed`;
}

/** Opens a room that is closed when the test ends. */
export async function openRoom(t: { after(task: () => Promise<void>): void }): Promise<Room> {
  const driver = fileURLToPath(new URL('./room-driver.js', import.meta.url));
  const child = spawn('unshare', [...UNSHARE, 'sh', '-c', PRELUDE, 'sh', process.execPath, driver], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: repositoryRoot(),
  });
  t.after(() => close(child));
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <Answer>(question: unknown): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await answers.next();
    if (answer.done === true) throw new Error('the room has ended');
    // The driver answers each question in its own form.
    return JSON.parse(answer.value) as Answer;
  };
  const shell = (lines: string): Promise<ShellOutcome> => ask({ shell: lines });
  return {
    run: (verb, word) => ask({ verb, word }),
    shell,
    async done(lines) {
      const { code, output } = await shell(lines);
      if (code !== 0) throw new Error(`${lines}\nreturned ${code}: ${output}`);
      return output;
    },
  };
}

async function close(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
