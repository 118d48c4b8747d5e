/**
 * Bytes of one virtual node: the real codec and the real signatures. Network links carry datagrams, serial lines
 * (`/dev/...`) classic frames through the real framer. A node that plays an original neither sends nor reads the extra field.
 */
import type { AuthKeys } from '../config/types.js';
import { createSigner, createVerifier, type Signer, type Verifier } from '../wire/auth.js';
import { encodeClassic, encodeNetstring } from '../wire/encode.js';
import { EXTRA_FIELD } from '../wire/extra.js';
import type { Message } from '../wire/message.js';
import { decodePacket } from '../wire/packet.js';
import { createSerialFramer, type SerialFramer } from '../wire/serial-framer.js';
import type { Packet } from './network.js';

interface Encoded {
  readonly message: Message;
  readonly packet: Packet;
}

type Decoded = ReturnType<typeof decodePacket>;

/** Whether the link of that name is a serial line. */
export function isSerialLink(link: string): boolean {
  return link.startsWith('/dev/');
}

function withoutExtra(message: Message): Message {
  return { fields: message.fields.filter(({ name }) => name !== EXTRA_FIELD) };
}

export class NodeCodec {
  /** Speaks and hears as an original would: see the head of this file. */
  readonly #original: boolean;
  #signer: Signer;
  #verifier: Verifier;
  /** The newest encoding of each form: the next link carries the same. */
  #datagram: Encoded | undefined;
  #frame: Encoded | undefined;
  /** The newest decoding: the same datagram comes over the next link. */
  #decoded: { readonly packet: Packet; readonly result: Decoded } | undefined;
  readonly #framers = new Map<string, SerialFramer>();

  constructor(authKeys: AuthKeys, original: boolean) {
    this.#original = original;
    this.#signer = createSigner(authKeys);
    this.#verifier = createVerifier(authKeys);
  }

  /** New keys, as after a reload of authkeys. */
  rekey(authKeys: AuthKeys): void {
    this.#signer = createSigner(authKeys);
    this.#verifier = createVerifier(authKeys);
    this.#decoded = undefined;
    this.forgetSent();
  }

  /** A new run encodes anew. */
  forgetSent(): void {
    this.#datagram = undefined;
    this.#frame = undefined;
  }

  /** The bytes of a message for a kind of link; encoded and signed once, as the executor does. */
  encode(message: Message, link: string): Packet {
    const serial = isSerialLink(link);
    const known = serial ? this.#frame : this.#datagram;
    if (known?.message === message) return known.packet;
    const spoken = this.#original ? withoutExtra(message) : message;
    const encode = serial ? encodeClassic : encodeNetstring;
    const packet = { bytes: encode(spoken, this.#signer) };
    if (serial) this.#frame = { message, packet };
    else this.#datagram = { message, packet };
    return packet;
  }

  /** The messages in what came from a link, and how many things in it were none. */
  decode(link: string, packet: Packet): { readonly messages: readonly Message[]; readonly rejected: number } {
    if (!isSerialLink(link)) return this.#judge([this.#decodeOnce(packet)]);
    let framer = this.#framers.get(link);
    if (framer === undefined) {
      framer = createSerialFramer();
      this.#framers.set(link, framer);
    }
    return this.#judge(framer.feed(packet.bytes).map((frame) => decodePacket(frame, this.#verifier)));
  }

  /** The same datagram on a second link has the same bytes: what was decoded once need not be again. */
  #decodeOnce(packet: Packet): Decoded {
    if (this.#decoded?.packet === packet) return this.#decoded.result;
    const result = decodePacket(packet.bytes, this.#verifier);
    this.#decoded = { packet, result };
    return result;
  }

  #judge(decoded: readonly Decoded[]): { readonly messages: readonly Message[]; readonly rejected: number } {
    const messages: Message[] = [];
    let rejected = 0;
    for (const result of decoded) {
      if (!result.ok) rejected += 1;
      else messages.push(this.#original ? withoutExtra(result.message) : result.message);
    }
    return { messages, rejected };
  }
}
