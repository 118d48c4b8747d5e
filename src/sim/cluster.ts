/** A ready-made virtual pair for tests, the search and the command line. */
import type {
  AddressSpec,
  AuthKeys,
  AutoFailback,
  ClusterConfig,
  Resource,
  ResourceGroup,
  Settings,
} from '../config/types.js';

/** A floating address as a resource: `address('10.0.0.10')`. */
export function addressResource(address: string): Resource {
  const spec: AddressSpec = { family: 4, address, prefixLength: 24, device: 'eth0' };
  return { word: address, type: 'IPaddr', args: [address], address: spec };
}

export function scriptResource(word: string): Resource {
  return { word, type: word, args: [] };
}

/** A line of haresources: words that begin with a digit are addresses, others scripts. */
export function group(node: string, line: number, ...words: readonly string[]): ResourceGroup {
  const resources = words.map((word) => (/^\d/.test(word) ? addressResource(word) : scriptResource(word)));
  return { key: words[0] ?? '', node, resources, line };
}

export interface PairOptions {
  /** Names of the nodes; the first two share the groups. Absent: node1 and node2. */
  readonly nodes?: readonly string[];
  readonly autoFailback: AutoFailback;
  readonly keepaliveMs: number;
  readonly deadtimeMs: number;
  readonly initdeadMs: number;
  readonly groups: readonly ResourceGroup[];
  readonly isolated: 'serve' | 'stop';
  readonly parallelGroups: number;
  /** Further settings of heartbeat.ini. */
  readonly settings?: Partial<Settings>;
  /** Every node has a watchdog, with the timeout that fits. Absent: none. */
  readonly watchdog?: boolean;
  /** Types of the fencing devices that each node has for the other. */
  readonly stonith?: readonly string[];
  /** Names of the ping hosts. Absent: none. */
  readonly witnesses?: readonly string[];
}

export const WEB = group('node1', 1, '10.0.0.10', 'web');
export const MAIL = group('node2', 2, '10.0.0.20', 'mail');

export const PAIR: PairOptions = {
  autoFailback: 'on',
  keepaliveMs: 200,
  deadtimeMs: 2000,
  initdeadMs: 10_000,
  groups: [WEB, MAIL],
  isolated: 'serve',
  parallelGroups: 1,
};

export const KEYS: AuthKeys = { activeIndex: 1, keys: [{ index: 1, method: 'sha1', key: 'virtual' }] };

/** The configuration of one node of the pair. */
export function pairConfig(self: string, options: PairOptions): ClusterConfig {
  return {
    self,
    nodes: options.nodes ?? ['node1', 'node2'],
    keepaliveMs: options.keepaliveMs,
    deadtimeMs: options.deadtimeMs,
    warntimeMs: options.deadtimeMs / 2,
    initdeadMs: options.initdeadMs,
    deadpingMs: options.deadtimeMs,
    maxRexmitDelayMs: 250,
    hopfudge: 1,
    autoFailback: options.autoFailback,
    generationMethod: 'file',
    media: (options.witnesses ?? []).map((node) => ({ kind: 'ping', node, address: '192.0.2.1' })),
    realtime: false,
    groups: options.groups,
    ...(options.watchdog === true ? { watchdog: '/dev/watchdog' } : {}),
    log: { debug: 0 },
    parameters: {},
    settings: {
      parallelGroups: options.parallelGroups,
      isolated: options.isolated,
      builtinAddresses: true,
      startDeadlineMs: 60_000,
      stopDeadlineMs: 60_000,
      statusDeadlineMs: 20_000,
      logFormat: 'classic',
      ...options.settings,
    },
    stonith: (options.stonith ?? []).map((type, index) => ({ type, parameters: '', line: index + 1 })),
  };
}
