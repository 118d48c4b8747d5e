/** What the runner is made of, and what may be asked of it. */

import type { AdoptRunner, Boot } from '../mailbox.js';
import type { ServiceNotifier } from '../service-notify.js';
import type { LoadConfiguration } from './configuration.js';
import type { LoopHandlers, LoopProcess, SpawnLoop } from './loop-process.js';
import type { ResourceParts } from './resources.js';
import type { SupervisionTimes } from './supervisor.js';
import type { SendVrrpMail } from './vrrp.js';

export interface RunnerParts extends Omit<ResourceParts, 'config'> {
  /** Program version. */
  readonly program: string;
  readonly load: LoadConfiguration;
  readonly spawnLoop: SpawnLoop;
  readonly times: (config: Boot['config']) => SupervisionTimes;
  /** False with -l. */
  readonly realtime: boolean;
  /** Sends the mails of VRRP instances; absent: none are sent. */
  readonly sendMail?: SendVrrpMail;
  /** Absent: no service manager listens. */
  readonly service?: ServiceNotifier;
  /** The loop is ready for the first time. */
  readonly onReady: () => void;
  /** This runner makes room for its successor; the daemon goes on. */
  readonly onLeave: () => void;
  /** The daemon has ended; called once, after the control socket is closed. */
  readonly onEnd: (code: number, reason: string) => void;
}

export interface Runner {
  /** Starts a new run. Rejects when the control socket cannot be opened. */
  start(boot: Boot): Promise<void>;
  /** Goes on beside a loop that runs already; the handlers are for its channel. */
  adopt(state: AdoptRunner, loop: LoopProcess): Promise<LoopHandlers>;
  /** Orderly end (SIGTERM); a second call does nothing. */
  shutdown(): void;
  /** SIGHUP; with `force` the loop is replaced even if no file changed. */
  reload(force?: boolean): Promise<{ readonly ok: boolean; readonly text: string }>;
  /** SIGUSR1 and SIGUSR2. */
  changeDebug(by: 1 | -1): void;
  /** Ends processes and sockets at once, for a start that failed. */
  stop(): void;
}
