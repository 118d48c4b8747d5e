/** One vrrp_instance block (vrrp-lvs.md 3.3). */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIpv6 } from '../address.js';
import { type Problems, shown } from '../problems.js';
import {
  DEFAULT_ANNOUNCING,
  NO_NOTIFY,
  NO_TRACKING,
  VRRP_GROUP_4,
  VRRP_GROUP_6,
  vrrpInstance,
} from '../vrrp-defaults.js';
import type {
  VrrpAddress,
  VrrpCommand,
  VrrpInstance,
  VrrpNotify,
  VrrpTrack,
  VrrpTracking,
} from '../vrrp-types.js';
import type { KeepalivedLine } from './blocks.js';

export interface InstanceDefaults {
  readonly version: 2 | 3;
  readonly group4: string;
}

type Draft = { -readonly [Key in keyof VrrpInstance]?: VrrpInstance[Key] };

const NOTIFY: Readonly<Record<string, keyof Omit<VrrpNotify, 'mail'>>> = {
  notify: 'any',
  notify_master: 'master',
  notify_backup: 'backup',
  notify_fault: 'fault',
  notify_stop: 'stop',
};

/** The instance, or undefined when what it needs is missing (said as an error). */
export function readInstance(
  line: KeepalivedLine,
  defaults: InstanceDefaults,
  scriptWeight: (name: string) => number,
  problems: Problems,
): VrrpInstance | undefined {
  const name = line.words[1] ?? '';
  const draft: Draft = { name, line: line.line };
  let source: string | undefined;
  let peers: string[] | undefined;
  let addresses: readonly KeepalivedLine[] = [];
  let excluded: readonly KeepalivedLine[] = [];
  let notify: VrrpNotify = NO_NOTIFY;
  let tracking: VrrpTracking = NO_TRACKING;
  let announcing = DEFAULT_ANNOUNCING;
  for (const one of line.block ?? []) {
    const [keyword = '', value = ''] = one.words;
    const number = Number(value);
    const field = NOTIFY[keyword];
    if (field !== undefined) {
      notify = { ...notify, [field]: commandOf(one.words.slice(1)) };
      continue;
    }
    switch (keyword) {
      case 'state':
        draft.initialState = value === 'MASTER' ? 'master' : 'backup';
        break;
      case 'interface':
        draft.interface = value;
        break;
      case 'virtual_router_id':
        draft.virtualRouterId = number;
        break;
      case 'priority':
        draft.priority = number;
        break;
      case 'version':
        draft.version = number === 3 ? 3 : 2;
        break;
      case 'advert_int':
        draft.advertIntervalMs = Math.round(number * 1000);
        break;
      case 'nopreempt':
        draft.preempt = false;
        break;
      case 'preempt_delay':
        draft.preemptDelayMs = number * 1000;
        break;
      case 'smtp_alert':
        notify = { ...notify, mail: true };
        break;
      case 'authentication':
        draft.authentication = readAuthentication(one);
        break;
      case 'virtual_ipaddress':
        addresses = one.block ?? [];
        break;
      case 'virtual_ipaddress_excluded':
        excluded = one.block ?? [];
        break;
      case 'unicast_src_ip':
      case 'mcast_src_ip':
        source = value;
        break;
      case 'unicast_peer':
        peers = (one.block ?? []).map(({ words }) => words[0] ?? '');
        break;
      case 'track_interface':
        tracking = { ...tracking, interfaces: (one.block ?? []).map((entry) => trackOf(entry, 0)) };
        break;
      case 'track_script':
        tracking = {
          ...tracking,
          scripts: (one.block ?? []).map((entry) => trackOf(entry, scriptWeight(entry.words[0] ?? ''))),
        };
        break;
      case 'garp_master_delay':
        announcing = { ...announcing, masterDelayMs: number * 1000 };
        break;
      case 'garp_master_repeat':
        announcing = { ...announcing, masterRepeat: number };
        break;
      case 'garp_master_refresh':
        announcing = { ...announcing, refreshMs: number * 1000 };
        break;
      default:
        problems.error(
          one,
          'not-read',
          `${shown(keyword)} in vrrp_instance is not understood by this version.`,
        );
    }
  }
  const { interface: device, virtualRouterId } = draft;
  if (
    device === undefined ||
    virtualRouterId === undefined ||
    !(virtualRouterId >= 1 && virtualRouterId <= 255)
  ) {
    problems.error(
      line,
      'instance-incomplete',
      `vrrp_instance ${name} needs an interface and a virtual_router_id of 1 to 255.`,
    );
    return undefined;
  }
  const specs = addresses.flatMap((entry) => readAddress(entry, device, problems));
  const family = specs[0]?.family ?? 4;
  return vrrpInstance({
    ...draft,
    name,
    interface: device,
    virtualRouterId,
    family,
    version: family === 6 ? 3 : (draft.version ?? defaults.version),
    addresses: specs,
    excludedAddresses: excluded.flatMap((entry) => readAddress(entry, device, problems)),
    notify,
    tracking,
    announcing,
    transport:
      peers === undefined
        ? {
            kind: 'multicast',
            group: family === 6 ? VRRP_GROUP_6 : (defaults.group4 ?? VRRP_GROUP_4),
            ...(source === undefined ? {} : { source }),
          }
        : {
            kind: 'unicast',
            peers: peers.map((address) => ({ address, minTtl: 0, maxTtl: 255 })),
            ttl: 255,
            checkSource: false,
            ...(source === undefined ? {} : { source }),
          },
  });
}

function readAuthentication(line: KeepalivedLine): VrrpInstance['authentication'] {
  const password = line.block?.find(({ words }) => words[0] === 'auth_pass')?.words[1];
  return password === undefined ? { kind: 'none' } : { kind: 'password', password: password.slice(0, 8) };
}

function trackOf({ words }: KeepalivedLine, weight: number): VrrpTrack {
  const at = words.indexOf('weight');
  return {
    name: words[0] ?? '',
    weight: at < 0 ? weight : Number(words[at + 1]),
    reverse: words.includes('reverse'),
  };
}

/** A quoted command with arguments is one word: split at blanks. */
export function commandOf(words: readonly string[]): VrrpCommand {
  return { words: words.flatMap((word) => word.split(/\s+/).filter((part) => part !== '')) };
}

function readAddress(line: KeepalivedLine, interfaceName: string, problems: Problems): VrrpAddress[] {
  const [text = '', ...options] = line.words;
  const [address = '', prefix] = text.split('/');
  if (!isIPv4(address) && !isIPv6(address)) {
    problems.error(line, 'address-invalid', `${shown(text)} is no address.`);
    return [];
  }
  const family = isIPv4(address) ? 4 : 6;
  const option = (name: string): string | undefined => options[options.indexOf(name) + 1 || options.length];
  const device = option('dev');
  const label = option('label');
  const broadcast = option('brd');
  return [
    {
      family,
      address: family === 4 ? address : canonicalIpv6(address),
      prefixLength: prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix),
      device: device ?? interfaceName,
      onInstanceInterface: device === undefined,
      scope: 0,
      tracked: !options.includes('no_track'),
      ...(label === undefined ? {} : { label }),
      ...(broadcast === undefined ? {} : { broadcast }),
    },
  ];
}
