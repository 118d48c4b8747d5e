/**
 * Listens for ARP frames in which another machine calls an address its own that a resource group has set here (RFC 5227
 * section 2.4). It is an alarm, not a cure: the address stays, for whoever calls last wins, and a person has to look.
 */
import type { ClusterConfig } from '../../config/types.js';
import type { InterfaceSubscription, InterfaceWatch } from '../../links/interface-watch.js';
import { ETHERTYPE, openPacketReceiver, type PacketReceiver } from '../../system/packet.js';
import { arpSender } from '../../wire/arp.js';

/** One alarm for an address and a stranger in this time. */
const QUIET_MS = 60_000;
const STRANGERS_MAX = 64;

export interface AddressAlarmParts {
  readonly config: ClusterConfig;
  readonly interfaces: InterfaceWatch;
  readonly nowMs: () => number;
  /** One whole sentence. */
  readonly onAlarm: (sentence: string) => void;
}

export interface AddressAlarm {
  /** Idempotent. */
  close(): void;
}

/** Watches the interfaces that addresses of groups name. Without CAP_NET_RAW nothing is heard. */
export function createAddressAlarm({ config, interfaces, nowMs, onAlarm }: AddressAlarmParts): AddressAlarm {
  const ours = new Set<string>();
  const devices = new Set<string>();
  for (const { address } of config.groups.flatMap(({ resources }) => resources)) {
    if (address === undefined || address.family !== 4 || address.device === undefined) continue;
    ours.add(address.address);
    devices.add(address.device);
  }
  const receivers = new Map<string, { readonly index: number; readonly receiver: PacketReceiver }>();
  const saidMs = new Map<string, number>();

  const hear = (device: string, frame: Uint8Array): void => {
    const sender = arpSender(frame);
    if (sender === undefined || !ours.has(sender.address)) return;
    const isSet =
      interfaces.find(device)?.addresses.some(({ address }) => address === sender.address) ?? false;
    const isOwn = [...devices].some((name) => interfaces.find(name)?.mac === sender.mac);
    if (!isSet || isOwn) return;
    const key = `${sender.address} ${sender.mac}`;
    const lastMs = saidMs.get(key) ?? Number.NEGATIVE_INFINITY;
    if (nowMs() - lastMs < QUIET_MS) return;
    if (saidMs.size >= STRANGERS_MAX) saidMs.clear();
    saidMs.set(key, nowMs());
    const where = `${sender.mac} on ${device}`;
    onAlarm(`${sender.address}, which this node serves, is claimed by ${where} too: find that machine.`);
  };
  /** The interface came, went, or is another one of the same name. */
  const look = (device: string): void => {
    const index = interfaces.find(device)?.index;
    const open = receivers.get(device);
    if (open?.index === index) return;
    open?.receiver.close();
    receivers.delete(device);
    if (index === undefined) return;
    const opened = openPacketReceiver(index, ETHERTYPE.arp, (frame) => hear(device, frame));
    if (opened.ok) receivers.set(device, { index, receiver: opened.value });
  };

  const subscriptions: InterfaceSubscription[] = [...devices].map((device) =>
    interfaces.subscribe(device, () => look(device)),
  );
  for (const device of devices) look(device);
  return {
    close() {
      for (const subscription of subscriptions) subscription.cancel();
      for (const { receiver } of receivers.values()) receiver.close();
      receivers.clear();
    },
  };
}
