/** The exit codes that DRBD's fence-peer handler gives back (drbd.conf(5)), and how `drbdadm outdate` becomes one. */

export const PEER = { inconsistent: 3, outdated: 4, unreachable: 5, primary: 6, unknown: 20 } as const;

/** Exit code of drbdadm on the peer -> what the peer is (heartbeat-admin.md 8.4; seen on the wire of the original). */
const OF_DRBDADM: Readonly<Record<number, number>> = {
  0: PEER.outdated,
  5: PEER.inconsistent,
  17: PEER.primary,
};

/** Any other end of drbdadm says nothing about the disk. */
export function peerState(drbdadmCode: number | undefined): number {
  return drbdadmCode === undefined ? PEER.unknown : (OF_DRBDADM[drbdadmCode] ?? PEER.unknown);
}

/** What may be the name of a resource: it becomes an argument of drbdadm. */
export function isResourceName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,126}$/.test(name);
}
