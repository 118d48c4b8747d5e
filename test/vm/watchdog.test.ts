/** A real watchdog resets a real kernel: the i6300esb of QEMU, Debian's driver, the daemon as it is shipped. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { findMaterials, type Guest, type GuestEnd, type Materials, Rig, VirtualSwitch } from './lib/index.js';
import { ALL_PIDS, heartbeat, log, nodeFiles, serving, startDaemon, status } from './support/node.js';

const materials = findMaterials();
const skip = typeof materials === 'string' ? materials : false;

/** keepalive 1, deadtime 16: the timeout that fits (see `heartbeat check`). */
const TIMEOUT_MS = 7000;
const KEEPALIVE_MS = 1000;
/** An emulated machine on a busy host: what QEMU and the guest may be late. */
const SLACK_MS = 2500;
const TIMING = ['keepalive 1', 'deadtime 16', 'initdead 18', 'bcast eth0'];

interface Scene {
  readonly rig: Rig;
  readonly guest: Guest;
  readonly network: VirtualSwitch;
}

async function scene(
  settings?: string,
  extra: readonly string[] = ['watchdog /dev/watchdog0'],
): Promise<Scene> {
  const network = new VirtualSwitch();
  const port = await network.port('node1');
  const files = nodeFiles({ haCf: [...TIMING, ...extra], ...(settings === undefined ? {} : { settings }) });
  const rig = new Rig(materials as Materials, { modules: ['i6300esb', 'softdog'], files });
  const guest = await rig.start({
    name: 'node1',
    cards: [{ tcpPort: port.tcpPort, mac: '52:54:00:99:00:01', address: '10.99.0.1/24' }],
    qemuArguments: ['-device', 'i6300esb', '-action', 'watchdog=reset'],
  });
  return { rig, guest, network };
}

const rigs: Scene[] = [];
after(async () => {
  for (const { rig, network } of rigs) {
    await rig.destroy();
    network.close();
  }
});

async function served(settings?: string, extra?: readonly string[]): Promise<Scene> {
  const made = await scene(settings, extra);
  rigs.push(made);
  try {
    await startDaemon(made.guest);
    await serving(made.guest);
  } catch (error) {
    console.error(made.guest.console, await log(made.guest));
    throw error;
  }
  return made;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves with the reset, or undefined when the guest lives on for that long. */
function resetWithin(guest: Guest, limitMs: number): Promise<GuestEnd | undefined> {
  return Promise.race([guest.ended, pause(limitMs).then(() => undefined)]);
}

describe('a real watchdog', { skip }, () => {
  const faults: readonly {
    what: string;
    script: (loopPid: number) => string;
    leastMs: number;
    mostMs: number;
  }[] = [
    {
      what: 'kill -9 of all processes of the daemon',
      script: () => `kill -9 ${ALL_PIDS}`,
      // The close of the device by the dying process begins the count anew.
      leastMs: TIMEOUT_MS - 500,
      mostMs: TIMEOUT_MS + SLACK_MS,
    },
    {
      what: 'SIGSTOP of the loop process',
      script: (loopPid) => `kill -STOP ${loopPid}`,
      leastMs: TIMEOUT_MS - KEEPALIVE_MS - 500,
      mostMs: TIMEOUT_MS + SLACK_MS,
    },
    {
      what: 'SIGSTOP of all processes of the daemon',
      script: () => `kill -STOP ${ALL_PIDS}`,
      leastMs: TIMEOUT_MS - KEEPALIVE_MS - 500,
      mostMs: TIMEOUT_MS + SLACK_MS,
    },
    {
      what: 'a loop that spins for ever at real-time priority',
      script: (loopPid) => `kill -USR1 ${loopPid}`,
      leastMs: TIMEOUT_MS - KEEPALIVE_MS - 500,
      mostMs: TIMEOUT_MS + SLACK_MS,
    },
  ];

  for (const { what, script, leastMs, mostMs } of faults) {
    it(`resets the machine after ${what}`, async (t) => {
      const { guest } = await served();
      const { daemon } = await status(guest);
      const sentMs = performance.now();
      await guest.exec(script(daemon.loopPid)).catch(() => undefined);
      const doneMs = performance.now();
      const end = await resetWithin(guest, 30_000);
      assert.ok(end !== undefined, 'there was no reset within 30 s');
      assert.equal(end.code, 0, `QEMU ended otherwise: ${JSON.stringify(end)}\n${guest.console}`);
      t.diagnostic(`${what}: reset ${(end.atMs - sentMs).toFixed(0)} ms later (timeout ${TIMEOUT_MS} ms)`);
      assert.ok(end.atMs - sentMs >= leastMs, `too early: ${end.atMs - sentMs} ms`);
      assert.ok(end.atMs - Math.min(doneMs, sentMs + 500) <= mostMs, `too late: ${end.atMs - sentMs} ms`);
    });
  }

  it('leaves the machine alone while a killed loop or runner is replaced, and after a clean stop', async () => {
    const { guest } = await served();
    try {
      const before = await status(guest);
      assert.equal(before.lease?.device, '/dev/watchdog0');
      assert.equal(before.lease?.watchdogMs, TIMEOUT_MS);
      await guest.run(`kill -9 ${before.daemon.loopPid}`);
      assert.equal(await resetWithin(guest, 2 * TIMEOUT_MS), undefined, 'the loop was killed');
      const after1 = await status(guest);
      assert.notEqual(after1.daemon.loopPid, before.daemon.loopPid);
      await guest.run(`kill -9 ${after1.daemon.runnerPid}`);
      assert.equal(await resetWithin(guest, 2 * TIMEOUT_MS), undefined, 'the runner was killed');
      await guest.until('/opt/heartbeat/bin/heartbeat status', 60_000);
      assert.equal((await status(guest)).lease?.watchdogMs, TIMEOUT_MS);
      assert.equal(
        (await guest.run('cat /var/log/svc')).trim().split('\n').length,
        1,
        'the service was started once',
      );
      await guest.run("sed -i '/^watchdog/d' /etc/ha.d/ha.cf");
      assert.equal((await heartbeat(guest, '-r')).code, 0);
      assert.equal(
        await resetWithin(guest, 3 * TIMEOUT_MS),
        undefined,
        'the watchdog line was removed and reread',
      );
      assert.equal((await status(guest)).lease?.device, null);
      await guest.run("echo 'watchdog /dev/watchdog0' >> /etc/ha.d/ha.cf");
      assert.equal((await heartbeat(guest, '-r')).code, 0);
      await guest.until(
        "/opt/heartbeat/bin/heartbeat status | grep -q 'watchdog /dev/watchdog0 resets'",
        30_000,
      );
      await guest.run('[ -e /run/svc ]');
      const stopped = await heartbeat(guest, '-k');
      assert.equal(stopped.code, 0, stopped.text);
      assert.equal(await resetWithin(guest, 3 * TIMEOUT_MS), undefined, 'heartbeat was stopped in order');
      const said = await log(guest);
      for (const line of [
        'Using watchdog device: /dev/watchdog0',
        'Set watchdog timer to 7 seconds.',
        "Successful watchdog 'V' write",
        'Successful watchdog close',
      ])
        assert.ok(said.includes(line), `"${line}" is not in the log:\n${said}`);
    } catch (error) {
      console.error(await log(guest).catch(() => guest.console));
      throw error;
    }
  });

  it('with nowayout resets the machine even after a clean stop, as the log says at the start and at the end', async (t) => {
    const made = await scene(undefined, ['watchdog /dev/watchdog0']);
    rigs.push(made);
    const { guest } = made;
    await guest.run('rmmod softdog; rmmod i6300esb; insmod /lib/modules/softdog.ko nowayout=1');
    await startDaemon(guest);
    await serving(guest);
    assert.match(
      await log(guest),
      /has nowayout set: even an orderly stop of heartbeat is followed by a reset after 7 s/,
    );
    const stopped = await heartbeat(guest, '-k');
    const stoppedMs = performance.now();
    assert.equal(stopped.code, 0, stopped.text);
    assert.match(await log(guest), /reset in 7 s unless heartbeat is started again/);
    const end = await resetWithin(guest, 20_000);
    assert.ok(end !== undefined, 'nowayout, but no reset');
    t.diagnostic(`nowayout: reset ${(end.atMs - stoppedMs).toFixed(0)} ms after heartbeat -k had returned`);
  });

  it('is missed loudly: without it the node serves, unless one is required', async () => {
    const made = await scene(undefined, ['watchdog /dev/watchdog7']);
    rigs.push(made);
    const { guest } = made;
    await guest.run(
      'echo "[watchdog]" > /etc/ha.d/heartbeat.ini; echo "required = yes" >> /etc/ha.d/heartbeat.ini',
    );
    const refused = await guest.exec('/opt/heartbeat/bin/heartbeat');
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /no watchdog device \/dev\/watchdog7/);
    // A device that is there but taken is noticed when it is armed.
    const holder = '(exec 5> /dev/watchdog0; while [ ! -e /tmp/done ]; do printf . >&5; sleep 1; done) &';
    await guest.run(`sed -i 's/watchdog7/watchdog0/' /etc/ha.d/ha.cf; ${holder} sleep 1`);
    const taken = await guest.exec('/opt/heartbeat/bin/heartbeat');
    assert.notEqual(taken.code, 0);
    assert.match(taken.text, /another program has it open/);
    await guest.run("sed -i 's/yes/no/' /etc/ha.d/heartbeat.ini");
    await startDaemon(guest);
    await serving(guest);
    assert.match(await log(guest), /Cannot open watchdog device: \/dev\/watchdog0/);
    const now = await status(guest);
    assert.ok(
      now.warnings.some((text) => text.includes('not guarded')),
      now.warnings.join('\n'),
    );
  });
});
