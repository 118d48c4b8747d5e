import type { LogLevel } from '../../core/effect.js';
import { createThrottle } from '../../log/throttle.js';
import type { RunnerChannel } from './runner-channel.js';

const WINDOW_MS = 60_000;

/** Causes that a stranger, or a lasting fault, can repeat at will: one line of each per minute. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'packet-unauthentic',
  'packet-malformed',
  'serial-damaged',
  'serial-loopback',
  'serial-noise',
  'serial-wrong-cluster',
  'unknown-node',
  'same-name',
  'replay',
  'extra-unreadable',
  'haresources-differ',
  'packets-lost',
  'packets-lost-many',
  'rexmit-nak',
  'uuid-changed',
  'late-heartbeat',
  'address-missing',
  'address-renew',
  'announce',
  'unknown-group',
  'standby-stray',
  'standby-refused',
  'nodes-differ',
  'vrrp-socket',
  'vrrp-address',
  'vrrp-stranger',
  'vrrp-address-fight',
  'vrrp-forcing',
  'vrrp-lower-priority',
  'vrrp-priority-0',
  'watchdog-failed',
]);

/** The loop's log: lines go to the runner, repeatable causes at most once a minute. */
export interface LoopLog {
  write(level: LogLevel, code: string, text: string): void;
  /** Says how many lines were held back in windows that are over. */
  flush(): void;
}

export function createLoopLog(runner: RunnerChannel, nowMs: () => number): LoopLog {
  const throttle = createThrottle({ windowMs: WINDOW_MS, nowMs });
  return {
    write(level, code, text) {
      if (!REPEATABLE.has(code)) {
        runner.log(level, code, text);
        return;
      }
      const line = throttle.line(code, text);
      if (line !== undefined) runner.log(level, code, line);
    },
    flush() {
      for (const line of throttle.flush()) runner.log('info', 'throttled', line);
    },
  };
}
