/**
 * The runner's side of poison pills (`[sbd] device`): one watcher process for each disk, and what the core has to know of
 * them. A watcher whose disk hangs is not replaced: the core counts for itself how old its knowledge is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { ClusterConfig } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import { disksToRead, type PillCommand } from '../../wire/sbd.js';
import { type Channel, openChannel } from '../channel.js';
import type { ToLoop } from '../mailbox.js';
import { compiledFile } from '../paths.js';
import type { DiskTimes, FromWatcher, ToWatcher } from '../sbd/messages.js';

export interface DiskParts {
  readonly log: (level: LogLevel, code: string, text: string) => void;
  readonly tell: (message: ToLoop) => boolean;
  /** A message ends this machine: nothing here may keep it alive from now on. */
  readonly abandon: () => void;
  /** The watcher could not end this machine. */
  readonly reboot: (reason: string) => void;
  /** `exit` was in the mailbox. */
  readonly shutdown: () => void;
  /** Compiled entry of a watcher; tests put another in its place. */
  readonly entry?: string;
}

export interface Disks {
  /**
   * Watches the disks of this configuration. `fresh`: a new run of the daemon. Resolves when enough of them are watched,
   * or with the sentence that says why not; then those that were watched before, if any, are watched further.
   */
  begin(config: ClusterConfig, fresh: boolean): Promise<string | undefined>;
  /** The loop can be spoken to: it is told everything that it may have missed. */
  attend(): void;
  stop(): void;
}

interface Watcher {
  readonly device: string;
  readonly index: number;
  child: ChildProcess | undefined;
  channel: Channel<ToWatcher> | undefined;
  times: DiskTimes | undefined;
  /** Start of the newest good reading. */
  readMs: number | undefined;
  /** Why the disk cannot be used; empty: it can. */
  problem: string;
  fresh: boolean;
  over: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** A disk may take its allocate timeout twice, and answer slowly. */
const BEGIN_LIMIT_MS = 20_000;
const RESTART_MS = 1000;
/** From the watcher's own attempt to end the machine to another one. */
const FALLBACK_MS = 1000;
const ENDS: readonly (PillCommand | null)[] = ['reset', 'off', 'crashdump'];

export function createDisks(parts: DiskParts): Disks {
  let watchers: Watcher[] = [];
  let onRead: (() => void) | undefined;
  const log = parts.log;

  /** Watchers of a configuration that is not in force yet are nobody's business. */
  const tellOf = (watcher: Watcher, message: ToLoop): void => {
    if (watchers.includes(watcher)) parts.tell(message);
  };

  const tellState = (watcher: Watcher): void => {
    const { index, times, readMs, problem } = watcher;
    if (times !== undefined) parts.tell({ kind: 'diskTimes', disk: index, ...times });
    if (problem !== '') parts.tell({ kind: 'diskFailed', disk: index, reason: problem });
    else if (readMs !== undefined) parts.tell({ kind: 'diskRead', disk: index, startedMs: readMs });
  };

  const obey = (watcher: Watcher, command: PillCommand | null, from: string): void => {
    const by = from === '' ? 'nobody by name' : from;
    if (ENDS.includes(command)) {
      log('crit', 'poison-pill', `${by} wrote "${command}" on ${watcher.device}: this machine ends at once.`);
      parts.abandon();
      setTimeout(() => parts.reboot(`${by} asked for it on ${watcher.device}`), FALLBACK_MS);
    } else if (command === 'exit') {
      log('warn', 'disk-message', `${by} wrote "exit" on ${watcher.device}: heartbeat stops in good order.`);
      parts.shutdown();
    } else if (command === 'test') {
      log('info', 'disk-message', `${by} wrote "test" on ${watcher.device}: this node reads its slot.`);
    } else log('warn', 'disk-message', `${by} wrote what is no known message on ${watcher.device}.`);
  };

  const hear = (watcher: Watcher, message: FromWatcher): void => {
    const { device, index } = watcher;
    switch (message.kind) {
      case 'watching': {
        const { slot, times, allocated, found } = message;
        const made = allocated ? ', newly taken' : '';
        log(
          'notice',
          'disk-watched',
          `${device}: slot ${slot}${made} is watched every ${times.loopMs / 1000} s.`,
        );
        if (found !== null)
          log('warn', 'disk-old-message', `${device}: "${found}" from before this start was cleared.`);
        watcher.times = times;
        watcher.fresh = false;
        tellOf(watcher, { kind: 'diskTimes', disk: index, ...times });
        return;
      }
      case 'read':
        if (watcher.problem !== '') log('notice', 'disk-back', `${device} can be read again.`);
        watcher.problem = '';
        watcher.readMs = message.startedMs;
        tellOf(watcher, { kind: 'diskRead', disk: index, startedMs: message.startedMs });
        onRead?.();
        return;
      case 'failed':
        if (watcher.problem !== message.reason) log('error', 'disk-failed', message.reason);
        watcher.problem = message.reason;
        tellOf(watcher, { kind: 'diskFailed', disk: index, reason: message.reason });
        return;
      case 'message':
        obey(watcher, message.command, message.from);
        return;
      case 'notEnded':
        log('crit', 'poison-pill', `This machine could not be ended by its watcher: ${message.reason}.`);
        return;
    }
  };

  const start = (watcher: Watcher, config: ClusterConfig): void => {
    const child = spawn(process.execPath, [parts.entry ?? compiledFile('daemon', 'sbd', 'main.js')], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    watcher.child = child;
    const again = (): void => {
      if (watcher.over || watcher.child !== child) return;
      watcher.child = undefined;
      log('error', 'disk-watcher-died', `The watcher of ${watcher.device} died: another is started.`);
      watcher.timer = setTimeout(() => start(watcher, config), RESTART_MS);
    };
    child.once('error', again);
    child.once('exit', again);
    const stream = child.stdio[3] as Duplex | null | undefined;
    if (!stream) return;
    watcher.channel = openChannel<FromWatcher, ToWatcher>(stream, {
      onMessage: (message) => {
        if (!watcher.over) hear(watcher, message);
      },
      onEnd: () => undefined,
    });
    const { device, fresh } = watcher;
    watcher.channel.send({ kind: 'watch', device, node: config.self, fresh, realtime: config.realtime });
  };

  const end = (watcher: Watcher): void => {
    watcher.over = true;
    clearTimeout(watcher.timer);
    watcher.channel?.destroy();
    // One whose disk hangs goes when the disk answers.
    watcher.child?.kill('SIGKILL');
  };

  const enough = (some: readonly Watcher[]): boolean =>
    some.length === 0 || some.filter(({ readMs }) => readMs !== undefined).length >= disksToRead(some.length);

  const untilEnough = async (some: readonly Watcher[]): Promise<boolean> => {
    if (enough(some)) return true;
    let limit: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      limit = setTimeout(resolve, BEGIN_LIMIT_MS);
      onRead = () => {
        if (enough(some)) resolve();
      };
    });
    clearTimeout(limit);
    onRead = undefined;
    return enough(some);
  };

  return {
    async begin(config, fresh) {
      const devices = config.settings.sbdDevices ?? [];
      if (watchers.length > 0 && devices.join() === watchers.map(({ device }) => device).join())
        return undefined;
      const next = devices.map((device, index) => newWatcher(device, index, fresh));
      const before = watchers;
      if (before.length === 0) watchers = next;
      for (const watcher of next) start(watcher, config);
      if (!(await untilEnough(next))) {
        if (before.length > 0) for (const watcher of next) end(watcher);
        return shortfall(next);
      }
      for (const watcher of before) end(watcher);
      watchers = next;
      return undefined;
    },
    attend() {
      for (const watcher of watchers) tellState(watcher);
    },
    stop() {
      for (const watcher of watchers) end(watcher);
      watchers = [];
    },
  };
}

function newWatcher(device: string, index: number, fresh: boolean): Watcher {
  return {
    device,
    index,
    child: undefined,
    channel: undefined,
    times: undefined,
    readMs: undefined,
    problem: '',
    fresh,
    over: false,
    timer: undefined,
  };
}

function shortfall(watchers: readonly Watcher[]): string {
  const silent = watchers.filter(({ readMs }) => readMs === undefined);
  const words = silent.map(({ device, problem }) =>
    problem === '' ? `${device} does not answer.` : problem,
  );
  return `This node cannot read the disks of [sbd] device, so it could not be fenced: ${words.join(' ')}`;
}
