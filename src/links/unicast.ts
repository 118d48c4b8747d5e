/** `ucast DEV PEER` and its IPv6 form: to one peer, one line for each (heartbeat-protocol.md 2.4). */
import { isLinkLocal6 } from '../system/ip-address.js';
import { ADDRESS_FLAG, type NetworkInterface } from '../system/network-types.js';
import { socketAddress } from '../system/socket.js';
import { RECEIVE_BUFFER_BYTES, SEND_PRIORITY, type UdpMedium } from './udp-medium.js';

/** IPTOS_LOWDELAY */
const LOW_DELAY = 0x10;

export interface UnicastOptions {
  readonly device: string;
  /** The word of the configuration file, for the log. */
  readonly peer: string;
  /** What it resolved to. IPv6: without zone; a link-local one is meant on `device`. */
  readonly address: string;
  /** 1..65535 */
  readonly port: number;
}

/** IPv4 */
export function unicastMedium(options: UnicastOptions): UdpMedium {
  const lack = `${options.device} has no IPv4 address`;
  return medium('ucast', 4, options, (network) =>
    network.addresses.some((address) => address.family === 4) ? undefined : lack,
  );
}

/** IPv6 */
export function unicast6Medium(options: UnicastOptions): UdpMedium {
  const lack = `${options.device} has no IPv6 address that is ready`;
  return medium('ucast6', 6, options, (network) => (usableAddress6(network) ? undefined : lack));
}

/** True when an IPv6 address may be sent from: duplicate address detection is over and found none. */
export function usableAddress6(network: NetworkInterface): boolean {
  const unusable = ADDRESS_FLAG.tentative | ADDRESS_FLAG.dadFailed;
  return network.addresses.some((address) => address.family === 6 && (address.flags & unusable) === 0);
}

function medium(
  word: string,
  family: 4 | 6,
  options: UnicastOptions,
  lackOf: (network: NetworkInterface) => string | undefined,
): UdpMedium {
  const { device, peer, port } = options;
  const address = options.address.replace(/%.*$/, '');
  return {
    device,
    port,
    description: `${word} ${device} ${peer}`,
    plan(network) {
      const lack = lackOf(network);
      if (lack !== undefined) return { ok: false, lack };
      return {
        ok: true,
        sockets: {
          receiver: { family, device, port, reusePort: true, receiveBufferBytes: RECEIVE_BUFFER_BYTES },
          sender: { family, device, typeOfService: LOW_DELAY, priority: SEND_PRIORITY },
          destination: socketAddress(address, port, isLinkLocal6(address) ? network.index : 0),
        },
      };
    },
  };
}
