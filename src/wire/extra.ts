/**
 * The one extra signed field that nodes of this program add to each status (architecture.md, "One extra field
 * on the wire"). The original ignores unknown fields. This file is its type; `encodeExtra` and `parseExtra`
 * stand beside the other codecs.
 */

/** Name of the field in a status message. */
export const EXTRA_FIELD = 'hbx';

/** Whether a node is responsible for a group at this moment, and if not, why. */
export type GroupHold =
  /** Not responsible, nothing of it runs here. */
  | 'free'
  /** Responsible: starting, running or still stopping. A node holds until it reports the release finished. */
  | 'held'
  /** Responsible because this node declared the group's owner dead; becomes `held` once the two have talked again. */
  | 'taken'
  /** Still holding, but on the way to `free`: nobody may start it yet, and it gives way to any other holder. */
  | 'releasing'
  /** Not responsible, and a start failed here: do not offer it to this node before a cleanup. */
  | 'failed';

export interface GroupClaim {
  readonly hold: GroupHold;
  /** Counts changes of owner; a taker announces the highest epoch it has seen plus one. 0..2^53-1. */
  readonly epoch: number;
}

export interface HeardLink {
  /** Link name as the confirming node knows it ("eth0", "/dev/ttyS0"). */
  readonly link: string;
  /** Highest sequence number of a status heard on that link in the peer's current run (only these refresh its life). */
  readonly seq: number;
}

export interface HeardPeer {
  readonly node: string;
  /** The peer's run nonce as last heard (16 hex digits). */
  readonly nonce: string;
  readonly links: readonly HeardLink[];
}

/**
 * What the files of the configuration are, without telling what stands in them: a keyed digest each (16 hex digits).
 * Digests are only comparable when `keyHint`, the digest of a fixed word under the same key, is equal.
 */
export interface FileDigests {
  readonly keyHint: string;
  readonly digests: readonly { readonly file: string; readonly digest: string }[];
}

export interface Extra {
  /** Version of this field's format. Unknown higher versions are read as far as they parse. */
  readonly version: number;
  /** Program version, e.g. "4.0.0". */
  readonly program: string;
  /** Words such as "groups"; unknown ones are ignored. */
  readonly capabilities: readonly string[];
  /** 16 hex digits, new for every run of the daemon (kept when only the loop process is restarted). */
  readonly nonce: string;
  readonly heard: readonly HeardPeer[];
  /** 8 hex digits: digest of the ordered list of (node, group key); claims are only comparable if it is equal. */
  readonly groupsDigest: string;
  /** One claim per group in the order of haresources; encoded run-length, so 100 equal claims are one run. */
  readonly claims: readonly GroupClaim[];
  /** Counts the changes of maintenance: odd is on, even is off, the highest heard counts. Absent: never changed. */
  readonly maintenance?: number;
  /** Keyed digests of this node's configuration files. Absent: nothing is said of them. */
  readonly files?: FileDigests;
  /**
   * What this node loses of the others' messages: thousandths in place of the number, an empty nonce, only links that
   * lose something. Absent: nothing.
   */
  readonly losses?: readonly HeardPeer[];
  /** Numbers of groups (in the order of `claims`) whose interface has no carrier on this node. Absent: none. */
  readonly noCarrier?: readonly number[];
}
