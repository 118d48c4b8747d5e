import type { Link, LinkHandlers, LinkHealth } from '../../../src/links/link.js';

/** Handlers that keep all that a link says. */
export class Heard implements LinkHandlers {
  readonly packets: Buffer[] = [];
  readonly health: LinkHealth[] = [];
  readonly notices: string[] = [];

  onPacket(bytes: Uint8Array, _link: Link): void {
    // The buffer is valid only during the call.
    this.packets.push(Buffer.from(bytes));
  }

  onHealth(health: LinkHealth, _link: Link): void {
    this.health.push(health);
  }

  onNotice(_code: string, sentence: string): void {
    this.notices.push(sentence);
  }

  get up(): boolean {
    return this.health.at(-1)?.up ?? false;
  }

  get down(): boolean {
    return this.health.at(-1)?.up === false;
  }

  /** The sentence of the last report, empty when the link is up. */
  get reason(): string {
    const last = this.health.at(-1);
    return last === undefined || last.up ? '' : last.reason;
  }
}
