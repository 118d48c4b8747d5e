/** `bcast DEV`: to the broadcast address of the interface (heartbeat-protocol.md 2.2). */
import { broadcastAddress } from '../system/ip-address.js';
import { socketAddress } from '../system/socket.js';
import { RECEIVE_BUFFER_BYTES, SEND_PRIORITY, type UdpMedium } from './udp-medium.js';

/** `port` 1..65535. The broadcast address is read anew whenever the interface's addresses change. */
export function broadcastMedium(device: string, port: number): UdpMedium {
  return {
    device,
    port,
    description: `bcast ${device}`,
    plan(network) {
      const own = network.addresses.filter((address) => address.family === 4);
      if (own.length === 0) return { ok: false, lack: `${device} has no IPv4 address` };
      // The first is the interface's own; floating addresses of the cluster come behind it.
      const to = own
        .map((address) => address.broadcast ?? broadcastAddress(address.address, address.prefixLength))
        .find((address) => address !== undefined);
      if (to === undefined) {
        return { ok: false, lack: `${device} has no broadcast address (use ucast or mcast there)` };
      }
      return {
        ok: true,
        sockets: {
          receiver: { family: 4, device, port, receiveBufferBytes: RECEIVE_BUFFER_BYTES },
          sender: { family: 4, device, broadcast: true, dontRoute: true, priority: SEND_PRIORITY },
          destination: socketAddress(to, port),
        },
      };
    },
  };
}
