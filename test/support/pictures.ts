/** Pictures for tests of the status page. */

import type { DirectorSnapshot } from '../../src/core/director/snapshot.js';
import type { StatusPicture } from '../../src/daemon/control/picture.js';
import { sampleSnapshot, sampleStatus } from './control.js';

/** Two real servers, one of which failed. */
const director: DirectorSnapshot = {
  problem: null,
  repairs: 1,
  services: [
    {
      name: 'TCP 10.0.0.10:80',
      scheduler: 'wrr',
      persistenceTimeoutMs: 0,
      weight: 1,
      quorum: 2,
      hasQuorum: false,
      suspended: false,
      sorryServer: { endpoint: '10.0.0.99:80', active: true },
      realServers: [
        {
          endpoint: '10.0.0.2:80',
          method: 'NAT',
          alive: true,
          inTable: true,
          weight: 1,
          configuredWeight: 3,
          reason: '',
          sinceMs: 5000,
          activeConnections: 7,
          inactiveConnections: 1,
        },
        {
          endpoint: '10.0.0.3:80',
          method: 'DR',
          alive: false,
          inTable: false,
          weight: 0,
          configuredWeight: 1,
          reason: 'connection refused',
          sinceMs: 9000,
          activeConnections: null,
          inactiveConnections: null,
        },
      ],
    },
  ],
  sync: { interface: 'eth1', role: 'master' },
};

/** The sample, with everything that a picture can have. */
export function fullPicture(
  change: Partial<typeof sampleStatus> = {},
): StatusPicture & { readonly director: DirectorSnapshot } {
  if (sampleSnapshot.kind !== 'snapshot') throw new Error('the sample is no snapshot');
  const status = {
    ...sampleStatus,
    nodes: sampleStatus.nodes.map((node) => ({
      ...node,
      links: node.links.map((link) => ({ ...link, lossInPercent: 0, lossOutPercent: 12.5 })),
    })),
    lease: {
      silenceMs: 2000,
      marginMs: 500,
      leaseMs: 1000,
      stopMs: 0,
      watchdogMs: 1000,
      addressLifetimeMs: null,
      excessMs: 0,
      device: '/dev/watchdog',
    },
    fencing: {
      devices: [{ type: 'external/ssh', state: 'failed' as const, detail: 'no answer' }],
      target: null,
    },
    drift: [{ node: 'node2', files: ['ha.cf'] }],
    vrrp: {
      instances: [
        {
          name: 'VI_1',
          state: 'backup' as const,
          interface: 'eth0',
          virtualRouterId: 51,
          version: 2 as const,
          priority: 100,
          configuredPriority: 150,
          advertIntervalMs: 1000,
          addresses: ['10.0.0.20'],
          master: { address: '10.0.0.2', priority: 200 },
          sinceMs: 5000,
          transitions: 1,
          faults: [],
          disagreements: [],
          counters: {
            advertsSent: 1,
            advertsHeard: 2,
            advertsRefused: 0,
            becameMaster: 0,
            addressesRestored: 0,
          },
        },
      ],
      groups: [],
      checks: [],
    },
    ...change,
  };
  const { snapshot, daemon } = sampleSnapshot;
  const lateness = {
    turns: 1000,
    maxMs: 3,
    over10ms: 0,
    p50Ms: 0.1,
    p99Ms: 0.2,
    lastMinute: { turns: 60, maxMs: 0.8, p50Ms: 0.1, p99Ms: 0.25 },
  };
  const links = [
    {
      description: 'bcast eth0',
      up: true,
      reason: '',
      sentPackets: 10,
      sendErrors: 0,
      thinnedPackets: 0,
      receivedPackets: 9,
      rejectedPackets: 1,
    },
  ];
  return {
    snapshot: { ...snapshot, status, lateness, links },
    daemon: {
      ...daemon,
      drill: {
        startedWallMs: 40_000,
        outcome: 'done',
        handoverMs: 1400,
        returnMs: 900,
        sentence: 'failover drill: web went to the other node in 1.4 s and came back in 0.9 s.',
      },
    },
    availability: [
      {
        group: '10.0.0.10',
        sinceWallMs: 0,
        observedMs: 100_000,
        downMs: 2000,
        outages: 1,
        availability: 0.98,
        mtbfMs: 98_000,
        mttrMs: 2000,
        lastOutages: [{ startWallMs: 50_000, endWallMs: 52_000 }],
        spans: [
          { startWallMs: 0, server: 'node1', seen: true },
          { startWallMs: 50_000, server: null, seen: true },
          { startWallMs: 52_000, server: 'node2', seen: true },
        ],
      },
    ],
    director,
    events: [{ code: 'x', text: 'Taking over', wallMs: 52_000 }],
  };
}
