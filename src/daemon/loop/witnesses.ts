/** The loop's side of the witnesses: what is asked is signed, and only an answer with that signature counts. */
import type { ClusterConfig } from '../../config/types.js';
import { createPinger, type Pinger, witnessAddresses } from '../../links/ping.js';
import type { Verifier } from '../../wire/auth.js';
import { text, textOf } from '../../wire/message.js';
import { decodePacket } from '../../wire/packet.js';
import type { MessageEncoder } from './encoder.js';

export interface WitnessParts {
  readonly config: ClusterConfig;
  readonly encoder: MessageEncoder;
  readonly verifier: () => Verifier;
  readonly onAnswer: (witness: string) => void;
  readonly onProblem: (sentence: string) => void;
}

export class LoopWitnesses {
  readonly #parts: WitnessParts;
  readonly #pinger: Pinger | undefined;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    const addresses = witnessAddresses(parts.config.media);
    if (addresses.size === 0) return;
    this.#pinger = createPinger(addresses, process.pid, {
      onReply: (data) => this.#answered(data),
      onProblem: parts.onProblem,
    });
  }

  /** `info`: "ping" or "ping_group" (heartbeat-protocol.md 15.1). */
  ask(witness: string, info: string): void {
    if (this.#pinger === undefined) return;
    const ts = Math.floor(Date.now() / 1000).toString(16);
    const fields = [
      text('t', 'NS_st'),
      text('st', 'ping'),
      text('info', info),
      text('src', witness),
      text('ts', ts),
    ];
    this.#pinger.ask(witness, this.#parts.encoder.encode({ fields }, 'netstring'));
  }

  hasUnread(): boolean {
    return this.#pinger?.hasUnread() ?? false;
  }

  close(): void {
    this.#pinger?.close();
  }

  #answered(data: Uint8Array): void {
    const decoded = decodePacket(data, this.#parts.verifier());
    if (!decoded.ok || textOf(decoded.message, 't') !== 'NS_st') return;
    const witness = textOf(decoded.message, 'src');
    if (witness !== undefined) this.#parts.onAnswer(witness);
  }
}
