/**
 * STATE_DIR/fifo, through which the scripts of the original speak (heartbeat-protocol.md 16.1): classic messages
 * without a signature, written by whoever may write to it (mode 0600). A writer may give a message in pieces.
 */
import { chmodSync, constants, lstatSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { makeFifo } from '../../system/local-socket.js';
import type { Message } from '../../wire/message.js';
import { parseClassicText } from './frame.js';

export interface Fifo {
  close(): void;
}

const MODE = 0o600;
const MAX_MESSAGE_BYTES = 64 * 1024;

/** Cuts messages out of what is written: from a line `>>>` to a line `<<<`; everything else is skipped. */
export class FifoReader {
  #line = '';
  #message: string | undefined;

  push(chunk: Uint8Array): Message[] {
    const messages: Message[] = [];
    this.#line += Buffer.from(chunk).toString('latin1');
    for (let at = this.#line.indexOf('\n'); at >= 0; at = this.#line.indexOf('\n')) {
      const line = this.#line.slice(0, at + 1);
      this.#line = this.#line.slice(at + 1);
      const message = this.#take(line);
      if (message !== undefined) messages.push(message);
    }
    if (this.#line.length > MAX_MESSAGE_BYTES) this.#line = '';
    return messages;
  }

  #take(line: string): Message | undefined {
    if (line.startsWith('>>>')) this.#message = '';
    if (this.#message === undefined) return undefined;
    this.#message += line;
    const whole = this.#message;
    if (line.startsWith('<<<')) {
      this.#message = undefined;
      return parseClassicText(Buffer.from(whole, 'latin1'));
    }
    if (whole.length > MAX_MESSAGE_BYTES) this.#message = undefined;
    return undefined;
  }
}

/** Makes the FIFO, in place of whatever has its name, and reads it. Gives the reason when it cannot. */
export function openFifo(path: string, onMessage: (message: Message) => void): Fifo | string {
  const problem = prepare(path);
  if (problem !== undefined) return problem;
  let fd: number;
  try {
    // Open for writing as well, so that the last writer's end is not ours.
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    return `Cannot open ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
  const reader = new FifoReader();
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on('data', (chunk: Buffer) => {
    for (const message of reader.push(chunk)) onMessage(message);
  });
  socket.on('error', () => socket.destroy());
  return { close: () => socket.destroy() };
}

function prepare(path: string): string | undefined {
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there?.isFIFO() === true) {
      chmodSync(path, MODE);
      return undefined;
    }
    if (there !== undefined) rmSync(path);
  } catch (error) {
    return `Cannot prepare ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
  const made = makeFifo(path, MODE);
  return made.ok ? undefined : `Cannot make ${path}: ${made.message}`;
}
