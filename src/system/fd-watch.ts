/** Calls back when a descriptor that Node cannot read itself (netlink, packet socket) has something to be read. */
import koffi from 'koffi';

export interface FdWatch {
  /** Idempotent. Does not close the descriptor; do that afterwards. */
  close(): void;
}

/**
 * Watches `fd` through the event loop (uv_poll). The watch does not keep the process alive. `onReadable` should read
 * until the descriptor is empty; what it throws is an uncaught exception.
 */
export function watchFd(fd: number, onReadable: () => void): FdWatch {
  const handle = koffi.node.poll(fd, { readable: true }, (events) => {
    if (open && (events.readable || events.disconnect)) onReadable();
  });
  let open = true;
  handle.unref();
  return {
    close(): void {
      if (!open) return;
      open = false;
      handle.close();
    },
  };
}
