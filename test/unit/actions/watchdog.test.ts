import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { armWatchdog, type Watchdog } from '../../../src/actions/watchdog.js';
import { watchdogKernel } from '../../../src/system/watchdog.js';
import { type FakeWatchdog, fakeWatchdog } from '../../support/fake-watchdog.js';

const EBUSY = 16;
const EINVAL = 22;
const ENOTTY = 25;
const ENODEV = 19;

function arm(kernel: FakeWatchdog, timeoutS = 4) {
  const said: string[] = [];
  const armed = armWatchdog({
    device: '/dev/watchdog',
    timeoutS,
    log: (level, _code, text) => said.push(`${level}: ${text}`),
    kernel,
  });
  return { armed, said };
}

function armedOne(kernel: FakeWatchdog): { watchdog: Watchdog; said: string[] } {
  const { armed, said } = arm(kernel);
  assert.ok(armed.ok);
  return { watchdog: armed.watchdog, said };
}

test('the device is opened, its timeout set and read back, and both are said as the original says them', () => {
  const kernel = fakeWatchdog();
  const { watchdog, said } = armedOne(kernel);
  assert.equal(watchdog.timeoutMs, 4000);
  assert.deepEqual(kernel.calls, ['open', 'set 4']);
  assert.deepEqual(said, [
    'notice: Using watchdog device: /dev/watchdog',
    'info: Set watchdog timer to 4 seconds.',
  ]);
});

test('the timeout that the driver chose is the one that counts', () => {
  const kernel = fakeWatchdog();
  kernel.round = () => 5;
  const { watchdog, said } = armedOne(kernel);
  assert.equal(watchdog.timeoutMs, 5000);
  assert.match(said[1] ?? '', /^warn: Set watchdog timer to 5 seconds, the nearest to 4/);
});

test('a driver that refuses the timeout goes on with its own, loudly', () => {
  const kernel = fakeWatchdog();
  kernel.failures.set('setTimeout', EINVAL);
  const { watchdog, said } = armedOne(kernel);
  assert.equal(watchdog.timeoutMs, 60_000);
  assert.match(said[1] ?? '', /^error: WDIOC_SETTIMEOUT: Failed to set watchdog timer to 4 seconds\./);
});

test('a feed is one zero byte, the orderly end the byte V and a close, and nothing after it', () => {
  const kernel = fakeWatchdog();
  const { watchdog, said } = armedOne(kernel);
  assert.equal(watchdog.feed(), undefined);
  watchdog.disarm();
  watchdog.disarm();
  assert.equal(watchdog.feed(), undefined);
  assert.deepEqual(kernel.calls, ['open', 'set 4', 'feed', 'V', 'close']);
  assert.deepEqual(said.slice(2), ["info: Successful watchdog 'V' write", 'info: Successful watchdog close']);
});

test('with nowayout, or a driver without magic close, the coming reset is said at the start and at the end', () => {
  for (const prepare of [
    (kernel: FakeWatchdog) => {
      kernel.noWayOutSet = true;
    },
    (kernel: FakeWatchdog) => {
      kernel.magicClose = false;
    },
  ]) {
    const kernel = fakeWatchdog();
    prepare(kernel);
    const { watchdog, said } = armedOne(kernel);
    assert.match(
      said.at(-1) ?? '',
      /^warn: .*even an orderly stop of heartbeat is followed by a reset after 4 s/,
    );
    watchdog.disarm();
    assert.match(said.at(-1) ?? '', /^crit: .*reset in 4 s unless heartbeat is started again/);
    assert.ok(!said.some((line) => line.includes('Successful')));
  }
});

test('a device that is busy, absent or no watchdog is a sentence that says what to do', () => {
  const busy = fakeWatchdog();
  busy.failures.set('open', EBUSY);
  const taken = arm(busy).armed;
  assert.ok(!taken.ok);
  assert.match(
    taken.problem,
    /^Cannot open watchdog device: \/dev\/watchdog \(another program has it open; systemd/,
  );

  const plain = fakeWatchdog();
  plain.failures.set('setTimeout', ENOTTY).set('getTimeout', ENOTTY);
  const refused = arm(plain).armed;
  assert.ok(!refused.ok);
  assert.match(refused.problem, /^Cannot arm watchdog device: .* not guarded/);
  assert.deepEqual(plain.calls.slice(-2), ['V', 'close'], 'what was opened is closed again without a reset');
});

test('a feed that fails says within what time the machine may be reset', () => {
  const kernel = fakeWatchdog();
  const { watchdog } = armedOne(kernel);
  kernel.failures.set('write', ENODEV);
  assert.match(watchdog.feed() ?? '', /could not be fed: .* within 4 s/);
});

test('the running kernel tells an absent device and a plain file apart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-test-'));
  try {
    const absent = armWatchdog({ device: join(folder, 'none'), timeoutS: 4, log: () => undefined });
    assert.ok(!absent.ok);
    assert.match(absent.problem, /there is no such device; load its driver/);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const plain = armWatchdog({ device: file, timeoutS: 4, log: () => undefined });
    assert.ok(!plain.ok);
    assert.match(plain.problem, /Cannot arm watchdog device: .*WDIOC_SETTIMEOUT: Inappropriate ioctl/);
    assert.equal(watchdogKernel.noWayOut(file), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
