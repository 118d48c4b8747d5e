/** Work at set times: when groups may go back to their preferred node, and failover drills ([schedule] of heartbeat.ini). */
import type { ScheduledTask } from 'node-cron';
import { dayWindow, isWithin } from '../../config/ini/schedule.js';
import type { ClusterConfig } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import type { ControlRequest, ControlResponse } from '../control/protocol.js';
import type { ToLoop, ToRunner } from '../mailbox.js';
import { createDrill, type DrillParts, type DrillRecord } from './drill.js';

export interface ScheduleParts extends Pick<DrillParts, 'stateDir' | 'sleep' | 'nowMs'> {
  readonly config: () => ClusterConfig | undefined;
  readonly tell: (message: ToLoop) => boolean;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  /** Asks as the control socket does. Never rejects. */
  readonly ask: (request: ControlRequest) => Promise<ControlResponse>;
  /** An event of this node, as if the loop had told it: for the journal, mails and scripts. */
  readonly raise: (event: Extract<ToRunner, { readonly kind: 'event' }>) => void;
  /** The present time; tests put another in its place. */
  readonly now?: () => Date;
}

export interface Schedule {
  /** A loop is ready: it is told whether the window is open, and the drills of its configuration are planned. */
  attend(): void;
  /** An event of the core: what the other node gives away may be its drill. */
  note(event: Extract<ToRunner, { readonly kind: 'event' }>): void;
  facts(): { readonly drill?: DrillRecord };
  close(): void;
}

const LOOK_INTERVAL_MS = 10_000;
const HOLD_MS = 60_000;

/** Nothing is planned before `attend`. */
export function createSchedule(parts: ScheduleParts): Schedule {
  const now = parts.now ?? (() => new Date());
  const drill = createDrill({
    ...parts,
    holdMs: () => parts.config()?.settings.drillHoldMs ?? HOLD_MS,
    status: async () => {
      const answer = await parts.ask({ kind: 'snapshot' });
      return answer.kind === 'snapshot' ? answer.snapshot.status : undefined;
    },
    command: async (command) => {
      const answer = await parts.ask({ kind: 'command', command });
      return answer.kind === 'reply' ? answer : undefined;
    },
    event: (code, text) => {
      parts.log(code === 'drill' ? 'info' : 'error', code, text);
      parts.raise({ kind: 'event', code, text, wallMs: Date.now() });
    },
  });
  let attended: ClusterConfig | undefined;
  let task: ScheduledTask | undefined;
  let timer: NodeJS.Timeout | undefined;
  let told: boolean | undefined;

  const tellWindow = (): void => {
    const window = dayWindow(parts.config()?.settings.failbackWindow ?? '');
    if (window === undefined) return;
    const time = now();
    const open = isWithin(window, 60 * time.getHours() + time.getMinutes());
    if (open === told) return;
    if (parts.tell({ kind: 'failbackWindow', open })) told = open;
  };

  const plan = async (config: ClusterConfig): Promise<void> => {
    const expression = config.settings.drillSchedule ?? 'never';
    if (expression === 'never') return;
    const cron = await import('node-cron');
    if (attended !== config) return;
    if (!cron.validate(expression)) {
      parts.log(
        'error',
        'schedule-invalid',
        `[schedule] drill = ${expression} is no schedule: no drill is held.`,
      );
      return;
    }
    const hold = (): void => {
      drill.hold().catch((error: unknown) => parts.log('error', 'drill', `failover drill: ${String(error)}`));
    };
    task = cron.schedule(expression, hold, { unref: true, suppressMissedWarning: true });
  };

  return {
    attend() {
      told = undefined;
      tellWindow();
      timer ??= setInterval(tellWindow, LOOK_INTERVAL_MS).unref();
      const config = parts.config();
      if (config === undefined || attended === config) return;
      void task?.destroy();
      task = undefined;
      attended = config;
      void plan(config);
    },
    note({ code, about }) {
      if (code === 'standby' && about?.node !== undefined) drill.notePeerGave();
    },
    facts: () => (drill.last === undefined ? {} : { drill: drill.last }),
    close() {
      attended = undefined;
      clearInterval(timer);
      void task?.destroy();
    },
  };
}
