/** Keys of heartbeat.ini about the flight recorder. */
import { countOf, timeOf, yesNo } from './row.js';

const DAY_MS = 86_400_000;

export const RECORDER_ROWS = {
  recorderEnabled: yesNo({
    section: 'recorder',
    key: 'enabled',
    defaultValue: true,
    sentence:
      'Whether every input of the decisions is written down in the state directory, for "heartbeat replay"; secrets are left out.',
  }),
  recorderMegabytes: countOf({
    section: 'recorder',
    key: 'megabytes',
    min: 10,
    max: 100_000,
    defaultValue: 100,
    sentence: 'How large the recordings may be together; the oldest go first.',
  }),
  recorderAgeMs: timeOf({
    section: 'recorder',
    key: 'age',
    minMs: 3_600_000,
    maxMs: 365 * DAY_MS,
    defaultMs: 2 * DAY_MS,
    sentence: 'Recordings older than this are removed.',
  }),
};
