/** Mutants of who holds which group, and of handing it over. */
import type { Mutant } from './mutant.js';

export const OWNERSHIP: readonly Mutant[] = [
  // Who holds what
  {
    name: 'lost hold bit: a group that is held is announced as free',
    file: 'membership/own-status',
    find: "if (group.wanted) return { hold: group.taken ? 'taken' : 'held', epoch: group.epoch };",
    replace: "if (group.wanted) return { hold: 'free', epoch: group.epoch };",
  },
  {
    name: 'a group that is still being stopped is announced as free',
    file: 'membership/own-status',
    find: "if (isHeld(group)) return { hold: 'releasing', epoch: group.epoch };",
    replace: '',
  },
  {
    name: 'what the peer claims to hold does not count as held',
    file: 'resources/claims',
    find: "return claim.hold === 'held' || claim.hold === 'taken' || claim.hold === 'releasing';",
    replace: 'return false;',
  },
  {
    name: 'a claim that is older than a handover counts',
    file: 'resources/claims',
    find: 'if (peer.extraSeq <= group.peerClaimsIgnoredUpTo) return undefined;',
    replace: '',
    caughtBy: {
      file: 'test/sim/former-failures.test',
      name: 'overtaken-claim breaks none',
      because:
        'a heartbeat has to be overtaken by the last word of a handover: once in tens of thousands of seeds',
    },
  },
  {
    name: 'two owners after a partition: nobody gives way',
    file: 'resources/reconcile',
    find: 'if (mine && theirs) return settleConflict(turn, peer, group, claim);',
    replace: 'if (mine && theirs) return false;',
  },
  {
    name: 'two owners after a partition: both give way',
    file: 'resources/reconcile',
    find: 'const keeps = theyLeave || (group.taken === theyTook ? group.isLocal : !group.taken);',
    replace: 'const keeps = false;',
    caughtBy: {
      file: 'test/sim/partition.test',
      name: 'healed, the owner before keeps',
      because: 'an interruption breaks no rule of the search, and the group soon finds a node again',
    },
  },
  {
    name: 'a group that nobody holds finds no node',
    file: 'resources/reconcile',
    find: 'return !mine && !theirs && takeOrphan(turn, peer, group, claim);',
    replace: 'return false;',
  },
  {
    name: 'an orphan is taken by both nodes at once',
    file: 'resources/reconcile',
    find: "if (!group.isLocal && claim.hold !== 'failed') return false;",
    replace: '',
  },
  {
    name: 'a suspended node takes part, and takes what is free, before the peer knows that nothing runs here',
    file: 'resources/reconcile',
    find: 'if (!told) return;',
    replace: '',
    also: {
      find: 'if (group.freeSinceSeq === 0 || confirmedSeq(turn, peer) < group.freeSinceSeq) return false;',
      replace: '',
    },
  },
  {
    name: 'a suspended node never takes part again',
    file: 'resources/reconcile',
    find: 'if (!told) return;',
    replace: 'return;',
  },
  {
    name: 'a node that starts takes its groups although the other holds them',
    file: 'resources/acquire',
    find: 'return claim === undefined || !isHolding(claim);',
    replace: 'return true;',
    also: {
      find: 'if ((resources.otherHold & FOREIGN) !== 0 || (resources.myHold & LOCAL) !== 0) return;',
      replace: '',
    },
  },
  {
    name: 'what an earlier run left active is not released at the start',
    file: 'resources/state',
    find: "phase: 'unknown',",
    replace: "phase: 'stopped',",
    caughtBy: {
      file: 'test/sim/start.test',
      name: 'what a killed daemon left active is stopped',
      because:
        'the partner has to have taken it over meanwhile; then the row of a stopped program excuses it',
    },
  },
  {
    name: 'a start settles before the peer is known to hear us',
    file: 'resources/agreement',
    find: 'if (!isAlive(partner) || !claimsUsable(turn.state, partner) || partner.confirmedSentMs === null) return;',
    replace: '',
    caughtBy: {
      file: 'test/sim/former-failures.test',
      name: 'replayed-agreement breaks none',
      because: 'it needs a replayed report in the second of a start',
    },
  },
  {
    name: 'a takeover forgets to take',
    file: 'resources/acquire',
    find: 'group.taken = verdict;',
    replace: 'group.wanted = false;',
  },
  {
    name: 'a verdict of death is not marked on what was taken by it',
    file: 'resources/acquire',
    find: 'group.taken = verdict;',
    replace: '',
    caughtBy: {
      file: 'test/sim/partition.test',
      name: 'after a partition the owner before keeps what it has',
      because: 'an interruption after a partition breaks no rule of the search',
    },
  },
  // Handing over
  {
    name: 'the giver says done before it has stopped anything',
    file: 'resources/standby',
    find: "beginTransition(turn, { purpose: 'give', groups: given.map((group) => group.index), direction: 'down' });",
    replace: "beginTransition(turn, { purpose: 'give', groups: [], direction: 'down' });",
  },
  {
    name: 'the taker takes when it is asked, not when the giver is done',
    file: 'resources/standby',
    find: "ask(turn, set, 'other');",
    replace: "ask(turn, set, 'other'); take(turn, peer, set, 0);",
  },
  {
    name: 'a handover that the death of the peer ended goes on',
    file: 'resources/standby',
    find: 'endStandby(turn);\n}\n\n/** hb_takeover from the partner',
    replace: '}\n\n/** hb_takeover from the partner',
    caughtBy: {
      file: 'test/sim/standby-over.test',
      name: 'a group given away to a node that had to stop meanwhile is taken back',
      because:
        'the death of the other node moves everything in any case, and its return seldom falls into the rest of the hour',
    },
  },
  {
    name: 'a shutdown says that all is released before it is',
    file: 'resources/shutdown',
    find: 'const groups = resources.groups.map((group) => group.index);',
    replace: 'const groups = [];',
  },
  {
    name: 'automatic failback never comes',
    file: 'resources/agreement',
    find: "beginStandby(turn, 'foreign', null);",
    replace: '',
    caughtBy: {
      file: 'test/sim/failover.test',
      name: 'a node that returns after power loss gets its groups back',
      because: 'the group runs on the wrong node, which breaks no rule of safety',
    },
  },
];
