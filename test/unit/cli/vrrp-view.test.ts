import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vrrpLines } from '../../../src/cli/vrrp-view.js';
import type { VrrpInstanceSnapshot } from '../../../src/core/snapshot-types.js';

const instance: VrrpInstanceSnapshot = {
  name: 'VI_1',
  state: 'master',
  interface: 'eth0',
  virtualRouterId: 51,
  version: 2,
  priority: 80,
  configuredPriority: 100,
  advertIntervalMs: 1000,
  addresses: ['10.77.0.100/24'],
  master: null,
  sinceMs: 5000,
  transitions: 2,
  faults: [],
  disagreements: [],
  counters: { advertsSent: 1, advertsHeard: 0, advertsRefused: 0, becameMaster: 1, addressesRestored: 0 },
};

test('status shows each instance with its role, priority, router, master and addresses', () => {
  const backup = { ...instance, name: 'VI_2', state: 'backup', priority: 100 } as const;
  const lines = vrrpLines(
    {
      instances: [instance, { ...backup, master: { address: '10.77.0.2', priority: 150 } }],
      groups: [],
      checks: [{ name: 'script/chk', good: false, value: null, detail: 'ended with exit status 1' }],
    },
    false,
  ).map((line) => line.replaceAll(/ +/g, ' ').trim());
  assert.ok(
    lines.some((line) =>
      /^VI_1 master \S+( s)? 80 \(of 100\) 51 on eth0, version 2, 1 s this node 10\.77\.0\.100\/24$/.test(
        line,
      ),
    ),
    lines.join('\n'),
  );
  assert.ok(
    lines.some((line) => /^VI_2 backup .* 10\.77\.0\.2 \(150\) 10\.77\.0\.100\/24$/.test(line)),
    lines.join('\n'),
  );
  assert.ok(lines.includes('script/chk failed ended with exit status 1'), lines.join('\n'));
});
