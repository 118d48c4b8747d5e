import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leaseBudget, watchdogTimeoutS } from '../../../src/core/guard/budget.js';
import { leaseDiagnostics, leaseLines } from '../../../src/daemon/lease-check.js';
import { createGuard } from '../../../src/daemon/loop/guard.js';
import { patienceMs } from '../../../src/daemon/runner/supervisor.js';
import { sampleConfig, scriptGroup } from '../../support/configuration.js';
import { fakeWatchdog } from '../../support/fake-watchdog.js';

const base = sampleConfig();
const quiet = { write: () => undefined, flush: () => undefined };
const withSettings = (parts: object) => ({ settings: { ...base.settings, ...parts } });

describe('the guard of the loop', () => {
  it('arms the timeout that fits, and tells the core what the driver reads back', () => {
    const kernel = fakeWatchdog();
    kernel.round = (timeoutS) => timeoutS + 1;
    const config = sampleConfig({ watchdog: '/dev/watchdog', keepaliveMs: 1000, deadtimeMs: 10_000 });
    const guard = createGuard(config, quiet, kernel);
    assert.deepEqual(kernel.calls, ['open', 'set 4']);
    assert.deepEqual(guard.event, {
      kind: 'watchdog',
      device: '/dev/watchdog',
      timeoutMs: 5000,
      problem: '',
    });
    assert.equal(guard.refusal, undefined);
  });

  it('goes on without a device that cannot be opened, unless one is required', () => {
    const kernel = fakeWatchdog();
    kernel.failures.set('open', 16);
    const plain = createGuard(sampleConfig({ watchdog: '/dev/watchdog' }), quiet, kernel);
    assert.equal(plain.refusal, undefined);
    assert.match(plain.event?.problem ?? '', /Cannot open watchdog device/);
    const strict = sampleConfig({ watchdog: '/dev/watchdog', ...withSettings({ watchdogRequired: true }) });
    assert.match(createGuard(strict, quiet, kernel).refusal ?? '', /required = yes: heartbeat does not run/);
    const nothing = sampleConfig(withSettings({ watchdogRequired: true }));
    assert.match(createGuard(nothing, quiet, kernel).refusal ?? '', /names no watchdog device/);
  });

  it('ends the process when a required device fails later, and only says so otherwise', () => {
    for (const watchdogRequired of [true, false]) {
      const kernel = fakeWatchdog();
      const said: string[] = [];
      const config = sampleConfig({ watchdog: '/dev/watchdog', ...withSettings({ watchdogRequired }) });
      const log = { write: (_l: string, code: string) => void said.push(code), flush: () => undefined };
      const guard = createGuard(config, log, kernel);
      kernel.failures.set('write', 19);
      if (watchdogRequired) assert.throws(() => guard.feed(), /could not be fed/);
      else guard.feed();
      assert.equal(said.includes('watchdog-failed'), !watchdogRequired);
    }
  });
});

describe('the lease in numbers', () => {
  const script = { groups: [scriptGroup('web')], keepaliveMs: 1000, deadtimeMs: 10_000 };

  it('by itself takes a watchdog timeout with which lease, watchdog and margin fill the deadtime', () => {
    for (const [keepaliveMs, deadtimeMs, wantedS] of [
      [200, 2000, 1],
      [1000, 5000, 1],
      [1000, 10_000, 4],
      [2000, 30_000, 14],
      [1000, 60_000, 29],
    ] as const) {
      const config = sampleConfig({ keepaliveMs, deadtimeMs, watchdog: '/dev/watchdog' });
      assert.equal(watchdogTimeoutS(config), wantedS);
      const lease = leaseBudget(config, wantedS * 1000);
      const sumMs = lease.leaseMs + wantedS * 1000 + lease.marginMs;
      assert.ok(sumMs <= lease.silenceMs && lease.leaseMs >= 3 * keepaliveMs, JSON.stringify(lease));
      assert.ok(lease.excessMs <= 0);
    }
  });

  it('announces a longer deadtime for a timeout that does not fit, and warns of it with the numbers', () => {
    const config = sampleConfig({
      ...script,
      realtime: true,
      watchdog: '/dev/watchdog',
      ...withSettings({ watchdogTimeoutMs: 10_010 }),
    });
    assert.equal(watchdogTimeoutS(config), 11);
    const [warning] = leaseDiagnostics(config, 'ha.cf');
    assert.equal(warning?.code, 'watchdog-too-slow');
    assert.match(warning?.message ?? '', /11 s do not fit into the deadtime of 10 s: .* wait 17 s/);
  });

  it('says by how much the stop deadline of a script exceeds the silence, and announces it where that is wanted', () => {
    const lines = leaseLines(sampleConfig(script));
    assert.match(
      lines[0] ?? '',
      /9 s lease \+ 60 s stop deadline \+ 0 s watchdog \+ 1 s margin = 70 s, more than the 10 s .*by 60 s/,
    );
    assert.equal(leaseDiagnostics(sampleConfig(script), 'ha.cf')[0]?.code, 'stop-too-slow');
    const stops = sampleConfig({
      ...script,
      ...withSettings({ announcedSilence: 'stops', stopDeadlineMs: 20_000 }),
    });
    const lease = leaseBudget(stops, null);
    assert.equal(lease.silenceMs, 26_000);
    assert.equal(lease.excessMs, 0);
    assert.deepEqual(leaseDiagnostics(stops, 'ha.cf'), []);
  });

  it('never announces more than a peer would wait, and says what is missing', () => {
    const day = withSettings({ announcedSilence: 'stops', stopDeadlineMs: 86_400_000 });
    const lease = leaseBudget(sampleConfig({ ...script, ...day }), null);
    assert.equal(lease.silenceMs, 3_600_000);
    assert.ok(lease.excessMs > 80_000_000 && lease.leaseMs > 0);
  });

  it('warns of a watchdog beside a daemon without real-time priority', () => {
    const config = sampleConfig({ ...script, watchdog: '/dev/watchdog', realtime: false });
    assert.deepEqual(
      leaseDiagnostics(config, 'ha.cf').map(({ code }) => code),
      ['watchdog-without-realtime'],
    );
  });

  it('an address alone fits: its kernel lifetime is within the deadtime', () => {
    const address = { family: 4 as const, address: '10.0.0.1' };
    const group = {
      key: '10.0.0.1',
      node: 'node1',
      line: 1,
      resources: [{ word: '10.0.0.1', type: 'IPaddr', args: ['10.0.0.1'], address }],
    };
    const lease = leaseBudget(sampleConfig({ keepaliveMs: 1000, deadtimeMs: 10_000, groups: [group] }), null);
    assert.deepEqual([lease.silenceMs, lease.addressLifetimeMs, lease.excessMs], [10_000, 8000, 0]);
  });
});

describe('a loop that hangs', () => {
  it('is left to its watchdog, and ended by the runner only where there is none or it did not do its work', () => {
    assert.equal(patienceMs(5000, null), 5000);
    assert.equal(patienceMs(5000, 4000), 6000);
    assert.equal(patienceMs(15_000, 4000), 15_000);
    assert.ok(patienceMs(5000, 11_000) > 11_000);
  });
});
