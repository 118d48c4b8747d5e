import type { AuthKeys, ClusterConfig, ResourceGroup } from '../../src/config/types.js';

/** A small valid configuration of node1 and node2 without media; parts may be replaced. */
export function sampleConfig(parts: Partial<ClusterConfig> = {}): ClusterConfig {
  return {
    self: 'node1',
    nodes: ['node1', 'node2'],
    keepaliveMs: 200,
    deadtimeMs: 2000,
    warntimeMs: 1000,
    initdeadMs: 12_000,
    deadpingMs: 2000,
    maxRexmitDelayMs: 250,
    hopfudge: 1,
    autoFailback: 'off',
    generationMethod: 'file',
    media: [],
    realtime: false,
    groups: [],
    log: { debug: 0 },
    parameters: { keepalive: '200ms', auto_failback: 'off' },
    settings: {
      parallelGroups: 4,
      isolated: 'serve',
      builtinAddresses: true,
      startDeadlineMs: 60_000,
      stopDeadlineMs: 60_000,
      statusDeadlineMs: 20_000,
      logFormat: 'classic',
    },
    ...parts,
  };
}

export const sampleKeys: AuthKeys = {
  activeIndex: 1,
  keys: [{ index: 1, method: 'sha1', key: 'secret' }],
};

/** A group of scripts on node1: `scriptGroup('web', 'log::a')`. */
export function scriptGroup(...words: readonly string[]): ResourceGroup {
  const resources = words.map((word) => {
    const [type = '', ...args] = word.split('::');
    return { word, type, args };
  });
  return { key: words[0] ?? '', node: 'node1', resources, line: 1 };
}
