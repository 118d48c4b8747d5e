import type { AuthKeys } from '../../config/types.js';
import type { LinkFormat } from '../../links/link.js';
import { createSigner } from '../../wire/auth.js';
import { encodeClassic, encodeNetstring } from '../../wire/encode.js';
import type { Message } from '../../wire/message.js';

/** Signs and encodes each message once per format; a message that is sent again goes out byte for byte the same. */
export class MessageEncoder {
  #signer: ReturnType<typeof createSigner>;
  #encoded = new WeakMap<Message, { netstring?: Uint8Array; classic?: Uint8Array }>();

  constructor(authKeys: AuthKeys) {
    this.#signer = createSigner(authKeys);
  }

  /** New keys: what is sent from now on is signed with the new active one. */
  rekey(authKeys: AuthKeys): void {
    this.#signer = createSigner(authKeys);
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
    return entry.netstring;
  }
}
