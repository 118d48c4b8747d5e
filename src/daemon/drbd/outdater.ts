/**
 * What the original's dopd does, in the runner: DRBD's fence-peer handler asks this node, this node asks the other one
 * over the heartbeat links, and there `drbdadm outdate RESOURCE` says that its copy is old. On the wire and on the
 * local socket it speaks as the original, so that either side of a pair, and either handler, may be the original's.
 *
 *     drbd-peer-outdater --(RUN_DIR/dopd/outdater)--> here --(start_outdate)--> there: drbdadm outdate
 *                        <--(outdater_rc)------------      <--(outdate_rc)----
 */
import type { LogLevel } from '../../core/effect.js';
import type { Command } from '../../core/input.js';
import { isResourceName, PEER, peerState } from './codes.js';

/** A message of another node's dopd. */
export interface OutdateMessage {
  readonly type: string;
  readonly from: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Types of messages that are for this part. */
export const OUTDATE_TYPES: readonly string[] = ['start_outdate', 'outdate_rc'];

export interface OutdaterParts {
  readonly self: () => string;
  /** Name of a node as ha.cf has it and whether it is alive; undefined: there is none of this name. */
  readonly isAlive: (node: string) => Promise<boolean | undefined>;
  readonly send: (command: Command) => void;
  /** Runs `drbdadm outdate RESOURCE`; its exit code, undefined: it did not end by itself. Never rejects. */
  readonly outdate: (resource: string) => Promise<number | undefined>;
  readonly log: (level: LogLevel, code: string, text: string) => void;
}

export interface Outdater {
  /** A handler of this node asks: outdates the resource on the peer. Resolves with its exit code, never rejects. */
  ask(peer: string, resource: string): Promise<number>;
  hear(message: OutdateMessage): void;
}

/** The handler waits 60 s by default; an answer after that is for nobody. */
const ANSWER_LIMIT_MS = 60_000;

export function createOutdater(parts: OutdaterParts): Outdater {
  const waiting = new Map<string, ((code: number) => void)[]>();
  const running = new Map<string, Promise<number | undefined>>();
  const { log } = parts;

  const say = (type: string, dest: string, fields: Readonly<Record<string, string>>): void => {
    const own = { dest, from_id: 'dopd', to_id: 'dopd', client_gen: '0' };
    parts.send({ kind: 'broadcast', type, fields: { ...fields, ...own } });
  };

  const answered = (peer: string, resource: string, code: number): void => {
    const key = `${peer} ${resource}`;
    const all = waiting.get(key) ?? [];
    waiting.delete(key);
    for (const resolve of all) resolve(code);
  };

  const outdateHere = async (from: string, resource: string): Promise<void> => {
    if (!isResourceName(resource)) {
      log('warn', 'outdate-refused', `${from} asks to outdate a resource whose name is none: refused.`);
      return;
    }
    const run = running.get(resource) ?? parts.outdate(resource);
    running.set(resource, run);
    const code = await run;
    running.delete(resource);
    const state = peerState(code);
    log(
      'info',
      'outdate',
      `${from} asked to outdate ${resource}: drbdadm gave ${code ?? 'nothing'}, answered ${state}.`,
    );
    say('outdate_rc', from, { dop_value: String(state), dop_res: resource });
  };

  return {
    async ask(peer, resource) {
      const node = peer.toLowerCase();
      const alive = node === parts.self().toLowerCase() ? undefined : await parts.isAlive(node);
      if (alive !== true || !isResourceName(resource)) {
        const why =
          alive === undefined ? 'is no other node of ha.cf' : alive ? 'is asked for no resource' : 'is dead';
        log('warn', 'outdate-unreachable', `The DRBD peer ${JSON.stringify(peer).slice(0, 80)} ${why}.`);
        return PEER.unreachable;
      }
      const key = `${node} ${resource}`;
      return await new Promise<number>((resolve) => {
        const all = waiting.get(key) ?? [];
        waiting.set(key, [...all, resolve]);
        setTimeout(() => {
          if (waiting.get(key)?.includes(resolve) === true) answered(node, resource, PEER.unreachable);
        }, ANSWER_LIMIT_MS).unref();
        if (all.length > 0) return;
        log('info', 'outdate-asked', `Asking ${node} to outdate ${resource}.`);
        say('start_outdate', node, { dop_res: resource });
      });
    },
    hear({ type, from, fields }) {
      const resource = fields.dop_res ?? '';
      if (type === 'start_outdate') void outdateHere(from, resource);
      else if (type === 'outdate_rc') {
        const code = Number(fields.dop_value);
        const known: readonly number[] = Object.values(PEER);
        answered(from.toLowerCase(), resource, known.includes(code) ? code : PEER.unknown);
      }
    },
  };
}
