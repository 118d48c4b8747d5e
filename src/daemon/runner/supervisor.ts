/**
 * Keeps one loop process alive. A dead or hung one is replaced at once, if possible by a spare that has its modules
 * loaded already, and goes on from the last checkpoint. What cannot be replaced within the lease is released.
 */
import type { ClusterConfig } from '../../config/types.js';
import type { Checkpoint } from '../../core/checkpoint.js';
import type { LogLevel } from '../../core/effect.js';
import type { Boot, ToLoop, ToRunner } from '../mailbox.js';
import type { LoopHandlers, LoopProcess, SpawnLoop } from './loop-process.js';

export interface SupervisionTimes {
  /** From the loop's death to `ready` of its successor; past it the resources are released. */
  readonly leaseMs: number;
  /** Silence after which a loop counts as hung. */
  readonly hangMs: number;
  readonly pingMs: number;
  /** Bound of the very first start. */
  readonly firstReadyMs: number;
  /** From `ready` to the start of a spare process. */
  readonly spareDelayMs: number;
  /** More deaths than this within `deathWindowMs`: no further attempt. */
  readonly maxDeaths: number;
  readonly deathWindowMs: number;
}

const EXIT_GRACE_MS = 2000;

const DEFAULT_TIMES: SupervisionTimes = {
  leaseMs: 10_000,
  hangMs: 10_000,
  pingMs: 1000,
  firstReadyMs: 30_000,
  spareDelayMs: 1000,
  maxDeaths: 5,
  deathWindowMs: 60_000,
};

/** After this much more than its timeout a watchdog has not done what it is there for. */
const WATCHDOG_LATE_MS = 2000;

/**
 * Silence after which a loop is ended. A hung loop with a watchdog is the watchdog's: to end it would close the device,
 * and a close without 'V' makes the kernel begin its count anew.
 */
export function patienceMs(hangMs: number, watchdogMs: number | null): number {
  return watchdogMs === null ? hangMs : Math.max(hangMs, watchdogMs + WATCHDOG_LATE_MS);
}

/** The bounds that follow from the configuration. */
export function supervisionTimes(config: ClusterConfig): SupervisionTimes {
  return {
    ...DEFAULT_TIMES,
    // The peers take over a deadtime after our last heartbeat, which is up to one keepalive older than the death.
    leaseMs: Math.max(config.deadtimeMs - config.keepaliveMs, config.deadtimeMs / 2),
    hangMs: Math.max(1500, config.deadtimeMs / 2),
  };
}

export interface SupervisorHooks {
  log(level: LogLevel, code: string, text: string): void;
  /** All that the supervisor does not deal with itself. */
  onMessage(message: ToRunner): void;
  /** The loop can be spoken to: after the start and after each restart. */
  onReady(): void;
  /** The loop is gone; pending requests to it will not be answered. */
  onLost(): void;
  /** The boot message of the next process. Without a checkpoint it must be that of a new run. */
  boot(checkpoint: Checkpoint | undefined): Boot;
  /** Stops all resources here or reboots. */
  release(reason: string): Promise<void>;
  /** The daemon ends with this exit code. */
  end(code: number, reason: string): void;
}

export interface Supervisor {
  /** Starts the first process. */
  start(times: SupervisionTimes): void;
  /** Goes on with a process that runs already. */
  adopt(process: LoopProcess, checkpoint: Checkpoint | undefined, times: SupervisionTimes): LoopHandlers;
  send(message: ToLoop): boolean;
  /** Replaces the process on purpose (new configuration); the resources stay up. */
  replace(times: SupervisionTimes): void;
  /** Replaces the process by one that begins a new run, without the checkpoint; nothing is held any more. */
  beginAnew(): void;
  /** Ends loop and spare at once. */
  stop(): void;
  readonly ready: boolean;
  /** False: the loop process is silent for longer than this supervisor would let it be. */
  readonly healthy: boolean;
  readonly loopPid: number;
}

type Phase = 'idle' | 'starting' | 'ready' | 'replacing' | 'releasing' | 'ending' | 'stopped';

/** Makes the supervisor; nothing runs before `start` or `adopt`. */
export function createSupervisor(spawn: SpawnLoop, hooks: SupervisorHooks): Supervisor {
  let times: SupervisionTimes = DEFAULT_TIMES;
  let phase: Phase = 'idle';
  let loop: LoopProcess | undefined;
  let spare: LoopProcess | undefined;
  let checkpoint: Checkpoint | undefined;
  let everReady = false;
  let deathsMs: number[] = [];
  let readyTimer: NodeJS.Timeout | undefined;
  let spareTimer: NodeJS.Timeout | undefined;
  let pingTimer: NodeJS.Timeout | undefined;
  let lastPingMs = 0;
  let unanswered = 0;
  let watchdogMs: number | null = null;
  /** What the end of a loop that said `exit` leads to. */
  let finish = (): void => undefined;
  /** When the silence of a loop that hangs began. */
  let silentSinceMs: number | undefined;

  const handlersFor = (own: () => LoopProcess | undefined): LoopHandlers => ({
    onMessage: (message) => {
      if (own() === loop) onMessage(message);
    },
    onEnd: (sentence) => {
      if (own() === loop) onEnd(sentence);
      else if (own() === spare) onSpareEnd(sentence);
    },
  });

  const spawnOne = (): LoopProcess => {
    let made: LoopProcess | undefined;
    made = spawn(handlersFor(() => made));
    return made;
  };

  const launch = (limitMs: number): void => {
    phase = 'starting';
    loop = spare ?? spawnOne();
    spare = undefined;
    unanswered = 0;
    let boot: Boot;
    try {
      boot = hooks.boot(checkpoint);
    } catch (error) {
      stop();
      hooks.end(1, error instanceof Error ? error.message : String(error));
      return;
    }
    loop.send({ kind: 'boot', boot });
    if (readyTimer === undefined) readyTimer = setTimeout(onLate, Math.max(0, limitMs));
  };

  const onMessage = (message: ToRunner): void => {
    unanswered = 0;
    if (message.kind === 'checkpoint') checkpoint = phase === 'replacing' ? checkpoint : message.checkpoint;
    else if (message.kind === 'ready') {
      watchdogMs = message.watchdogMs ?? null;
      onReady();
    } else if (message.kind === 'exit') onExit(message.code, message.reason);
    else if (message.kind !== 'alive') hooks.onMessage(message);
  };

  const onReady = (): void => {
    if (phase !== 'starting') return;
    clearTimeout(readyTimer);
    readyTimer = undefined;
    silentSinceMs = undefined;
    phase = 'ready';
    everReady = true;
    startWatching();
    hooks.onReady();
  };

  const startWatching = (): void => {
    lastPingMs = performance.now();
    pingTimer ??= setInterval(ping, times.pingMs);
    clearTimeout(spareTimer);
    spareTimer = setTimeout(makeSpare, times.spareDelayMs);
  };

  const makeSpare = (): void => {
    if (phase === 'ready' && spare === undefined) spare = spawnOne();
  };

  const onSpareEnd = (sentence: string): void => {
    hooks.log('warn', 'spare-died', `The spare loop process ${sentence}.`);
    spare = undefined;
    clearTimeout(spareTimer);
    spareTimer = setTimeout(makeSpare, 10 * times.spareDelayMs);
  };

  const onExit = (code: number, reason: string): void => {
    // A restarted loop that cannot begin is a death like another: the next attempt may succeed within the lease.
    if (phase === 'starting' && everReady && code !== 0) {
      loop?.kill();
      return;
    }
    clearTimeout(readyTimer);
    phase = 'ending';
    finish = () => {
      stop();
      hooks.end(code, reason);
    };
    // It closes its sockets and the watchdog in order; who does not get there is ended.
    readyTimer = setTimeout(() => loop?.kill(), EXIT_GRACE_MS);
  };

  const ping = (): void => {
    if (phase !== 'ready') return;
    const nowMs = performance.now();
    const lateMs = nowMs - lastPingMs - times.pingMs;
    lastPingMs = nowMs;
    // Who was late itself (paused, starved) accuses nobody.
    if (lateMs > times.pingMs) unanswered = 0;
    const hangMs = patienceMs(times.hangMs, watchdogMs);
    unanswered += 1;
    if ((unanswered - 1) * times.pingMs >= hangMs) {
      silentSinceMs = nowMs - (unanswered - 1) * times.pingMs;
      hooks.log('crit', 'loop-hung', `The loop process has been silent for ${hangMs} ms: ending it.`);
      loop?.kill();
      return;
    }
    loop?.send({ kind: 'ping' });
  };

  const onEnd = (sentence: string): void => {
    const pid = loop?.pid ?? 0;
    loop = undefined;
    const was = phase;
    if (was === 'stopped' || was === 'releasing') return;
    if (was === 'ending') {
      finish();
      return;
    }
    hooks.onLost();
    if (was === 'replacing') {
      launch(times.leaseMs);
      return;
    }
    if (!everReady) {
      stop();
      hooks.end(1, `The loop process ${sentence}.`);
      return;
    }
    const nowMs = performance.now();
    deathsMs = [...deathsMs.filter((atMs) => nowMs - atMs < times.deathWindowMs), nowMs];
    hooks.log('error', 'loop-died', `The loop process ${pid} ${sentence}. Restarting it.`);
    if (deathsMs.length > times.maxDeaths) {
      void giveUp();
      return;
    }
    launch(times.leaseMs - (silentSinceMs === undefined ? 0 : nowMs - silentSinceMs));
  };

  /** `ready` did not come in time. */
  const onLate = (): void => {
    readyTimer = undefined;
    if (phase !== 'starting') return;
    if (!everReady) {
      stop();
      hooks.end(1, `The loop process did not begin within ${times.firstReadyMs} ms.`);
      return;
    }
    void releaseAndBeginAnew();
  };

  const releaseAndBeginAnew = async (): Promise<void> => {
    phase = 'releasing';
    endProcesses();
    await hooks.release('the loop process could not be brought back before the peers may take over');
    checkpoint = undefined;
    silentSinceMs = undefined;
    if (phase === 'releasing') launch(times.firstReadyMs);
  };

  const giveUp = async (): Promise<void> => {
    const sentence = `The loop process died ${deathsMs.length} times within ${times.deathWindowMs / 1000} s`;
    phase = 'releasing';
    endProcesses();
    await hooks.release(sentence);
    stop();
    hooks.end(1, `${sentence}: heartbeat gives up. The reasons stand in the log above.`);
  };

  const endProcesses = (): void => {
    for (const timer of [readyTimer, spareTimer]) clearTimeout(timer);
    readyTimer = undefined;
    const both = [loop, spare];
    loop = undefined;
    spare = undefined;
    for (const one of both) one?.kill();
  };

  const stop = (): void => {
    phase = 'stopped';
    clearInterval(pingTimer);
    pingTimer = undefined;
    endProcesses();
  };

  const replaceNow = (): void => {
    phase = 'replacing';
    clearTimeout(readyTimer);
    readyTimer = undefined;
    loop?.kill();
  };

  return {
    start(known) {
      times = known;
      launch(times.firstReadyMs);
    },
    adopt(process, known, bounds) {
      times = bounds;
      loop = process;
      checkpoint = known;
      everReady = true;
      phase = 'ready';
      startWatching();
      return handlersFor(() => process);
    },
    send: (message) => phase === 'ready' && (loop?.send(message) ?? false),
    replace(next) {
      times = next;
      replaceNow();
    },
    beginAnew() {
      replaceNow();
      checkpoint = undefined;
    },
    stop,
    get ready() {
      return phase === 'ready';
    },
    get healthy() {
      // Outside of 'ready' the supervisor's own bounds hold; two pings are the time it takes to act.
      return phase !== 'ready' || (unanswered - 2) * times.pingMs <= patienceMs(times.hangMs, watchdogMs);
    },
    get loopPid() {
      return loop?.pid ?? 0;
    },
  };
}
