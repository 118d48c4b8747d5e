/** An archive for the kernel's initramfs, in the "newc" form of cpio (cpio(5)). */

const TRAILER = 'TRAILER!!!';
const FILE = 0o100000;
const FOLDER = 0o040000;
const LINK = 0o120000;

/** Collects files; `bytes` gives the archive. Folders are made as needed. */
export class Archive {
  readonly #pieces: Buffer[] = [];
  readonly #folders = new Set<string>(['']);
  #number = 1;

  /** `path` from the top, without a leading slash or with one. A later file of the same path replaces an earlier. */
  file(path: string, content: Buffer | string, mode = 0o644): void {
    this.#add(path, FILE | mode, Buffer.from(content));
  }

  link(path: string, target: string): void {
    this.#add(path, LINK | 0o777, Buffer.from(target));
  }

  folder(path: string, mode = 0o755): void {
    const clean = path.replace(/^\/+/, '');
    if (this.#folders.has(clean)) return;
    this.#folders.add(clean);
    this.#add(clean, FOLDER | mode, Buffer.alloc(0));
  }

  bytes(): Buffer {
    const size = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    const end = this.#entry(TRAILER, 0, Buffer.alloc(0));
    return Buffer.concat([...this.#pieces, end], size + end.length);
  }

  #add(path: string, mode: number, content: Buffer): void {
    const clean = path.replace(/^\/+/, '');
    const parents = clean.split('/').slice(0, -1);
    for (let depth = 1; depth <= parents.length; depth++) this.folder(parents.slice(0, depth).join('/'));
    this.#pieces.push(this.#entry(clean, mode, content));
  }

  #entry(name: string, mode: number, content: Buffer): Buffer {
    const fields = [
      this.#number++,
      mode,
      0,
      0,
      1,
      0,
      content.length,
      0,
      0,
      0,
      0,
      Buffer.byteLength(name) + 1,
      0,
    ];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    return Buffer.concat([padded(Buffer.from(`${header}${name}\0`)), padded(content)]);
  }
}

function padded(bytes: Buffer): Buffer {
  const missing = (4 - (bytes.length % 4)) % 4;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
