/** Everything that can be done to a cluster, one row each: how it is written, what it means, and what it calls. */
import type { ResourceSet } from '../../core/input.js';
import { type Part, readPattern, type Values } from './pattern.js';
import type { Behaviour, DeviceOutcome, Done, Place, ScriptVerb, Stage, Trouble } from './stage.js';

export interface Verb {
  readonly pattern: string;
  readonly parts: readonly Part[];
  /** One sentence for `--list`. */
  readonly sentence: string;
  readonly act: (stage: Stage, values: Values) => Done;
  /** Undoes it, where a `for TIME` behind it says when. */
  readonly undo?: (stage: Stage, values: Values) => Done;
}

const word = (values: Values, name: string): string => String(values.get(name) ?? '');
const orNull = (values: Values, name: string): string | null =>
  values.has(name) ? String(values.get(name)) : null;
const amount = (values: Values, name: string): number => Number(values.get(name) ?? 0);

function place(values: Values): Place {
  const direction = values.get('in');
  return {
    node: orNull(values, 'node'),
    link: orNull(values, 'link'),
    direction: direction === 'in' || direction === 'out' ? direction : 'both',
  };
}

type Undo = Verb['undo'];

function verb(pattern: string, sentence: string, act: Verb['act'], undo?: Undo): Verb {
  return { pattern, parts: readPattern(pattern), sentence, act, ...(undo === undefined ? {} : { undo }) };
}

const healPlace: Undo = (stage, values) => stage.heal(place(values));

function trouble(pattern: string, sentence: string, of: (values: Values) => Trouble): Verb {
  return verb(pattern, sentence, (stage, values) => stage.trouble(place(values), of(values)), healPlace);
}

function script(pattern: string, sentence: string, of: ScriptVerb, how: (values: Values) => Behaviour): Verb {
  return verb(
    pattern,
    sentence,
    (stage, values) => stage.behave(word(values, 'resource'), of, how(values), orNull(values, 'node')),
    (stage, values) => stage.behave(word(values, 'resource'), of, {}, orNull(values, 'node')),
  );
}

const behaviours: readonly Verb[] = (['start', 'stop', 'monitor'] as const).flatMap((of) => [
  script(`RESOURCE ${of} fails [on NODE]`, `From now on its ${of} ends with an error.`, of, () => ({
    outcome: 'fail',
  })),
  script(`RESOURCE ${of} hangs [on NODE]`, `From now on its ${of} never ends by itself.`, of, () => ({
    outcome: 'hang',
  })),
  script(`RESOURCE ${of} takes TIME [on NODE]`, `From now on its ${of} needs so long.`, of, (values) => ({
    durationMs: amount(values, 'time'),
  })),
  script(`RESOURCE ${of} works [on NODE]`, `From now on its ${of} works again.`, of, () => ({})),
]);

export const VERBS: readonly Verb[] = [
  verb('start all', 'Every daemon is started.', (stage) => stage.each((node) => stage.start(node))),
  verb(
    'stop all',
    'Every daemon is stopped in order.',
    (stage) => stage.each((node) => stage.stop(node)),
    (stage) => stage.each((node) => stage.start(node)),
  ),
  verb(
    'power-off all',
    'All machines lose their power at once.',
    (stage) => stage.each((node) => stage.powerOff(node)),
    (stage) => stage.each((node) => stage.start(node)),
  ),
  verb('start NODE', 'The daemon is started (a machine without power gets power).', (stage, values) =>
    stage.start(word(values, 'node')),
  ),
  verb(
    'stop NODE',
    'The daemon is stopped in order; its services are handed over.',
    (stage, values) => stage.stop(word(values, 'node')),
    (stage, values) => stage.start(word(values, 'node')),
  ),
  verb(
    'power-off NODE',
    'The machine loses its power at once.',
    (stage, values) => stage.powerOff(word(values, 'node')),
    (stage, values) => stage.start(word(values, 'node')),
  ),
  verb('power-on NODE', 'The machine has power again and starts its daemon.', (stage, values) =>
    stage.start(word(values, 'node')),
  ),
  verb(
    'pause NODE',
    'Every process of the daemon stands still (SIGSTOP, an overloaded machine); the kernel goes on.',
    (stage, values) => stage.pause(word(values, 'node')),
    (stage, values) => stage.resume(word(values, 'node')),
  ),
  verb(
    'suspend NODE',
    'The whole machine sleeps (suspend to memory): its clocks go on, nothing else does.',
    (stage, values) => stage.suspend(word(values, 'node')),
    (stage, values) => stage.resume(word(values, 'node')),
  ),
  verb('resume NODE', 'The end of a pause or of a sleep.', (stage, values) =>
    stage.resume(word(values, 'node')),
  ),
  verb(
    'set-clock NODE SECONDS',
    'Somebody sets the wall clock of this machine forward or back, as in "set-clock node1 +1h".',
    (stage, values) => stage.setClock(word(values, 'node'), amount(values, 'seconds')),
    (stage, values) => stage.setClock(word(values, 'node'), -amount(values, 'seconds')),
  ),
  verb('kill loop on NODE', 'kill -9 of the loop process; the runner starts another.', (stage, values) =>
    stage.killLoop(word(values, 'node')),
  ),
  verb(
    'kill daemon on NODE',
    'kill -9 of every process of the daemon; the services stay.',
    (stage, values) => stage.killDaemon(word(values, 'node')),
    (stage, values) => stage.start(word(values, 'node')),
  ),
  trouble('cut all', 'No packet passes between the nodes.', () => ({ cut: true })),
  trouble('cut LINK', 'No packet passes on this link.', () => ({ cut: true })),
  trouble(
    'cut NODE [LINK] [in|out]',
    'The cable of this node (default: all of its cables); "in": it hears nothing, "out": it is not heard.',
    () => ({ cut: true }),
  ),
  verb(
    'unplug NODE [LINK]',
    'The cable of this node (default: all of its cables) is pulled: nothing passes, and the machine sees that.',
    (stage, values) => stage.cable(word(values, 'node'), orNull(values, 'link'), false),
    (stage, values) => stage.cable(word(values, 'node'), orNull(values, 'link'), true),
  ),
  verb(
    'plug NODE [LINK]',
    'The cable of this node (default: all of its cables) is put in again.',
    (stage, values) => stage.cable(word(values, 'node'), orNull(values, 'link'), true),
  ),
  verb(
    'ping-loss NODE [WITNESS]',
    'This ping host (default: every one) answers the node no more. Nothing else takes an answer away, not even a cut.',
    (stage, values) => stage.witness(word(values, 'node'), orNull(values, 'witness'), false),
    (stage, values) => stage.witness(word(values, 'node'), orNull(values, 'witness'), true),
  ),
  verb(
    'ping-back NODE [WITNESS]',
    'This ping host (default: every one) answers the node again.',
    (stage, values) => stage.witness(word(values, 'node'), orNull(values, 'witness'), true),
  ),
  trouble('loss PERCENT [LINK] [NODE] [in|out]', 'Packets get lost.', (values) => ({
    lossRate: amount(values, 'percent'),
  })),
  trouble('delay TIME [LINK] [NODE] [in|out]', 'Packets arrive later by so much.', (values) => ({
    delayMs: amount(values, 'time'),
  })),
  trouble(
    'jitter TIME [LINK] [NODE] [in|out]',
    'Packets arrive later by up to so much, each by another amount.',
    (values) => ({
      jitterMs: amount(values, 'time'),
    }),
  ),
  trouble('duplicate PERCENT [LINK] [NODE] [in|out]', 'Packets come twice.', (values) => ({
    duplicateRate: amount(values, 'percent'),
  })),
  trouble('corrupt PERCENT [LINK] [NODE] [in|out]', 'Packets arrive with a wrong bit.', (values) => ({
    corruptRate: amount(values, 'percent'),
  })),
  verb('heal [all]', 'Every link is as new.', (stage) =>
    stage.heal({ node: null, link: null, direction: 'both' }),
  ),
  verb('heal LINK', 'This link is as new.', (stage, values) => stage.heal(place(values))),
  verb('heal NODE [LINK] [in|out]', 'The cables of this node are as new.', (stage, values) =>
    stage.heal(place(values)),
  ),
  ...behaviours,
  script('RESOURCE is missing [on NODE]', 'There is no script of that name.', 'start', () => ({
    outcome: 'missing',
  })),
  verb('RESOURCE crashes on NODE', 'The service (or address) ends by itself.', (stage, values) =>
    stage.crash(word(values, 'resource'), word(values, 'node')),
  ),
  verb(
    'RESOURCE begins on NODE',
    'Somebody starts the service by hand, behind the back of the cluster.',
    (stage, values) => stage.begin(word(values, 'resource'), word(values, 'node')),
  ),
  verb('standby NODE [SET]', 'hb_standby on this node (default: all).', (stage, values) =>
    stage.request(word(values, 'node'), { kind: 'standby', set: setOf(values) }),
  ),
  verb('takeover NODE [SET]', 'hb_takeover on this node (default: all).', (stage, values) =>
    stage.request(word(values, 'node'), { kind: 'takeover', set: setOf(values) }),
  ),
  verb('cleanup GROUP on NODE', '"heartbeat cleanup" on this node.', (stage, values) =>
    stage.request(word(values, 'node'), { kind: 'cleanup', group: word(values, 'group') }),
  ),
  verb('maintenance on|off on NODE', '"heartbeat maintenance" on this node.', (stage, values) =>
    stage.request(word(values, 'node'), { kind: 'maintenance', on: values.get('on') === 'on' }),
  ),
  verb('confirm NODE:off off on NODE', '"heartbeat fence-confirm" on this node.', (stage, values) =>
    stage.request(word(values, 'node'), { kind: 'fenceConfirm', node: word(values, 'off') }),
  ),
  verb(
    'fencing of NODE works|fails|hangs|lies',
    'How the fencing devices behave with which this node can reset others.',
    (stage, values) => stage.fencing(word(values, 'node'), word(values, 'works') as DeviceOutcome),
    (stage, values) => stage.fencing(word(values, 'node'), 'works'),
  ),
];

function setOf(values: Values): ResourceSet {
  return (values.get('set') ?? 'all') as ResourceSet;
}

export interface Expectation {
  readonly pattern: string;
  readonly parts: readonly Part[];
  readonly sentence: string;
  readonly kind:
    | 'owner'
    | 'nobody'
    | 'oneOwner'
    | 'neverTwo'
    | 'log'
    | 'noLog'
    | 'outage'
    | 'running'
    | 'off'
    | 'unmoved';
}

const expectation = (kind: Expectation['kind'], pattern: string, sentence: string): Expectation => ({
  kind,
  pattern,
  parts: readPattern(pattern),
  sentence,
});

/** What stands behind `expect`. */
export const EXPECTATIONS: readonly Expectation[] = [
  expectation('owner', 'GROUP on NODE [within TIME]', 'The whole group runs there and nowhere else.'),
  expectation('nobody', 'nobody has GROUP [within TIME]', 'Nothing of the group is active anywhere.'),
  expectation(
    'oneOwner',
    'one owner of GROUP [within TIME]',
    'The whole group runs on exactly one node, whichever.',
  ),
  expectation(
    'neverTwo',
    'never two owners [longer than TIME]',
    'In the whole scenario no group is on two nodes at once (or not for longer).',
  ),
  expectation(
    'outage',
    'outage of GROUP < TIME',
    'No interruption of the group, from its first start, is as long.',
  ),
  expectation('outage', 'outage < TIME', 'The same for every group.'),
  expectation('unmoved', 'nothing moves for TIME', 'In that time no group changes its place.'),
  expectation(
    'log',
    'log CODE [on NODE] [within TIME]',
    'A log line or event of that code; "within": from now on.',
  ),
  expectation('noLog', 'no log CODE [on NODE]', 'In the whole scenario none of that code.'),
  expectation('running', 'NODE running [within TIME]', 'The daemon of that node runs.'),
  expectation('off', 'NODE down [within TIME]', 'The daemon of that node does not run.'),
];
