import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NULL_MODEM = fileURLToPath(new URL('./null-modem.js', import.meta.url));

/** A null-modem cable of two ptys in a process of its own, so that it can be stopped, and can vanish. */
export class Modem {
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
