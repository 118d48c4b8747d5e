/** A receiving socket with its options from the kernel's side and its reading from Node's. */
import { createSocket, type Socket } from 'node:dgram';
import { closeFd, type SystemResult } from '../system/libc.js';
import { hasUnread } from '../system/poll.js';
import { openUdpReceiver, type UdpReceiverOptions } from '../system/socket.js';

export interface UdpReceiver {
  hasUnread(): boolean;
  /** Idempotent; afterwards no handler is called. */
  close(): void;
}

export interface ReceiverHandlers {
  onPacket(bytes: Uint8Array): void;
  /** A packet could not be read. The receiver goes on; closing it is for the caller, when this does not end. */
  onError(reason: string): void;
}

/** Opens, binds and reads. */
export function createUdpReceiver(
  options: UdpReceiverOptions,
  handlers: ReceiverHandlers,
): SystemResult<UdpReceiver> {
  const opened = openUdpReceiver(options);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const socket: Socket = createSocket(options.family === 4 ? 'udp4' : 'udp6');
  let open = true;

  function close(): void {
    if (!open) return;
    open = false;
    socket.close();
  }

  socket.on('message', (bytes) => {
    if (open) handlers.onPacket(bytes);
  });
  socket.on('error', (error) => {
    if (open) handlers.onError(error.message);
  });
  try {
    // From here on Node owns the descriptor; it is kept for polling only.
    socket.bind({ fd, exclusive: true });
  } catch (error) {
    open = false;
    closeFd(fd);
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, errno: 0, code: 'EBIND', message };
  }
  return { ok: true, value: { hasUnread: () => open && hasUnread(fd), close } };
}
