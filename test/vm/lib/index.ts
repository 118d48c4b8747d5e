/** The rig of `npm run test:vm`: virtual machines with a real kernel, for what namespaces cannot show. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guest, type GuestOptions, type GuestPlace } from './guest.js';
import { buildImage, type ImageOptions } from './image.js';
import type { Materials } from './materials.js';

export { Guest, type GuestEnd, type GuestOptions, type Output } from './guest.js';
export { GUEST_PROGRAM, type ImageOptions } from './image.js';
export { findMaterials, type Materials } from './materials.js';
export { SerialCable, VirtualSwitch } from './switch.js';

const rigs = new Set<Rig>();
let prepared = false;

/** Whatever ends this process, folders go; the guests go by themselves (see Guest). */
function cleanUpAtTheEnd(): void {
  if (prepared) return;
  prepared = true;
  process.on('exit', () => {
    for (const rig of rigs) rig.destroyNow();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
}

/** A kernel and an image, and the guests that were started with them. */
export class Rig {
  readonly #place: GuestPlace;
  readonly #guests: Guest[] = [];

  constructor(materials: Materials, options: ImageOptions = {}) {
    cleanUpAtTheEnd();
    const folder = mkdtempSync(join(tmpdir(), 'heartbeat-vm-'));
    const image = join(folder, 'image');
    this.#place = { qemu: materials.qemu, kernel: materials.kernel, image, folder };
    rigs.add(this);
    writeFileSync(image, buildImage(materials, options));
  }

  /** Where its image and sockets are until it is destroyed. */
  get folder(): string {
    return this.#place.folder;
  }

  /** Starts a guest and waits until it is up. A name may be used again after its guest has ended. */
  async start(options: GuestOptions): Promise<Guest> {
    const guest = this.launch(options);
    await guest.boot();
    return guest;
  }

  /** Starts a guest; the caller waits for `boot`. */
  launch(options: GuestOptions): Guest {
    const guest = new Guest(this.#place, options);
    this.#guests.push(guest);
    return guest;
  }

  /** Ends all guests and removes the folder. */
  async destroy(): Promise<void> {
    await Promise.all(this.#guests.map((guest) => (guest.isOn ? guest.powerOff() : undefined)));
    this.destroyNow();
  }

  destroyNow(): void {
    rigs.delete(this);
    for (const guest of this.#guests) if (guest.isOn) void guest.powerOff();
    rmSync(this.#place.folder, { recursive: true, force: true });
  }
}
