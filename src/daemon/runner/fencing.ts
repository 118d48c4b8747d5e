/**
 * The runner's hands at the fencing devices: attempts for the loop, their memory on the disk, and checks at the start
 * and by the clock. An attempt outlives the loop process that asked for it.
 */
import type { FencingContext } from '../../actions/fencing/call.js';
import { checkDevice, fenceNode } from '../../actions/fencing/device.js';
import { hostsOf } from '../../actions/fencing/hosts.js';
import type { ClusterConfig, StonithDevice } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import { devicesOf, fencingSettings } from '../../core/fencing/state.js';
import type { DeviceReadiness, FenceCommand, FenceResult, FencingRecord } from '../../core/fencing/types.js';
import type { ToLoop } from '../mailbox.js';
import { writeFencingRecord } from './fencing-record.js';

export interface FencingParts {
  readonly stateDir: string;
  readonly context: FencingContext;
  readonly config: () => ClusterConfig;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  /** Hands a message to the loop; false when there is none at the moment. */
  readonly tell: (message: ToLoop) => boolean;
}

export interface RunnerFencing {
  /** Begins an attempt, or tells the outcome of one that has this number already. */
  start(command: FenceCommand): void;
  cancel(commandId: number): void;
  /** Stores what must not be forgotten; it is on the disk when this returns. */
  record(record: FencingRecord): void;
  /** The loop is ready: devices of a configuration that is new are checked now and from now on by the clock. */
  attend(): void;
  /** A new run begins: nobody asks for earlier attempts any more. */
  reset(): void;
  stop(): void;
}

interface Attempt {
  readonly abort: AbortController;
  result: FenceResult | undefined;
}

/** A check waits no longer for a device. */
const CHECK_DEADLINE_MAX_MS = 60_000;
const KEPT_RESULTS_MAX = 16;

export function createFencing(parts: FencingParts): RunnerFencing {
  const attempts = new Map<number, Attempt>();
  let attended: ClusterConfig | undefined;
  let task: { destroy(): unknown } | undefined;
  let isChecking = false;
  let isStopped = false;

  const run = async (command: FenceCommand, attempt: Attempt): Promise<void> => {
    const config = parts.config();
    const device = devicesOf(config)[command.device];
    const action = config.settings.fencingAction ?? 'reset';
    const { node, deadlineMs } = command;
    const cancel = attempt.abort.signal;
    attempt.result =
      device === undefined
        ? { ok: false, detail: 'this device is not configured any more', certain: true }
        : await fenceNode({ device, node, action, deadlineMs, cancel }, parts.context);
    if (attempts.get(command.id) !== attempt) return;
    parts.tell({ kind: 'fenceDone', commandId: command.id, result: attempt.result });
    for (const [id, { result }] of attempts) {
      if (attempts.size > KEPT_RESULTS_MAX && result !== undefined) attempts.delete(id);
    }
  };

  /** Only said: what a plugin tells of its hosts is not always all that it can do. */
  const lookForPeers = async (device: StonithDevice, { nodes, self }: ClusterConfig): Promise<void> => {
    const hosts = await hostsOf(device, parts.context);
    const absent = nodes.filter((node) => node !== self && hosts?.includes(node) === false);
    if (absent.length === 0) return;
    const names = absent.join(' and ');
    const sentence = `The fencing device [${device.type}] names ${hosts?.join(', ')} as its hosts, not ${names}: it may be unable to fence ${names}.`;
    parts.log('warn', 'fencing-hosts', sentence);
  };

  const checkOne = async (device: StonithDevice, index: number): Promise<DeviceReadiness> => {
    const config = parts.config();
    const deadlineMs = Math.min(fencingSettings(config).deadlineMs, CHECK_DEADLINE_MAX_MS);
    const action = config.settings.fencingAction ?? 'reset';
    const result = await checkDevice(device, action, deadlineMs, parts.context);
    if (result.ok) await lookForPeers(device, config);
    return { device: index, ok: result.ok, detail: result.ok ? '' : result.detail };
  };

  /** Never two at once, and not beside an attempt: some devices serve one caller only. */
  const checkAll = async (): Promise<void> => {
    if (isChecking || isStopped || [...attempts.values()].some(({ result }) => result === undefined)) return;
    isChecking = true;
    const config = parts.config();
    for (const [index, device] of devicesOf(config).entries()) {
      const checked = [await checkOne(device, index)];
      if (config !== parts.config()) break;
      parts.tell({ kind: 'fencingReadiness', checked });
    }
    isChecking = false;
  };

  const plan = async (config: ClusterConfig): Promise<void> => {
    const schedule = config.settings.fencingTestSchedule ?? '17 * * * *';
    if (schedule === 'never') return;
    const cron = await import('node-cron');
    if (isStopped || attended !== config) return;
    if (!cron.validate(schedule)) {
      parts.log(
        'error',
        'schedule-invalid',
        `[schedule] fencing_test = ${schedule} is no schedule: devices are checked at the start only.`,
      );
      return;
    }
    task = cron.schedule(schedule, () => void checkAll(), { unref: true, suppressMissedWarning: true });
  };

  return {
    start(command) {
      const known = attempts.get(command.id);
      if (known !== undefined) {
        if (known.result !== undefined)
          parts.tell({ kind: 'fenceDone', commandId: command.id, result: known.result });
        return;
      }
      const attempt: Attempt = { abort: new AbortController(), result: undefined };
      attempts.set(command.id, attempt);
      void run(command, attempt);
    },
    cancel(commandId) {
      attempts.get(commandId)?.abort.abort();
    },
    record(record) {
      try {
        writeFencingRecord(parts.stateDir, record);
      } catch (error) {
        parts.log('error', 'fencing-record', error instanceof Error ? error.message : String(error));
      }
    },
    attend() {
      const config = parts.config();
      if (attended === config) return;
      attended = config;
      task?.destroy();
      task = undefined;
      if (devicesOf(config).length === 0) return;
      void checkAll();
      void plan(config);
    },
    reset() {
      for (const { abort } of attempts.values()) abort.abort();
      attempts.clear();
    },
    stop() {
      isStopped = true;
      task?.destroy();
    },
  };
}
