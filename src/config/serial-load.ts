/** Whether a serial line is fast enough for the heartbeats that the configuration sends over it. */

/** Start bit, 8 data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** A heartbeat in the classic format without names, groups and digest (its fields: heartbeat-protocol.md section 6). */
const BARE_STATUS_BYTES = 235;
/** Nonce and separators of a peer, and of each link on which it is heard, in the extra field. */
const PEER_BYTES = 18;
const LINK_BYTES = 8;
/** A claim on a group: a letter and its epoch. */
const CLAIM_BYTES = 3;

export interface StatusParts {
  readonly self: string;
  readonly peers: readonly string[];
  /** Names of all links: interfaces and devices. */
  readonly links: readonly string[];
  readonly groups: number;
  readonly method: 'crc' | 'md5' | 'sha1' | 'sha256' | 'sha512';
}

const DIGEST_BYTES: Readonly<Record<StatusParts['method'], number>> = {
  crc: 8,
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha512: 128,
};

/** About how many bytes one heartbeat of this node takes on a serial line. */
export function statusFrameBytes(parts: StatusParts): number {
  // A slash becomes three characters in the extra field.
  const names = parts.links.map((link) => link.replaceAll('/', '%2F').length + LINK_BYTES);
  const perPeer = PEER_BYTES + names.reduce((sum, bytes) => sum + bytes, 0);
  const peers = parts.peers.reduce((sum, name) => sum + name.length + perPeer, 0);
  return (
    BARE_STATUS_BYTES + parts.self.length + peers + parts.groups * CLAIM_BYTES + DIGEST_BYTES[parts.method]
  );
}

/** More than this share of a line for heartbeats leaves too little for the rest. */
const BUSY_SHARE = 0.5;
/** One heartbeat under way, one message whose turn it is, and the newest heartbeat, twice over for safety. */
const FRAMES_WITHIN_DEADTIME = 6;

/**
 * What is to be said about a line of that speed, as message and hint; undefined when it is fast enough.
 * `frameBytes` from statusFrameBytes.
 */
export function judgeSerialLine(
  line: { readonly device: string; readonly baud: number },
  frameBytes: number,
  timing: { readonly keepaliveMs: number; readonly deadtimeMs: number },
): { readonly message: string; readonly hint: string } | undefined {
  const frameMs = (frameBytes * BITS_PER_BYTE * 1000) / line.baud;
  const share = frameMs / timing.keepaliveMs;
  const tooSlowForDeadtime = frameMs * FRAMES_WITHIN_DEADTIME > timing.deadtimeMs;
  if (share <= BUSY_SHARE && !tooSlowForDeadtime) return undefined;
  const what = `A heartbeat of about ${frameBytes} bytes takes ${seconds(frameMs)} on ${line.device} at ${line.baud} baud`;
  const hint = `Raise keepalive to ${seconds(roundUp(frameMs / BUSY_SHARE))} or more, deadtime to ${seconds(roundUp(frameMs * FRAMES_WITHIN_DEADTIME))} or more, or set a higher baud.`;
  const message =
    share > 1
      ? `${what}, longer than keepalive (${seconds(timing.keepaliveMs)}): the line carries only one of ${Math.ceil(share)} heartbeats.`
      : share > BUSY_SHARE
        ? `${what}, ${Math.round(share * 100)} % of keepalive (${seconds(timing.keepaliveMs)}): little is left for messages about resources.`
        : `${what}: a heartbeat behind a message may come later than deadtime (${seconds(timing.deadtimeMs)}) allows.`;
  return { message, hint };
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(2))} s`;
}

/** To the next 100 ms. */
function roundUp(ms: number): number {
  return Math.ceil(ms / 100) * 100;
}
