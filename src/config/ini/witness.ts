/** Keys of heartbeat.ini about witnesses (ping, ping6 and ping_group of ha.cf). */
import { choiceOf, yesNo } from './row.js';

export const WITNESS_ROWS = {
  witnessHandover: yesNo({
    section: 'witness',
    key: 'handover',
    defaultValue: true,
    sentence:
      "Whether the node that sees fewer ping hosts hands its resources over, as with the original's ipfail.",
  }),
  witnessNone: choiceOf<'stop' | 'stay'>({
    section: 'witness',
    key: 'none',
    choices: ['stop', 'stay'],
    defaultValue: 'stop',
    sentence: 'What a node does that hears neither its peer nor a ping host, and has no fencing device.',
  }),
  witnessSeen: choiceOf<'serve' | 'stop'>({
    section: 'witness',
    key: 'seen',
    choices: ['serve', 'stop'],
    defaultValue: 'serve',
    sentence:
      'What it does when its peer is silent and a ping host answers: serve, or no service rather than two owners.',
  }),
};
