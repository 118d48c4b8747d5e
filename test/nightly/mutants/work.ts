/** Mutants of starting and stopping, of messages, of fencing and the watchdog. */
import type { Mutant } from './mutant.js';

export const WORK: readonly Mutant[] = [
  // Doing it
  {
    name: 'a group starts in the reverse order',
    file: 'resources/groups',
    find: "begin(turn, group, 'start', group.position, turn.state.config.settings.startDeadlineMs);",
    replace:
      "begin(turn, group, 'start', group.steps.length - 1 - group.position, turn.state.config.settings.startDeadlineMs);",
  },
  {
    name: 'a group stops in the order of its start',
    file: 'resources/groups',
    find: 'begin(turn, group, verb, group.position - 1, turn.state.config.settings.stopDeadlineMs);',
    replace:
      'begin(turn, group, verb, group.steps.length - group.position, turn.state.config.settings.stopDeadlineMs);',
  },
  {
    name: 'a stop that failed counts as done',
    file: 'resources/groups',
    find: 'group.stopFailures += 1;\n',
    replace: 'group.position -= 1; if (group.position === 0) stopped(turn, group); return;\n',
  },
  {
    name: 'a start that failed counts as done',
    file: 'resources/groups',
    find: 'failGroup(turn, group, name, result.detail);',
    replace: 'group.position += 1;',
    caughtBy: {
      file: 'test/sim/resources.test',
      name: 'a start that fails on both is said and stays down',
      because: 'the group counts as up with a resource missing: the search asks no script what runs',
    },
  },
  {
    name: 'a group that failed on a node is taken there again and again',
    file: 'resources/reconcile',
    find: "if (group.phase !== 'stopped' || group.failed) return false;",
    replace: "if (group.phase !== 'stopped') return false;",
    caughtBy: {
      file: 'test/sim/resources.test',
      name: 'a start that fails on both is said and stays down',
      because: 'moves without a change of owner are not counted',
    },
  },
  // Messages
  {
    name: 'missing messages are not asked for',
    file: 'heartbeat/retransmit',
    find: 'turn.state.timers.advance(timerName(peer), dueMs);',
    replace: '',
  },
  {
    name: 'requests for missing messages are not answered',
    file: 'heartbeat/retransmit',
    find: "else turn.effects.push({ kind: 'send', message: entry.message });",
    replace: '',
  },
  {
    name: 'a new loop process uses sequence numbers again',
    file: 'checkpoint',
    find: 'state.outgoing.seq = checkpoint.seqLimit + SEQ_GAP_AFTER_RESTART;',
    replace: 'state.outgoing.seq = 0;',
  },
  {
    name: 'a message that comes twice is obeyed twice',
    file: 'heartbeat/receive',
    find: "if (seq === tracking.lastSeq) return 'duplicate';",
    replace: "if (seq === tracking.lastSeq) return 'new';",
    caughtBy: {
      file: 'test/sim/partition.test',
      name: 'replayed packets do not keep a dead node alive',
      because: 'every message of the protocol may be obeyed twice without harm while both nodes live',
    },
  },
  // Fencing and watchdog
  {
    name: 'skipped fencing: the groups of a dead node start at once',
    file: 'resources/peer-changes',
    find: "if (need === 'needed' || (need === 'n_stnth' && mustWait(turn, peer))) {",
    replace: 'if (false) {',
  },
  {
    name: 'a fencing that failed counts as done',
    file: 'fencing/course',
    find: 'else if (result.ok) succeeded(turn, done, peer);',
    replace: 'else if (true) succeeded(turn, done, peer);',
    caughtBy: {
      file: 'test/sim/fencing-devices.test',
      name: 'fails: no takeover, loudly, tried again',
      because: 'a device that fails has to meet a node that is alive and unheard',
    },
  },
  {
    name: 'takes over as soon as the device was asked',
    file: 'fencing/course',
    find: 'pushCommand(turn, id, wanted.node, device);\n',
    replace:
      "pushCommand(turn, id, wanted.node, device); if (peer !== undefined) takeOver(turn, peer, '', true);\n",
  },
  {
    name: 'fencings are not counted: a war has no end',
    file: 'fencing/limit',
    find: 'noteOf(turn, node).blocked || recent(turn, node).length >= fencingSettings(turn.state.config).perHour',
    replace: 'false',
    caughtBy: {
      file: 'test/sim/fencing.test',
      name: 'all links cut for ever: the two do not reboot each other',
      because: 'a run has too few minutes for a fourth reset',
    },
  },
  {
    name: 'the watchdog is fed whatever happens',
    file: 'guard/watchdog',
    find: 'guard.feedDue = !isOverstaying(turn);',
    replace: 'guard.feedDue = true;',
    caughtBy: {
      file: 'test/sim/watchdog.test',
      name: 'is reset when it is not heard any more and its scripts do not stop',
      because: 'no script of the search stops more slowly than a watchdog fires',
    },
  },
  {
    name: 'isolated = stop is not obeyed',
    file: 'resources/peer-changes',
    find: "if (config.settings.isolated === 'stop' && !peer.left && unguarded) {",
    replace: 'if (false) {',
    caughtBy: {
      file: 'test/sim/beside-others.test',
      name: 'serves again when the network is back',
      because: 'a cut without fencing is excused',
    },
  },
  {
    name: 'maintenance is not obeyed',
    file: 'resources/groups',
    find: 'if (inMaintenance(turn.state)) return;\n  const { groups }',
    replace: '\n  const { groups }',
    caughtBy: {
      file: 'test/sim/maintenance.test',
      name: 'begins no further step',
      because: 'a group that is left alone in maintenance breaks no rule of the search',
    },
  },
];
