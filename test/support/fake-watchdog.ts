/** A watchdog driver in memory: what was written and asked of it, and how it answers. */
import { type SystemError, systemError } from '../../src/system/libc.js';
import type { WatchdogKernel } from '../../src/system/watchdog.js';

export interface FakeWatchdog extends WatchdogKernel {
  /** In order: "open", "set N", "feed", "V", "close". */
  readonly calls: string[];
  /** The timeout in force, whole seconds. */
  timeoutS: number;
  /** The call of this name fails with this errno. */
  readonly failures: Map<'open' | 'setTimeout' | 'getTimeout' | 'support' | 'write', number>;
  magicClose: boolean;
  noWayOutSet: boolean;
  /** Chooses the nearest timeout that it has. */
  round: (timeoutS: number) => number;
}

export function fakeWatchdog(): FakeWatchdog {
  const failure = (
    name: 'open' | 'setTimeout' | 'getTimeout' | 'support' | 'write',
  ): SystemError | undefined => {
    const errno = fake.failures.get(name);
    return errno === undefined ? undefined : systemError(errno, name);
  };
  const fake: FakeWatchdog = {
    calls: [],
    timeoutS: 60,
    failures: new Map(),
    magicClose: true,
    noWayOutSet: false,
    round: (timeoutS) => timeoutS,
    open() {
      fake.calls.push('open');
      return failure('open') ?? { ok: true, value: 7 };
    },
    support: () =>
      failure('support') ?? { ok: true, value: { identity: 'a fake', magicClose: fake.magicClose } },
    setTimeout(_fd, timeoutS) {
      fake.calls.push(`set ${timeoutS}`);
      const failed = failure('setTimeout');
      if (failed !== undefined) return failed;
      fake.timeoutS = fake.round(timeoutS);
      return { ok: true, value: fake.timeoutS };
    },
    getTimeout: () => failure('getTimeout') ?? { ok: true, value: fake.timeoutS },
    write(_fd, byte) {
      fake.calls.push(byte === 86 ? 'V' : byte === 0 ? 'feed' : `byte ${byte}`);
      return failure('write') ?? { ok: true, value: undefined };
    },
    close: () => void fake.calls.push('close'),
    noWayOut: () => fake.noWayOutSet,
  };
  return fake;
}
