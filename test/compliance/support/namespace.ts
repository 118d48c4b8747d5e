/**
 * Network namespaces inside a test process: the main thread leaves the machine's network for an empty one that ends
 * with the process, and can make further ones and step into them for a moment. A socket stays in the namespace in which
 * it was made, so one process can hold both ends of a cable.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';

const CLONE_NEWNET = 0x4000_0000;
const libc = koffi.load(null);
const unshare = libc.func('int unshare(int flags)') as unknown as (flags: number) => number;
const setns = libc.func('int setns(int fd, int type)') as unknown as (fd: number, type: number) => number;

export class Namespace {
  readonly #fd: number;

  constructor() {
    this.#fd = openSync('/proc/thread-self/ns/net', 'r');
  }

  /** Runs `action`, which must be synchronous, inside. */
  run<T>(action: () => T): T {
    const back = openSync('/proc/thread-self/ns/net', 'r');
    if (setns(this.#fd, CLONE_NEWNET) !== 0) throw new Error(`setns failed with errno ${koffi.errno()}`);
    try {
      return action();
    } finally {
      setns(back, CLONE_NEWNET);
      closeSync(back);
    }
  }

  /** `ip ARGUMENTS` inside; throws with its words when it fails. */
  ip(...words: string[]): string {
    return this.run(() => {
      const result = spawnSync(
        'ip',
        words.flatMap((word) => word.split(' ')),
        { encoding: 'utf8' },
      );
      if (result.status !== 0) throw new Error(`ip ${words.join(' ')}: ${result.stderr}`);
      return result.stdout;
    });
  }

  /** Writes net.NAME, "ipv4.conf.all.accept_local". */
  sysctl(name: string, value: number): void {
    this.run(() => writeFileSync(`/proc/sys/net/${name.replaceAll('.', '/')}`, String(value)));
  }

  /** Name of this namespace for `ip link set ... netns`. */
  get path(): string {
    return `/proc/${process.pid}/fd/${this.#fd}`;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** A new, empty namespace; the process stays where it is. */
export function createNamespace(): Namespace {
  const back = openSync('/proc/thread-self/ns/net', 'r');
  try {
    if (unshare(CLONE_NEWNET) !== 0) throw new Error(`unshare failed with errno ${koffi.errno()}`);
    const namespace = new Namespace();
    namespace.ip('link set lo up');
    // A new IPv6 address is usable at once.
    namespace.sysctl('ipv6.conf.all.accept_dad', 0);
    namespace.sysctl('ipv6.conf.default.accept_dad', 0);
    return namespace;
  } finally {
    setns(back, CLONE_NEWNET);
    closeSync(back);
  }
}

/**
 * Declares `tests` in a new network namespace of this process. An ordinary user's run goes into a user namespace of its
 * own, as one test. Where neither is allowed there is one skipped test with the reason.
 */
export function inOwnNetwork(fileUrl: string, tests: (home: Namespace) => void): void {
  if (process.getuid?.() !== 0) {
    inUserNamespace(fileURLToPath(fileUrl));
    return;
  }
  if (spawnSync('ip', ['-V']).status !== 0) {
    test('network tests', { skip: 'the command ip is absent (package iproute2)' }, () => undefined);
    return;
  }
  if (unshare(CLONE_NEWNET) !== 0) {
    const reason = `root may not make network namespaces here (errno ${koffi.errno()})`;
    test('network tests', { skip: reason }, () => undefined);
    return;
  }
  const home = new Namespace();
  home.ip('link set lo up');
  home.sysctl('ipv6.conf.all.accept_dad', 0);
  home.sysctl('ipv6.conf.default.accept_dad', 0);
  tests(home);
}

function inUserNamespace(file: string): void {
  const trial = spawnSync('unshare', ['-r', '-n', 'true'], { encoding: 'utf8' });
  const skip = trial.status === 0 ? false : 'neither root nor allowed to make user namespaces';
  test('all rules of this file hold in a user namespace', { skip }, () => {
    const environment = { ...process.env };
    // Else the inner run believes to be a part of the outer one.
    delete environment.NODE_TEST_CONTEXT;
    const words = ['-r', '-n', process.execPath, '--test', file];
    const result = spawnSync('unshare', words, { encoding: 'utf8', env: environment });
    if (result.status !== 0) throw new Error(`${result.stdout}\n${result.stderr}`);
  });
}
