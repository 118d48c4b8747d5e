/**
 * What a node said, as a list of words: kinds and order of its sequenced messages, repeated heartbeats left out. Two
 * such lists, one of this run and one of two originals, are compared.
 */

/** A message reduced to what is compared. */
export interface Said {
  readonly from: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A word, and whether its place in the order matters to the other node (reports may be repeated or left out). */
interface Act {
  readonly word: string;
  readonly weighty: boolean;
}

export interface Comparison {
  /** `same`: word for word. `acts`: the acts are the same, reports differ. `differs`: look at it. */
  readonly verdict: 'same' | 'acts' | 'differs';
  /** One sentence; empty when the same. */
  readonly detail: string;
}

const WEIGHTY_INFO: ReadonlySet<string> = new Set(['shutdown', 'standby']);

function actOf(fields: Readonly<Record<string, string>>, handshake: boolean): Act | undefined {
  const { t = '', rsc_hold: hold = '', info = '', isstable: stable = '-' } = fields;
  switch (t) {
    case 'status':
      return { word: `status ${fields.st}`, weighty: false };
    case 'resource':
      return { word: `resource(${hold},${stable}${info && `,${info}`})`, weighty: WEIGHTY_INFO.has(info) };
    case 'ask_resources':
      // A taker that saw a shutdone says "done" outside of any handshake (heartbeat-protocol.md 13.1).
      return { word: `ask(${hold},${info})`, weighty: handshake || info !== 'done' };
    case 'hb_takeover':
      return { word: `hb_takeover(${hold})`, weighty: true };
    case 'stonith':
      return { word: `stonith(${fields.node},${fields.result})`, weighty: true };
    case 'ip-request':
      return { word: 'ip-request', weighty: true };
    case 'ip-request-resp':
      return { word: `ip-request-resp(${fields.dest},${fields.weown})`, weighty: false };
    case 'shutdone':
    case 'starting':
      return { word: t, weighty: true };
    case 'reqnodes':
    case 'repnodes':
      return { word: t, weighty: false };
    default:
      return t.startsWith('NS_') || t === '' ? undefined : { word: t, weighty: false };
  }
}

/** The acts of one node, a word said twice in a row once. */
export function actsOf(said: readonly Said[], from: string): Act[] {
  let handshake = false;
  const acts: Act[] = [];
  // Before a part begins, a node that does not start in it is active.
  let status = 'status active';
  for (const { fields, from: sender } of said) {
    if (fields.t === 'ask_resources' && fields.info === 'me') handshake = true;
    if (sender !== from) continue;
    const act = actOf(fields, handshake);
    if (act === undefined) continue;
    if (fields.t === 'status') {
      if (act.word === status) continue;
      status = act.word;
    }
    if (acts.at(-1)?.word !== act.word) acts.push(act);
  }
  return acts;
}

/** The set that a node reported last; `undefined`: it reported none. */
function lastSet(said: readonly Said[], from: string): string | undefined {
  return said.findLast(
    ({ from: sender, fields }) => sender === from && fields.t === 'resource' && fields.rtype === 'full',
  )?.fields.rsc_hold;
}

const words = (acts: readonly Act[]): string => acts.map(({ word }) => word).join(' ');

/** Compares what both nodes said with a trace of two originals. */
export function compareActs(
  said: readonly Said[],
  reference: readonly Said[],
  nodes: readonly string[],
): Comparison {
  const differences: string[] = [];
  let allSame = true;
  const reports: string[] = [];
  for (const node of nodes) {
    const mine = actsOf(said, node);
    const theirs = actsOf(reference, node);
    if (words(mine) === words(theirs)) continue;
    allSame = false;
    const acts = words(mine.filter(({ weighty }) => weighty));
    const wanted = words(theirs.filter(({ weighty }) => weighty));
    if (acts !== wanted) differences.push(`${node} said [${acts}], traced [${wanted}]`);
    const set = lastSet(said, node);
    const wantedSet = lastSet(reference, node);
    if (wantedSet !== undefined && set !== wantedSet)
      differences.push(`${node} reports ${set} at the end, traced ${wantedSet}`);
    const unlike = difference(
      mine.filter(({ weighty }) => !weighty).map(({ word }) => word),
      theirs.filter(({ weighty }) => !weighty).map(({ word }) => word),
    );
    if (unlike.length > 0) reports.push(`${node} ${unlike.join(' ')}`);
  }
  if (differences.length > 0) return { verdict: 'differs', detail: differences.join('; ') };
  return allSame ? { verdict: 'same', detail: '' } : { verdict: 'acts', detail: reports.join('; ') };
}

/** The words that one list has more (+) or less (-) than the other. */
function difference(mine: readonly string[], theirs: readonly string[]): string[] {
  const left = [...theirs];
  const more = mine.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [...more.map((word) => `+${word}`), ...left.map((word) => `-${word}`)];
}
