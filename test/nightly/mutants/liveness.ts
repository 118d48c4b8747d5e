/** Mutants of the verdicts about the peer, and of the lease against one's own weakness. */
import type { Mutant } from './mutant.js';

export const LIVENESS: readonly Mutant[] = [
  // Who is dead
  {
    name: 'a peer is never declared dead',
    file: 'membership/death',
    find: "if (peer.status === 'dead') return;",
    replace: 'return;',
  },
  {
    name: 'a peer is declared dead after half its deadtime',
    file: 'membership/links',
    find: 'return peer.announcedDeadtimeMs ?? turn.state.config.deadtimeMs;',
    replace: 'return (peer.announcedDeadtimeMs ?? turn.state.config.deadtimeMs) / 2;',
  },
  {
    name: 'the verdict counts from now at each look, not from the last heartbeat',
    file: 'membership/death',
    find: 'const fromMs = peer.lastStatusMs ?? turn.nowMs;',
    replace: 'const fromMs = peer.lastStatusMs ?? 0;',
  },
  {
    name: 'stale verdict: a node that was late itself accuses its peer at once',
    file: 'membership/death',
    find: 'if (lateMs <= config.keepaliveMs) return;',
    replace: 'if (lateMs >= 0) return;',
    caughtBy: {
      file: 'test/sim/pause.test',
      name: 'a standby that slept does not accuse its punctual peer',
      because:
        'a node has to sleep for longer than a deadtime beside a punctual one, and its timers to run before it reads',
    },
  },
  {
    name: 'initdead is not waited for at the start',
    file: 'membership/death',
    find: 'return Math.max(turn.state.config.initdeadMs, deadtimeOfMs(turn, peer));',
    replace: 'return 10;',
  },
  {
    name: 'an old heartbeat that is sent again revives a dead peer',
    file: 'membership/peer-status',
    find: 'if (seq <= peer.lastStatusSeq) return false;',
    replace: 'if (seq < 0) return false;',
    caughtBy: {
      file: 'test/sim/partition.test',
      name: 'replayed packets do not keep a dead node alive',
      because: 'packets are seldom replayed just after a death',
    },
  },
  {
    name: 'heartbeats of an earlier run of a peer are believed',
    file: 'dispatch',
    find: 'if (generation < peer.tracking.generation) {',
    replace: 'if (generation < 0) {',
  },
  {
    name: 'a restart of a peer is not noticed',
    file: 'membership/peer-status',
    find: 'if (peer.lastStatusMs !== null || peer.lastStatusSeq > 0) restarted(turn, peer);',
    replace: '',
  },
  {
    name: 'after a partition the old confirmation still counts',
    file: 'membership/peer-status',
    find: 'grantMoment(turn, peer);\n',
    replace: '\n',
    caughtBy: {
      file: 'test/sim/partition.test',
      name: 'healed, the owner before keeps',
      because: 'the next confirmed status overwrites the moment',
    },
  },
  // The lease
  {
    name: 'the lease counts from the reception of a heartbeat instead of its confirmation',
    file: 'membership/peer-status',
    find: 'peer.confirmedSentMs = Math.max(peer.confirmedSentMs ?? 0, sentMs);',
    replace: 'peer.confirmedSentMs = turn.nowMs;',
  },
  {
    name: 'the end of the lease is ignored',
    file: 'membership/lease',
    find: 'haveToBeGone(turn, verdictOnUsMs(turn, peer));\n',
    replace: 'return;\n',
  },
  {
    name: 'a node that was late goes on serving',
    file: 'membership/lease',
    find: 'if (lateMs <= config.keepaliveMs || inMaintenance(turn.state)) return;',
    replace: 'return;',
    caughtBy: {
      file: 'test/sim/sleep.test',
      name: 'does not take over from a peer that hears it',
      because: 'addresses of a late node vanish by themselves, and their row of excuses is wide',
    },
  },
  {
    name: 'the lease lasts as long as the silence of the peer, without a margin',
    file: 'guard/budget',
    find: 'const leaseMs = Math.max(shortestMs, silenceMs - endMs - announcedStopMs);',
    replace: 'const leaseMs = 2 * silenceMs;',
  },
  {
    name: 'a confirmation of another run of this node counts',
    file: 'membership/peer-status',
    find: 'if (heard === undefined || heard.nonce !== state.identity.nonce) return;',
    replace: 'if (heard === undefined) return;',
    caughtBy: {
      file: 'test/sim/former-failures.test',
      name: 'replayed-answer breaks none',
      because: 'numbers of another run are hardly ever in the history of this one',
    },
  },
  {
    name: 'the death of a silent peer ends the lease of the punctual node',
    file: 'membership/lease',
    find: 'if (turn.nowMs - peer.lastStatusMs > SPEAKING_KEEPALIVES * config.keepaliveMs) return;',
    replace: '',
    caughtBy: {
      file: 'test/sim/partition.test',
      name: 'never stops what the punctual node serves',
      because: 'a peer has to be deaf for a while and then to die',
    },
  },
  {
    name: 'addresses keep their lifetime for ever',
    file: 'resources/lifetime',
    find: 'return Math.floor((config.deadtimeMs - LIFETIME_SLACK_MS) / 1000);',
    replace: 'return 100000;',
    caughtBy: {
      file: 'test/sim/pause.test',
      name: 'never has its address beside the peer',
      because: 'the row of a stopped program excuses addresses too',
    },
  },
  {
    name: 'the lifetime of addresses is never renewed',
    file: 'resources/groups',
    find: "turn.effects.push({ kind: 'renewAddresses', addresses, lifetimeS });",
    replace: '',
  },
  {
    name: 'a node that may have been replaced keeps its addresses until its scripts have stopped',
    file: 'resources/groups',
    find: "if (addresses.length > 0) turn.effects.push({ kind: 'dropAddresses', addresses });",
    replace: '',
    caughtBy: {
      file: 'test/sim/pause.test',
      name: 'has dropped its addresses in its first turn',
      because: 'the row of a stopped program excuses them until its scripts have stopped',
    },
  },
];
