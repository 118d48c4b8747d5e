/**
 * A typed channel of JSON lines over a connected stream: loop and runner talk over one (socket pair on file
 * descriptor 3 of the child), and the control socket uses the same framing. Messages are trusted to have the type
 * that the caller names only between processes of this program; the control socket checks what it receives.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Longest line taken, in bytes: a checkpoint or a configuration with a hundred groups is far below it. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

export interface ChannelHandlers<In> {
  /** One whole message, in the order of sending. */
  onMessage(message: In): void;
  /** Called once, when nothing will come any more: the other side is gone, or broke the framing. */
  onEnd(reason: string): void;
}

export interface Channel<Out> {
  /** Queues one message. False: the channel is closed and the message is lost. Never throws, never blocks. */
  send(message: Out): boolean;
  /** Bytes queued here that the kernel has not taken yet: the sender bounds its own flood with it. */
  readonly pendingBytes: number;
  readonly open: boolean;
  /** Sends what is queued, then closes. */
  close(): void;
  /** Closes at once. */
  destroy(): void;
}

export interface LineReader {
  /** Takes a chunk; false when a line grew beyond the bound (the caller closes). */
  push(chunk: Buffer): boolean;
}

/** Splits a byte stream into lines without their newline; empty lines are dropped. UTF-8. */
export function createLineReader(maxLineBytes: number, onLine: (line: string) => void): LineReader {
  let pieces: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(10, start);
        const piece = chunk.subarray(start, end < 0 ? chunk.length : end);
        if (size + piece.length > maxLineBytes) return false;
        if (end < 0) {
          if (piece.length > 0) pieces.push(piece);
          size += piece.length;
          return true;
        }
        const line = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]);
        pieces = [];
        size = 0;
        start = end + 1;
        if (line.length > 0) onLine(line.toString('utf8'));
      }
    },
  };
}

/** Opens a channel over a connected stream. A line that is not JSON ends the channel. */
export function openChannel<In, Out>(
  stream: Duplex,
  handlers: ChannelHandlers<In>,
  maxLineBytes: number = MAX_LINE_BYTES,
): Channel<Out> {
  let open = true;
  const finish = (reason: string): void => {
    if (!open) return;
    open = false;
    stream.destroy();
    handlers.onEnd(reason);
  };
  const reader = createLineReader(maxLineBytes, (line) => {
    if (!open) return;
    const message = parse<In>(line);
    if (message === undefined) finish('a line was not JSON');
    else handlers.onMessage(message);
  });
  stream.on('data', (chunk: Buffer) => {
    if (!reader.push(chunk)) finish(`a line was longer than ${maxLineBytes} bytes`);
  });
  stream.on('end', () => finish('closed by the other side'));
  stream.on('close', () => finish('closed'));
  stream.on('error', (error: Error) => finish(error.message));
  return {
    send(message) {
      if (!open || !stream.writable) return false;
      stream.write(`${JSON.stringify(message)}\n`);
      return true;
    },
    get pendingBytes() {
      return stream.writableLength;
    },
    get open() {
      return open;
    },
    close() {
      if (stream.writable) stream.end();
    },
    destroy() {
      open = false;
      stream.destroy();
    },
  };
}

/** The channel on an inherited file descriptor (3 in loop and runner). */
export function openChannelOnFd<In, Out>(fd: number, handlers: ChannelHandlers<In>): Channel<Out> {
  return openChannel<In, Out>(new Socket({ fd, readable: true, writable: true }), handlers);
}

function parse<In>(line: string): In | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as In) : undefined;
  } catch {
    return undefined;
  }
}
