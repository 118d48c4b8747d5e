/**
 * Does an advert fit the instance? The checks of RFC 3768 7.1 and RFC 5798 7.1 in the original's order (vrrp-lvs.md
 * 2.4), with one difference that is meant: a list of addresses that overlaps ours without being the same counts for
 * the election, so that a reload on one node does not make two masters (vrrp-lvs.md 0, 6). What differs is said.
 */

import { ADVERT_FAULTS } from '../../wire/vrrp/advert.js';
import type { Turn } from '../turn.js';
import { agree, disagree } from './disagreement.js';
import type { HeardAdvert } from './input.js';
import type { DisagreementField, Instance } from './state.js';

export type ReadableAdvert = Extract<HeardAdvert, { readonly ok: true }>;

const CLEARED: readonly DisagreementField[] = [
  'packet',
  'unicast_peer',
  'ttl',
  'version',
  'auth_type',
  'auth_pass',
  'virtual_router_id',
];

/** The advert when it counts, otherwise undefined after its sentence has been said. */
export function judgeAdvert(turn: Turn, instance: Instance, heard: HeardAdvert): ReadableAdvert | undefined {
  const { config } = instance;
  const { source } = heard;
  const no = (field: DisagreementField, sentence: string): undefined => {
    instance.counters.advertsRefused += 1;
    disagree(turn, instance, field, source, sentence);
    return undefined;
  };
  if (!heard.ok)
    return no('packet', `an advert from ${source} cannot be read: ${ADVERT_FAULTS[heard.reason]}.`);
  const transport = judgeTransport(instance, heard);
  if (transport !== undefined) return no(...transport);
  if (heard.virtualRouterId !== config.virtualRouterId) {
    return no(
      'virtual_router_id',
      `${source} advertises addresses of this instance under virtual_router_id ${heard.virtualRouterId}, here it is ` +
        `${config.virtualRouterId}: set the same virtual_router_id on both, or both will be master.`,
    );
  }
  if (heard.version !== config.version) {
    return no(
      'version',
      `${source} speaks VRRP version ${heard.version}, this node version ${config.version}: set the same version ` +
        '(vrrp_version) on both, or both will be master.',
    );
  }
  if (heard.authentication === 'other-type') {
    return no(
      'auth_type',
      `${source} authenticates its adverts in another way (auth_type) than this node: set the same auth_type and ` +
        'auth_pass on both, or both will be master.',
    );
  }
  if (heard.authentication === 'wrong-password') {
    return no(
      'auth_pass',
      `${source} has another password (auth_pass) than this node: set the same one on both, or both will be master.`,
    );
  }
  agree(turn, instance, source, CLEARED);
  if (heard.intervalMs !== config.advertIntervalMs) {
    const sentence =
      `${source} advertises every ${seconds(heard.intervalMs)}, this node every ${seconds(config.advertIntervalMs)}: ` +
      `set the same advert_int on both${config.version === 2 ? ', or both will be master' : ''}.`;
    if (config.version === 2) return no('advert_int', sentence);
    disagree(turn, instance, 'advert_int', source, sentence);
  } else agree(turn, instance, source, ['advert_int']);
  return judgeAddresses(turn, instance, heard) ? heard : undefined;
}

function seconds(intervalMs: number): string {
  return `${intervalMs / 1000} s`;
}

function judgeTransport(
  { config }: Instance,
  heard: ReadableAdvert,
): [DisagreementField, string] | undefined {
  const { transport } = config;
  const { source, ttl } = heard;
  if (transport.kind === 'multicast') {
    if (!heard.multicast) {
      return [
        'unicast_peer',
        `${source} sends to this node alone (unicast_peer), this node to a group: set both alike.`,
      ];
    }
    if (ttl !== 255)
      return ['ttl', `an advert from ${source} has TTL ${ttl} instead of 255: it has passed a router.`];
    return undefined;
  }
  if (heard.multicast) {
    return ['unicast_peer', `${source} sends to a group, this node to its unicast_peer: set both alike.`];
  }
  const peer = transport.peers.find(({ address }) => address === source);
  if (peer === undefined) {
    if (!transport.checkSource) return undefined;
    return ['unicast_peer', `${source} is no unicast_peer of this node: add it, or remove this node there.`];
  }
  if (ttl >= peer.minTtl && ttl <= peer.maxTtl) return undefined;
  return ['ttl', `an advert from ${source} has TTL ${ttl}, allowed is ${peer.minTtl} to ${peer.maxTtl}.`];
}

/** False when this is another cluster's advert. */
function judgeAddresses(turn: Turn, instance: Instance, heard: ReadableAdvert): boolean {
  const { config } = instance;
  const { source } = heard;
  if (config.skipAddressCheck && instance.master?.address === source) return true;
  const ours = config.addresses.map(({ address }) => address);
  const onlyThere = heard.addresses.filter((address) => !ours.includes(address));
  const onlyHere = ours.filter((address) => !heard.addresses.includes(address));
  if (onlyThere.length === 0 && onlyHere.length === 0) {
    agree(turn, instance, source, ['virtual_ipaddress']);
    return true;
  }
  const overlap = onlyHere.length < ours.length || ours.length === 0 || heard.addresses.length === 0;
  if (!overlap) {
    instance.counters.advertsRefused += 1;
    disagree(
      turn,
      instance,
      'virtual_ipaddress',
      source,
      `${source} advertises ${list(heard.addresses)} with virtual_router_id ${config.virtualRouterId}, and none of our ` +
        `virtual_ipaddress (${list(ours)}): if it is another cluster, choose another virtual_router_id.`,
    );
    return false;
  }
  const differences = [
    onlyThere.length === 0 ? '' : `only there: ${list(onlyThere)}`,
    onlyHere.length === 0 ? '' : `only here: ${list(onlyHere)}`,
  ].filter((part) => part !== '');
  disagree(
    turn,
    instance,
    'virtual_ipaddress',
    source,
    `${source} and this node do not list the same virtual_ipaddress (${differences.join('; ')}): make them alike.`,
  );
  if (config.strict) instance.counters.advertsRefused += 1;
  return !config.strict;
}

function list(addresses: readonly string[]): string {
  const shown = addresses.slice(0, 5).join(', ');
  return addresses.length > 5 ? `${shown} and ${addresses.length - 5} more` : shown;
}
