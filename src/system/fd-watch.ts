/** Calls back when a descriptor that Node cannot read itself (netlink, packet socket) has something to be read. */
import koffi, { type node } from 'koffi';

export interface FdWatch {
  /** Idempotent. Does not close the descriptor; do that afterwards. */
  close(): void;
}

/** koffi's handle stops when it is garbage; these are still wanted. */
const openHandles = new Set<node.PollHandle>();

/**
 * Watches `fd` through the event loop (uv_poll). The watch does not keep the process alive. `onReadable` should read
 * until the descriptor is empty; what it throws is an uncaught exception.
 */
export function watchFd(fd: number, onReadable: () => void): FdWatch {
  let open = true;
  let pending = false;
  const handle = koffi.node.poll(fd, { readable: true }, () => {
    if (!open || pending) return;
    pending = true;
    // koffi calls from outside of any of Node's callback scopes: ticks and promises would not run after it. The check
    // phase, which follows in the same turn of the loop, is an ordinary one.
    setImmediate(() => {
      pending = false;
      if (open) onReadable();
    });
  });
  handle.unref();
  openHandles.add(handle);
  return {
    close(): void {
      if (!open) return;
      open = false;
      openHandles.delete(handle);
      handle.close();
    },
  };
}
