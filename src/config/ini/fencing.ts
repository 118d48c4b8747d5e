/** Keys of heartbeat.ini about fencing. */
import type { FencingAction } from '../types.js';
import { choiceOf, countOf, scheduleOf, timeOf, yesNo } from './row.js';

const DAY_MS = 86_400_000;

export const FENCING_ROWS = {
  fencingDelayMs: timeOf({
    section: 'fencing',
    key: 'delay',
    minMs: 0,
    maxMs: 600_000,
    defaultMs: 2000,
    sentence: 'When two nodes would fence each other, the one that holds fewer groups waits this long.',
  }),
  fencingWaitForPeer: yesNo({
    section: 'fencing',
    key: 'wait_for_peer',
    defaultValue: false,
    sentence:
      'Whether a node that starts alone waits for its peer, or for "heartbeat fence-confirm", instead of fencing it.',
  }),
  fencingAction: choiceOf<FencingAction>({
    section: 'fencing',
    key: 'action',
    choices: ['reset', 'off', 'off-on'],
    defaultValue: 'reset',
    sentence:
      'What a fencing device is asked to do: reset the node, switch it off, or switch it off and on again.',
  }),
  fencingDeadlineMs: timeOf({
    section: 'fencing',
    key: 'deadline',
    minMs: 1000,
    maxMs: DAY_MS,
    defaultMs: 60_000,
    sentence: 'Time that a fencing device has for one attempt; meatware, which asks a person, has a day.',
  }),
  fencingAttempts: countOf({
    section: 'fencing',
    key: 'attempts',
    min: 1,
    max: 100,
    defaultValue: 2,
    sentence: 'How often each fencing device is tried before the next one.',
  }),
  fencingRetryMs: timeOf({
    section: 'fencing',
    key: 'retry',
    minMs: 100,
    maxMs: DAY_MS,
    defaultMs: 5000,
    sentence: 'Pause between two attempts with the same fencing device.',
  }),
  fencingRoundPauseMs: timeOf({
    section: 'fencing',
    key: 'round_pause',
    minMs: 1000,
    maxMs: DAY_MS,
    defaultMs: 60_000,
    sentence: 'Pause after all fencing devices have failed; it doubles each time, up to an hour.',
  }),
  fencingPerHour: countOf({
    section: 'fencing',
    key: 'per_hour',
    min: 1,
    max: 1000,
    defaultValue: 3,
    sentence:
      'How often one node is fenced within an hour; then only its own heartbeat or "heartbeat fence-confirm" goes on.',
  }),
  fencingTestSchedule: scheduleOf({
    section: 'schedule',
    key: 'fencing_test',
    defaultValue: '17 * * * *',
    sentence: 'When the fencing devices are asked whether they work, besides at the start.',
  }),
};
