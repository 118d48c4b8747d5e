/** Waiting until all groups of a move have reached their end, and what follows then. */
import { text } from '../../wire/message.js';
import { sendSequenced } from '../heartbeat/send.js';
import { joinCommunication } from '../membership/startup.js';
import { log, type Turn } from '../turn.js';
import { reportMachDown, reportResources } from './report.js';
import { finishShutdown } from './shutdown.js';
import { finishGiving, finishTaking } from './standby.js';
import { type Group, isHeld, type Transition } from './state.js';

/** Up: running, or given up by its failure rule. Down: nothing of it runs here. */
function reached(group: Group, direction: Transition['direction']): boolean {
  if (direction === 'up')
    return (group.phase === 'running' && !group.dropped) || (!group.wanted && !isHeld(group));
  return group.phase === 'stopped' && !group.wanted;
}

export function beginTransition(turn: Turn, transition: Transition): void {
  turn.state.resources.transitions.push(transition);
  turn.state.checkpointDue = true;
}

/** Ends every transition whose groups are all where they should be. */
export function completeTransitions(turn: Turn): void {
  const { resources } = turn.state;
  for (;;) {
    const index = resources.transitions.findIndex((transition) =>
      transition.groups.every((at) => {
        const group = resources.groups[at];
        return group === undefined || reached(group, transition.direction);
      }),
    );
    const [transition] = index < 0 ? [] : resources.transitions.splice(index, 1);
    if (transition === undefined) return;
    turn.state.checkpointDue = true;
    complete(turn, transition);
  }
}

function complete(turn: Turn, transition: Transition): void {
  const { resources, config } = turn.state;
  switch (transition.purpose) {
    case 'leftovers':
      resources.leftoversReleased = true;
      turn.state.statusDue = true;
      joinCommunication(turn);
      return;
    case 'acquire':
      log(turn, 'info', 'acquired', 'Local Resource acquisition completed.');
      log(turn, 'info', 'initial-complete', 'Initial resource acquisition complete (req_our_resources())');
      reportResources(turn, true, 'req_our_resources()');
      return;
    case 'takeover':
      log(
        turn,
        'info',
        'takeover-complete',
        `mach_down takeover complete for node ${transition.peer ?? ''}.`,
      );
      if (config.autoFailback !== 'legacy') reportMachDown(turn);
      return;
    case 'give':
      finishGiving(turn);
      return;
    case 'take':
      finishTaking(turn);
      return;
    case 'shutdown':
      finishShutdown(turn);
      return;
    case 'request': {
      const group = resources.groups[transition.groups[0] ?? -1];
      const peer = turn.state.peers.get(transition.peer ?? '');
      if (group === undefined || peer === undefined) return;
      const own = [
        text('dest', peer.name),
        text('ipaddr', group.key),
        text('weown', transition.held === true ? 'yes' : 'no'),
        text('ok', 'OK'),
      ];
      sendSequenced(turn, 'ip-request-resp', own, peer);
      group.given = true;
      return;
    }
  }
}
