/**
 * Decodes what arrives. The same heartbeat comes over every link, byte for byte: it is parsed and its signature is judged
 * once, and the copies are recognised by their bytes.
 */
import type { Verifier } from '../../wire/auth.js';
import { type DecodeResult, decodePacket } from '../../wire/packet.js';

/** Between two copies on two links a packet or two of other nodes may arrive. */
const REMEMBERED = 4;

interface Remembered {
  readonly bytes: Buffer;
  readonly result: DecodeResult;
}

export class PacketReader {
  #verifier: Verifier | undefined;
  readonly #last: Remembered[] = [];

  /** As decodePacket; a copy gives the very same result. `bytes` must not be changed afterwards. */
  read(bytes: Uint8Array, verifier: Verifier): DecodeResult {
    // Other keys, other verdicts.
    if (verifier !== this.#verifier) this.#last.length = 0;
    this.#verifier = verifier;
    const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const known of this.#last) if (known.bytes.equals(packet)) return known.result;
    const result = decodePacket(packet, verifier);
    // What is refused is not remembered: a flood of it must not push out what is right.
    if (result.ok) {
      if (this.#last.length === REMEMBERED) this.#last.shift();
      this.#last.push({ bytes: packet, result });
    }
    return result;
  }
}
