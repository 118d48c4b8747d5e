/**
 * The packet filter of `no_accept` and `vrrp_strict`, as rules for nft(8): packets from outside to the addresses of an
 * instance, and from here with one of them as source, are dropped, unless this node is the owner of the addresses
 * (priority 255). The shape of the tables is that of the original (vrrp-lvs.md 2.9), with one difference that is meant:
 * the rules are there before the first address is set and stay while the role changes, so a takeover neither waits for
 * them nor is open for a moment. On a node that does not have an address they meet no packet.
 */
import type { VrrpAddress, VrrpConfig, VrrpInstance } from '../config/vrrp-types.js';

/** Table where global_defs names none. */
const TABLE = 'keepalived';
/** One before the filters of others. */
const PRIORITY = -1;

/** Whether packets to the addresses of an instance are to be dropped (keepalived.conf(5): unless it has priority 255). */
export function isDeaf({ accept, priority }: VrrpInstance): boolean {
  return !accept && priority !== 255;
}

/** Names of the instances that need the filter. */
export function deafInstances({ instances }: VrrpConfig): readonly string[] {
  return instances.filter(isDeaf).map(({ name }) => name);
}

/**
 * What nft is to be told so that exactly the filter of this configuration is there; `before`: the table of the
 * filter that is there already. Undefined: no filter is wanted and none is there.
 */
export function filterRules(config: VrrpConfig | undefined, before: string | undefined): string | undefined {
  const wanted = config?.instances.filter(isDeaf) ?? [];
  const table = config === undefined ? TABLE : filterTable(config);
  const removed = before === undefined ? [] : [before];
  if (wanted.length === 0) return removed.length === 0 ? undefined : removed.flatMap(removal).join('; ');
  const priority = config?.global.nftPriority ?? PRIORITY;
  const counter = config?.global.nftCounters === true ? 'counter ' : '';
  const places = wanted.flatMap(placesOf);
  const four = places.filter(({ family }) => family === 4).map(({ address }) => address);
  const six = places.filter(({ family }) => family === 6);
  const global6 = six.filter(({ linkLocal }) => !linkLocal).map(({ address }) => address);
  const linkLocal6 = six.filter(({ linkLocal }) => linkLocal);
  const lines = [...new Set([...removed, table])].flatMap(removal);
  if (four.length > 0) {
    lines.push(`add table ip ${table}`, ...vips('ip', table, 'ipv4_addr', four));
    for (const [chain, hook, end] of ENDS) {
      lines.push(chainOf('ip', table, chain, hook, priority));
      lines.push(`add rule ip ${table} ${chain} ip ${end} @vips ${counter}drop`);
    }
  }
  if (six.length > 0) {
    lines.push(`add table ip6 ${table}`, ...vips('ip6', table, 'ipv6_addr', global6));
    for (const [chain, hook, end, device] of ENDS) {
      lines.push(chainOf('ip6', table, chain, hook, priority));
      const add = `add rule ip6 ${table} ${chain}`;
      // Neighbours must find the address, whoever may talk to it.
      lines.push(`${add} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`);
      if (global6.length > 0) lines.push(`${add} ip6 ${end} @vips ${counter}drop`);
      for (const { address, device: name } of linkLocal6)
        lines.push(`${add} ${device} "${name}" ip6 ${end} ${address} ${counter}drop`);
    }
  }
  return lines.join('; ');
}

/** Name of the table that a configuration's filter stands in, in the families ip and ip6. */
export function filterTable({ global }: VrrpConfig): string {
  return global.nftTable ?? TABLE;
}

const ENDS = [
  ['out', 'output', 'saddr', 'oifname'],
  ['in', 'input', 'daddr', 'iifname'],
] as const;

interface Place {
  readonly family: 4 | 6;
  readonly address: string;
  readonly device: string;
  readonly linkLocal: boolean;
}

function placesOf({ addresses, excludedAddresses, vmac }: VrrpInstance): Place[] {
  return [...addresses, ...excludedAddresses].map((one: VrrpAddress) => ({
    family: one.family,
    address: one.address,
    device: vmac !== undefined && one.onInstanceInterface ? vmac.device : one.device,
    linkLocal: /^fe[89ab]/i.test(one.address),
  }));
}

/** Adding first makes the removal of an absent table no error, all in one transaction. */
function removal(table: string): string[] {
  return ['ip', 'ip6'].flatMap((family) => [
    `add table ${family} ${table}`,
    `delete table ${family} ${table}`,
  ]);
}

function vips(family: string, table: string, type: string, addresses: readonly string[]): string[] {
  if (addresses.length === 0) return [];
  const elements = [...new Set(addresses)].join(', ');
  return [`add set ${family} ${table} vips { type ${type}; elements = { ${elements} }; }`];
}

function chainOf(family: string, table: string, chain: string, hook: string, priority: number): string {
  return `add chain ${family} ${table} ${chain} { type filter hook ${hook} priority ${priority}; policy accept; }`;
}
