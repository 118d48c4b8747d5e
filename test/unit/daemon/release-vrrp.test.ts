import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainVrrpAddress, vrrpConfig, vrrpInstance } from '../../../src/config/vrrp-defaults.js';
import { vrrpOnlyConfig } from '../../../src/config/vrrp-only.js';
import { releaseEverything } from '../../../src/daemon/runner/release.js';

test('a runner that cannot bring the loop back removes the addresses of VRRP instances too', async () => {
  const instance = vrrpInstance({
    name: 'VI_1',
    interface: 'eth0',
    virtualRouterId: 51,
    addresses: [plainVrrpAddress('10.77.0.100', 'eth0')],
    excludedAddresses: [plainVrrpAddress('fd77::100', 'eth0')],
  });
  const removed: string[] = [];
  const failures = await releaseEverything(vrrpOnlyConfig(vrrpConfig({ instances: [instance] }), 'node1'), {
    releaseScript: async () => ({ ok: true }),
    removeAddress: async ({ address }) => {
      removed.push(address);
      return address.includes(':') ? { ok: false, detail: 'it is stuck' } : { ok: true };
    },
  });
  assert.deepEqual(removed, ['10.77.0.100', 'fd77::100']);
  assert.deepEqual(failures, ['VI_1: it is stuck']);
});
