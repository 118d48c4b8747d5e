import type { Impairment } from '../protocol.js';
import { ETH_P_ALL, PacketSocket } from './packet-socket.js';

/** A small random sequence (mulberry32): the same seed gives the same faults. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ETHERNET_BYTES = 14;
const UDP = 17;

/** Turns one bit over behind the Ethernet header, or, where asked for and possible, inside a UDP payload. */
function damage(frame: Buffer, random: () => number, passChecksum: boolean): void {
  let from = ETHERNET_BYTES;
  const isIpv4 = frame.length > 34 && frame.readUInt16BE(12) === 0x0800;
  if (passChecksum) {
    if (!isIpv4 || frame.readUInt8(23) !== UDP) return;
    const udp = ETHERNET_BYTES + (frame.readUInt8(14) & 0x0f) * 4;
    if (frame.length <= udp + 8) return;
    frame.writeUInt16BE(0, udp + 6);
    from = udp + 8;
  }
  const at = from + Math.floor(random() * (frame.length - from));
  frame.writeUInt8(frame.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
}

function impair(
  impairment: Impairment,
  random: () => number,
  frame: Buffer,
  pass: (f: Buffer) => void,
): void {
  const chosen = (percent: number | undefined): boolean => percent !== undefined && random() * 100 < percent;
  if (chosen(impairment.lossPercent)) return;
  if (chosen(impairment.corruptPercent)) damage(frame, random, impairment.corruptPassesChecksum ?? false);
  const copies = chosen(impairment.duplicatePercent) ? 2 : 1;
  for (let copy = 0; copy < copies; copy += 1) {
    let holdMs = (impairment.delayMs ?? 0) + random() * (impairment.jitterMs ?? 0);
    if (chosen(impairment.reorderPercent)) holdMs += impairment.reorderByMs ?? 20;
    if (holdMs <= 0) pass(frame);
    else setTimeout(pass, holdMs, frame);
  }
}

/** Joins two interfaces frame by frame and impairs what passes. `near` is the machine's port. */
export class Relay {
  readonly #near: PacketSocket;
  readonly #far: PacketSocket;

  constructor(near: string, far: string, impairments: readonly Impairment[]) {
    const pathFor = (direction: 'in' | 'out', pass: (frame: Buffer) => void): ((frame: Buffer) => void) => {
      let path = pass;
      for (const impairment of impairments) {
        if ((impairment.direction ?? 'both') !== 'both' && impairment.direction !== direction) continue;
        const next = path;
        const random = randomFrom(
          (impairment.seed ?? Math.floor(Math.random() * 2 ** 32)) + (direction === 'in' ? 1 : 0),
        );
        path = (frame) => impair(impairment, random, frame, next);
      }
      return path;
    };
    const outward = pathFor('out', (frame) => this.#far.send(frame));
    const inward = pathFor('in', (frame) => this.#near.send(frame));
    this.#near = new PacketSocket(near, ETH_P_ALL, (frame) => outward(frame));
    this.#far = new PacketSocket(far, ETH_P_ALL, (frame) => inward(frame));
  }

  close(): void {
    this.#near.close();
    this.#far.close();
  }
}
