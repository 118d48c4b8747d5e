/** QEMU's monitor: stops and continues the whole machine (QMP, JSON lines over a socket). */
import { createConnection, type Socket } from 'node:net';

export class QmpMonitor {
  readonly path: string;
  #socket: Socket | undefined;
  #heard = '';
  readonly #answers: ((answer: Record<string, unknown>) => void)[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** The machine stands still: processors, timers, devices. */
  async stop(): Promise<void> {
    await this.command('stop');
  }

  async continue(): Promise<void> {
    await this.command('cont');
  }

  /** One command without arguments; rejects when QEMU refuses it. */
  async command(execute: string): Promise<unknown> {
    await this.#open();
    const answer = await this.#ask(execute);
    if ('error' in answer) throw new Error(`QEMU refuses ${execute}: ${JSON.stringify(answer.error)}`);
    return answer.return;
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #open(): Promise<void> {
    if (this.#socket !== undefined) return;
    const socket = createConnection(this.path);
    this.#socket = socket;
    socket.on('data', (chunk) => this.#hear(chunk.toString('utf8')));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    await this.#ask('qmp_capabilities');
  }

  #ask(execute: string): Promise<Record<string, unknown>> {
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      this.#socket?.write(`${JSON.stringify({ execute })}\n`);
    });
  }

  #hear(text: string): void {
    this.#heard += text;
    const lines = this.#heard.split('\n');
    this.#heard = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.trim() !== '')) {
      const message = JSON.parse(line) as Record<string, unknown>;
      if ('return' in message || 'error' in message) this.#answers.shift()?.(message);
    }
  }
}
