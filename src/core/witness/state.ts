/** What this node knows of its witnesses: the hosts of `ping`, `ping6` and `ping_group` (heartbeat-admin.md 8.1). */
import type { ClusterConfig } from '../../config/types.js';

export interface Witness {
  /** Name of the pseudo node: the word of the ping line, or the group's name. */
  readonly name: string;
  /** `info` of its messages (heartbeat-protocol.md 15.1). */
  readonly kind: 'ping' | 'ping_group';
  status: 'unknown' | 'ping' | 'dead';
  /** When it last answered; null: never. */
  heardMs: number | null;
}

export interface Witnesses {
  readonly list: readonly Witness[];
  /** This node hears neither its partner nor a witness, and has stopped its services, or not taken any over. */
  isolated: boolean;
  /** It is to hand over, because its partner sees more witnesses. */
  givesUp: boolean;
}

export function newWitnesses(config: ClusterConfig): Witnesses {
  const list = config.media.flatMap((medium): Witness[] => {
    if (medium.kind !== 'ping' && medium.kind !== 'ping6' && medium.kind !== 'ping_group') return [];
    const kind = medium.kind === 'ping_group' ? 'ping_group' : 'ping';
    return [{ name: medium.node, kind, status: 'unknown', heardMs: null }];
  });
  return { list, isolated: false, givesUp: false };
}

/** How many of them answer. One that has not been judged yet counts, so that a start gives nothing away. */
export function visibleCount(witnesses: Witnesses): number {
  return witnesses.list.filter(({ status }) => status !== 'dead').length;
}

/** Whether the witnesses decide anything: there are some, and no device that would decide better. */
export function witnessesDecide(config: ClusterConfig, witnesses: Witnesses): boolean {
  return witnesses.list.length > 0 && (config.stonith ?? []).length === 0;
}
