/** Keys of heartbeat.ini about work at set times. */
import { type IniRow, scheduleOf, textOf, timeOf } from './row.js';

export interface DayWindow {
  /** Minutes since midnight; an end before the beginning is on the next day. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

const DAY_MINUTES = 1440;
const FORM = /^([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** `HH:MM-HH:MM`; undefined when it is none. */
export function dayWindow(text: string): DayWindow | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const [fromHour = 0, fromMinutes = 0, toHour = 0, toMinutes = 0] = found.slice(1).map(Number);
  const [fromMinute, toMinute] = [60 * fromHour + fromMinutes, 60 * toHour + toMinutes];
  return fromMinute === toMinute ? undefined : { fromMinute, toMinute };
}

/** Whether a minute of the day (0..1439) lies in the window; its end does not. */
export function isWithin({ fromMinute, toMinute }: DayWindow, minute: number): boolean {
  const length = (toMinute - fromMinute + DAY_MINUTES) % DAY_MINUTES;
  return (minute - fromMinute + DAY_MINUTES) % DAY_MINUTES < length;
}

const failback: IniRow<string> = {
  ...textOf({
    section: 'schedule',
    key: 'failback',
    sentence:
      'With auto_failback on: between which times of the day, in local time, groups go back to their preferred node; empty: at any time.',
  }),
  argument: 'HH:MM-HH:MM',
  range: 'two times of the day, as in 22:00-05:00',
  read: (text) =>
    text === '' || dayWindow(text) !== undefined
      ? { value: text }
      : { hint: 'Write two different times of the day, as in 22:00-05:00.' },
};

export const SCHEDULE_ROWS = {
  failbackWindow: failback,
  drillSchedule: scheduleOf({
    section: 'schedule',
    key: 'drill',
    defaultValue: 'never',
    sentence:
      'When the node that serves hands everything over and takes it back, to see that both can; not done unless all is well.',
  }),
  drillHoldMs: timeOf({
    section: 'schedule',
    key: 'drill_hold',
    minMs: 1000,
    maxMs: 86_400_000,
    defaultMs: 60_000,
    sentence: 'How long the other node serves in a drill.',
  }),
};
