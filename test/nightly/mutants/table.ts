/**
 * Deliberate protocol faults: each is a small change of one place of the core, made in a copy of the built program. The
 * random search has to catch every one of them within its default number of seeds, or the row says why it cannot.
 */
export interface Mutant {
  /** What is broken, in words. */
  readonly name: string;
  /** Below src/core, without its ending. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Why the search cannot see it, and what sees it instead; absent: it has to. */
  readonly unseen?: string;
}

export const MUTANTS: readonly Mutant[] = [
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
    unseen:
      'overwritten by armLease with the next confirmed status; test/sim/partition.test.ts and pause.test.ts hold the rule',
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
    unseen:
      'numbers of another run are hardly ever in the history of this one; test/sim/pause.test.ts holds it',
  },
  {
    name: 'the death of a silent peer ends the lease of the punctual node',
    file: 'membership/lease',
    find: 'if (turn.nowMs - peer.lastStatusMs > SPEAKING_KEEPALIVES * config.keepaliveMs) return;',
    replace: '',
  },
  {
    name: 'addresses keep their lifetime for ever',
    file: 'resources/lifetime',
    find: 'return Math.floor((config.deadtimeMs - LIFETIME_SLACK_MS) / 1000);',
    replace: 'return 100000;',
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
  },
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
  },
  {
    name: 'a group that nobody holds finds no node',
    file: 'resources/reconcile',
    find: 'return !mine && !theirs && takeOrphan(turn, peer, group, claim);',
    replace: 'return false;',
  },
  {
    name: 'an orphan is taken before the peer knows that it is free here',
    file: 'resources/reconcile',
    find: "if (peer.status !== 'active' || peer.left || peer.extra?.capabilities.includes('stable') !== true)",
    replace: 'if (false)',
  },
  {
    name: 'a suspended node takes part again at once',
    file: 'resources/reconcile',
    find: 'if (!told) return;',
    replace: '',
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
  },
  {
    name: 'what an earlier run left active is not released at the start',
    file: 'resources/begin',
    find: 'groups: groups.map((group) => group.index),',
    replace: 'groups: [],',
  },
  {
    name: 'a start settles before the peer is known to hear us',
    file: 'resources/agreement',
    find: 'if (!isAlive(partner) || !claimsUsable(turn.state, partner) || partner.confirmedSentMs === null) return;',
    replace: '',
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
    find: "({ purpose }) => purpose !== 'give' && purpose !== 'take'",
    replace: '() => true',
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
    unseen:
      'the group runs on the wrong node, which breaks no rule of safety; test/sim/failover.test.ts holds it',
  },
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
  },
  {
    name: 'a group that failed on a node is taken there again and again',
    file: 'resources/reconcile',
    find: "if (group.phase !== 'stopped' || group.failed) return false;",
    replace: "if (group.phase !== 'stopped') return false;",
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
    unseen:
      'every message of the protocol may be obeyed twice without harm; test/unit/core/heartbeat holds the rule',
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
    unseen: 'a run has too few minutes for a fourth reset; test/sim/fencing.test.ts holds it',
  },
  {
    name: 'the watchdog is fed whatever happens',
    file: 'guard/watchdog',
    find: 'guard.feedDue = !isOverstaying(turn);',
    replace: 'guard.feedDue = true;',
    unseen:
      'no script of the search stops more slowly than a watchdog fires; test/sim/watchdog.test.ts holds it',
  },
  {
    name: 'isolated = stop is not obeyed',
    file: 'resources/peer-changes',
    find: "if (config.settings.isolated === 'stop' && !peer.left && unguarded) {",
    replace: 'if (false) {',
  },
  {
    name: 'maintenance is not obeyed',
    file: 'resources/groups',
    find: 'if (inMaintenance(turn.state)) return;\n  const { groups }',
    replace: '\n  const { groups }',
    unseen: 'that a group is left alone in maintenance is a matter of test/sim/maintenance.test.ts',
  },
];
