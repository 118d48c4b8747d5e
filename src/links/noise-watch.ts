/** Notices when a serial line carries much that is no heartbeat, and says what that usually is. */

/** A break at each opening, and a frame that was under way when the line opened, are not worth a word. */
const NOTICE_BYTES = 512;

export class NoiseWatch {
  #noiseSeen = 0;
  #framesSeen = 0;

  /** A sentence for the log when enough noise has come since the last one. Both numbers count from the opening. */
  notice(line: string, noiseBytes: number, frames: number): string | undefined {
    if (noiseBytes < this.#noiseSeen) this.#noiseSeen = 0;
    const bytes = noiseBytes - this.#noiseSeen;
    if (bytes < NOTICE_BYTES) return undefined;
    const heard = frames > this.#framesSeen;
    this.#noiseSeen = noiseBytes;
    this.#framesSeen = frames;
    return heard
      ? `Noise on ${line}: ${bytes} bytes between the heartbeats were none; look at the cable, its shield and its length.`
      : `Nothing but noise on ${line}: ${bytes} bytes and no heartbeat; is the baud rate the same on both nodes, and does no login prompt (getty) or modem use the line?`;
  }
}
