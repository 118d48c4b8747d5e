/**
 * `ping`, `ping6` and `ping_group`: echo requests to hosts that are no nodes. They carry a signed message as if from the
 * host, so that a forged answer counts for nothing (heartbeat-protocol.md 15.1). Hosts that cannot be reached are no
 * error of ours: they simply do not answer.
 */
import { isIPv6 } from 'node:net';
import type { Medium } from '../config/types.js';
import { type IcmpSocket, openIcmpSocket } from '../system/icmp-socket.js';
import { type Echo, encodeEchoRequest, parseEchoReply } from '../wire/icmp.js';

export interface Pinger {
  /** One request to every address of the witness. */
  ask(witness: string, data: Uint8Array): void;
  /** Answers wait that were not given out yet. */
  hasUnread(): boolean;
  /** Idempotent. */
  close(): void;
}

export interface PingerHandlers {
  /** The data of an echo reply with our identifier. Valid only during the call. */
  onReply(data: Uint8Array): void;
  /** A socket could not be opened, as a sentence. */
  onProblem(sentence: string): void;
}

/** Addresses of each witness of the configuration. */
export function witnessAddresses(media: readonly Medium[]): ReadonlyMap<string, readonly string[]> {
  const addresses = new Map<string, readonly string[]>();
  for (const medium of media) {
    if (medium.kind === 'ping' || medium.kind === 'ping6') addresses.set(medium.node, [medium.address]);
    else if (medium.kind === 'ping_group') addresses.set(medium.node, medium.addresses);
  }
  return addresses;
}

/** `id`: 0..65535, tells our answers from those to other programs. Opens only the sockets that are needed. */
export function createPinger(
  addresses: ReadonlyMap<string, readonly string[]>,
  id: number,
  handlers: PingerHandlers,
): Pinger {
  const all = [...addresses.values()].flat();
  const sockets = new Map<4 | 6, IcmpSocket>();
  let sequence = 0;
  for (const family of [4, 6] as const) {
    if (!all.some((address) => isIPv6(address) === (family === 6))) continue;
    const opened = openIcmpSocket(family, (bytes) => {
      const echo: Echo | undefined = parseEchoReply(family, bytes);
      if (echo !== undefined && echo.id === (id & 0xffff)) handlers.onReply(echo.data);
    });
    if (opened.ok) sockets.set(family, opened.value);
    else handlers.onProblem(`Witnesses cannot be asked over IPv${family}: ${opened.message}.`);
  }
  return {
    ask(witness, data) {
      sequence = (sequence + 1) & 0xffff;
      for (const address of addresses.get(witness) ?? []) {
        const family = isIPv6(address) ? 6 : 4;
        sockets.get(family)?.send(address, encodeEchoRequest(family, { id, sequence, data }));
      }
    },
    hasUnread: () => [...sockets.values()].some((socket) => socket.hasUnread()),
    close() {
      for (const socket of sockets.values()) socket.close();
      sockets.clear();
    },
  };
}
