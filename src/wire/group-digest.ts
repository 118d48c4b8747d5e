/** Digest of haresources as far as claims on groups depend on it (architecture.md, "One extra field on the wire"). */

/** Who prefers a group and what it is called. */
export interface GroupIdentity {
  /** Preferred node, lower-case. */
  readonly node: string;
  /** First resource word exactly as written. */
  readonly key: string;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the UTF-16 units of `text`, low byte first, and a final zero unit. */
function hashText(state: number, text: string): number {
  let hash = state;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0;
    hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME);
    hash = Math.imul(hash ^ (unit >>> 8), FNV_PRIME);
  }
  return hash;
}

/** Eight lower-case hex digits; equal for equal lists in equal order. It detects differing files, not forgers. */
export function groupsDigest(groups: readonly GroupIdentity[]): string {
  let hash = FNV_OFFSET;
  for (const group of groups) hash = hashText(hashText(hash, group.node), group.key);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
