/** The one place that knows the serialport package; it is loaded when the first line opens. */
import type { SerialPort } from 'serialport';
import { hasUnread } from '../system/poll.js';

export interface SerialPortHandlers {
  onData(bytes: Buffer): void;
  /** The device is gone or failed; nothing follows. */
  onClosed(reason: string): void;
}

export interface OpenPort {
  /** Descriptor of the line, or -1 once it is closed. */
  fd(): number;
  /** Bytes wait in the kernel, or have been read by a thread of Node's and are on their way to `onData`. */
  hasUnread(): boolean;
  /** `done` comes when the driver has taken all bytes; never, if the port closes before. */
  write(bytes: Uint8Array, done: () => void): void;
  /** Idempotent; no handler is called afterwards. */
  close(): void;
}

/** How long the line is held in the break state after it opened. */
const BREAK_MS = 250;

/**
 * Opens a line as heartbeat-protocol.md 2.5 wants it: raw, 8 data bits, no parity, RTS/CTS, an exclusive lock, one
 * break at the start. Rejects with a reason in words ("No such file or directory, cannot open /dev/ttyS9").
 */
export async function openSerialPort(
  path: string,
  baud: number,
  handlers: SerialPortHandlers,
): Promise<OpenPort> {
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({
    path,
    baudRate: baud,
    dataBits: 8,
    parity: 'none',
    stopBits: 1,
    rtscts: true,
    hupcl: true,
    lock: true,
    autoOpen: false,
  });
  await new Promise<void>((resolve, reject) => {
    port.open((error) =>
      error === null ? resolve() : reject(new Error(error.message.replace(/^Error:? /, ''))),
    );
  });
  let open = true;

  function ended(reason: string): void {
    if (!open) return;
    open = false;
    port.destroy();
    handlers.onClosed(reason);
  }

  port.on('data', (bytes: Buffer) => {
    if (open) handlers.onData(bytes);
  });
  // Stays after close, because a late error without a listener would end the process.
  port.on('error', (error: Error) => ended(error.message));
  port.on('close', (error: Error | null) => ended(error?.message ?? 'it was closed'));
  sendBreak(port);

  const fd = () => (open ? (port.port?.fd ?? -1) : -1);
  return {
    fd,
    hasUnread(): boolean {
      if (fd() < 0) return false;
      // The library either waits for the line to become readable, or has a read under way.
      const binding = port.port;
      const waiting =
        binding !== null &&
        binding !== undefined &&
        'poller' in binding &&
        binding.poller.listenerCount('readable') > 0;
      return !waiting || hasUnread(fd());
    },
    write(bytes, done): void {
      if (!open) return;
      port.write(Buffer.from(bytes), (error) => {
        if (open && (error === null || error === undefined)) done();
      });
    },
    close(): void {
      if (!open) return;
      open = false;
      if (port.isOpen) port.close(() => undefined);
    },
  };
}

/** Lines without a break (ptys) refuse; that is as well. */
function sendBreak(port: SerialPort): void {
  port.set({ brk: true }, (refused) => {
    if (refused) return;
    setTimeout(() => {
      if (port.isOpen) port.set({ brk: false }, () => undefined);
    }, BREAK_MS);
  });
}
