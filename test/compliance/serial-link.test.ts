import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SerialLink } from '../../src/links/serial.js';
import { type LinkPair, linkCompliance } from './link-compliance.js';

const NULL_MODEM = fileURLToPath(new URL('./support/null-modem.js', import.meta.url));
const GONE = 'the device disappears';
const HELD = 'the other end takes no bytes';

class Modem {
  readonly folder = mkdtempSync(join(tmpdir(), 'heartbeat-serial-'));
  readonly left = join(this.folder, 'left');
  readonly right = join(this.folder, 'right');
  #process: ChildProcess | undefined;

  /** Resolves when both device names lead to a line. */
  async start(): Promise<void> {
    rmSync(this.left, { force: true });
    rmSync(this.right, { force: true });
    const child = spawn(process.execPath, [NULL_MODEM], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.on('exit', () => reject(new Error('the null modem ended')));
      child.stdout.on('data', (bytes: Buffer) => {
        output += bytes.toString();
        if (output.split('\n').length > 2) resolve();
      });
    });
    const [left = '', right = ''] = output.split('\n');
    // The right one first: when the left link is up again, the other one can be.
    symlinkSync(right, this.right);
    symlinkSync(left, this.left);
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  close(): void {
    this.signal('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }
}

/** A frame of exactly `length` bytes, of which the smallest has 8. */
function frame(length: number): Uint8Array {
  const noise = Array.from({ length: length - 9 }, (_, i) =>
    String.fromCharCode(33 + ((i * 7 + length) % 90)),
  );
  return Buffer.from(`>>>\n${noise.join('').replace(/[<>]/g, '.')}\n<<<\n`, 'latin1');
}

async function makePair(): Promise<LinkPair> {
  const modem = new Modem();
  await modem.start();
  // Fast enough for 9 kB frames; a pty takes no notice of it.
  const left = new SerialLink(modem.left, 115_200);
  const right = new SerialLink(modem.right, 115_200);
  return {
    left,
    right,
    onRight: (action) => action(),
    message: frame,
    untilSent: async () => {
      while (right.counters.sentPackets === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    faults: [
      {
        name: GONE,
        says: /the device has disappeared/,
        break: () => modem.signal('SIGKILL'),
        repair: () => void modem.start(),
      },
      {
        name: HELD,
        says: /the other end takes no bytes/,
        break: () => modem.signal('SIGSTOP'),
        repair: () => modem.signal('SIGCONT'),
      },
    ],
    close: () => modem.close(),
  };
}

linkCompliance('serial', [GONE, HELD], makePair, { ofInterface: false });
