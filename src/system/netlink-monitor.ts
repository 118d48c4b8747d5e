/** Tells at once when an interface or an address of this network namespace changes. */
import { watchFd } from './fd-watch.js';
import { closeFd, ERRNO, type SystemResult } from './libc.js';
import { openNetlinkFd, receiveMessages } from './netlink.js';
import { type AddressMessage, decodeAddress, decodeLink, type LinkMessage } from './netlink-decode.js';

const RTMGRP_LINK = 1;
const RTMGRP_IPV4_IFADDR = 0x10;
const RTMGRP_IPV6_IFADDR = 0x100;
const READ_BYTES = 64 * 1024;

export interface MonitorHandlers {
  onLink(message: LinkMessage): void;
  onAddress(message: AddressMessage): void;
  /** Messages were lost: everything has to be asked anew. */
  onOverrun(): void;
  /** All messages of this turn have been handed over. */
  onEnd(): void;
}

export interface NetworkMonitor {
  /** Idempotent. */
  close(): void;
}

/** Begins to listen. Does not keep the process alive. */
export function openNetworkMonitor(handlers: MonitorHandlers): SystemResult<NetworkMonitor> {
  const socket = openNetlinkFd(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (!socket.ok) return socket;
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  let fd = socket.value;

  function readAll(): void {
    while (fd >= 0) {
      const received = receiveMessages(fd, buffer);
      if (!received.ok) {
        if (received.errno === ERRNO.EAGAIN) break;
        if (received.errno === ERRNO.EINTR) continue;
        handlers.onOverrun();
        break;
      }
      for (const message of received.value) {
        const link = decodeLink(message);
        if (link !== undefined) handlers.onLink(link);
        const address = decodeAddress(message);
        if (address !== undefined) handlers.onAddress(address);
      }
    }
    if (fd >= 0) handlers.onEnd();
  }

  const watch = watchFd(fd, readAll);
  return {
    ok: true,
    value: {
      close(): void {
        if (fd < 0) return;
        watch.close();
        closeFd(fd);
        fd = -1;
      },
    },
  };
}
