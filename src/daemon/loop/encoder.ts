import type { AuthKeys } from '../../config/types.js';
import type { LinkFormat } from '../../links/link.js';
import { createSigner } from '../../wire/auth.js';
import { encodeClassic, encodeNetstring } from '../../wire/encode.js';
import type { Message } from '../../wire/message.js';

/** Signs and encodes each message once per format; a message that is sent again goes out byte for byte the same. */
export class MessageEncoder {
  #keys: AuthKeys;
  #signer: ReturnType<typeof createSigner>;
  /** Index of the key that a peer wants to be spoken to with; undefined: the active one. */
  #followed: number | undefined;
  #encoded = new WeakMap<Message, { netstring?: Uint8Array; classic?: Uint8Array }>();

  #latest: Buffer | undefined;

  constructor(authKeys: AuthKeys) {
    this.#keys = authKeys;
    this.#signer = createSigner(authKeys);
  }

  /** New keys: what is sent from now on is signed with the new active one. */
  rekey(authKeys: AuthKeys): void {
    this.#keys = authKeys;
    this.#prepare();
  }

  /**
   * From now on signs with the key of that index instead of the active one; undefined: with the active one again. An
   * index without a key changes nothing. Returns whether something changed.
   */
  follow(index: number | undefined): boolean {
    const wanted = index === this.#keys.activeIndex ? undefined : index;
    if (wanted === this.#followed) return false;
    if (wanted !== undefined && !this.#has(wanted)) return false;
    this.#followed = wanted;
    this.#prepare();
    return true;
  }

  #has(index: number): boolean {
    return this.#keys.keys.some((key) => key.index === index);
  }

  #prepare(): void {
    const followed = this.#followed !== undefined && this.#has(this.#followed) ? this.#followed : undefined;
    this.#signer = createSigner({ ...this.#keys, activeIndex: followed ?? this.#keys.activeIndex });
    this.#encoded = new WeakMap();
  }

  encode(message: Message, format: LinkFormat): Uint8Array {
    let entry = this.#encoded.get(message);
    if (entry === undefined) {
      entry = {};
      this.#encoded.set(message, entry);
    }
    if (format === 'classic') {
      entry.classic ??= encodeClassic(message, this.#signer);
      return entry.classic;
    }
    entry.netstring ??= encodeNetstring(message, this.#signer);
    this.#latest = Buffer.from(
      entry.netstring.buffer,
      entry.netstring.byteOffset,
      entry.netstring.byteLength,
    );
    return entry.netstring;
  }

  /** Whether these are the bytes of the netstring message that was encoded last. */
  isLatest(bytes: Uint8Array): boolean {
    return this.#latest?.equals(bytes) ?? false;
  }
}
