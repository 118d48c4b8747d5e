/** A poison pill ends a real kernel: a virtio disk that the test writes on from outside, as another node would. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import * as tool from '../../src/daemon/sbd/tool.js';
import { findMaterials, type GuestEnd, Rig, VirtualSwitch } from './lib/index.js';
import { log, nodeFiles, serving, startDaemon } from './support/node.js';

const materials = findMaterials();
const skip = typeof materials === 'string' ? materials : false;

const TIMES = { watchdogS: 8, allocateS: 1, loopS: 1, msgwaitS: 20 };
const HA_CF = ['keepalive 1', 'deadtime 16', 'initdead 18', 'bcast eth0', 'watchdog /dev/watchdog0'];
/** An emulated machine on a busy host. */
const SLACK_MS = 5000;

it('"reset" in its slot ends a node at once, a hung disk before msgwait is over', {
  skip,
}, async (context) => {
  if (typeof materials === 'string') return;
  const folder = mkdtempSync(join(tmpdir(), 'vm-sbd-'));
  const disk = join(folder, 'disk');
  writeFileSync(disk, Buffer.alloc(1024 * 1024));
  tool.create(disk, TIMES, false);
  const network = new VirtualSwitch();
  const port = await network.port('node1');
  const files = nodeFiles({ haCf: HA_CF, settings: '[sbd]\ndevice = /dev/vda\n' });
  const rig = new Rig(materials, { modules: ['i6300esb', 'virtio_blk'], files });
  try {
    for (const [what, limitMs] of [
      ['reset', 2 * TIMES.loopS * 1000 + SLACK_MS],
      ['hang', TIMES.msgwaitS * 1000],
    ] as const) {
      const guest = await rig.start({
        name: `node1-${what}`,
        cards: [{ tcpPort: port.tcpPort, mac: '52:54:00:99:00:01', address: '10.99.0.1/24' }],
        qemuArguments: [
          ...['-device', 'i6300esb', '-action', 'watchdog=reset'],
          ...['-drive', `file=${disk},format=raw,if=none,id=pills,cache=writethrough,file.locking=off`],
          ...['-device', 'virtio-blk-pci,drive=pills'],
        ],
      });
      await guest.run('hostname node1');
      await startDaemon(guest);
      await serving(guest);
      assert.match(tool.list(disk).join(), /\tnode1\tclear/);
      const beganMs = performance.now();
      if (what === 'reset') {
        assert.equal(tool.tell([disk], 'node1', 'reset', 'node2').enough, true);
      } else {
        await guest.run(
          "kill -STOP $(ps -o pid,args | awk '/[w]atcher of|[d]aemon\\/sbd\\/main/ { print $1 }')",
        );
      }
      const end: GuestEnd | undefined = await Promise.race([
        guest.ended,
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), limitMs + SLACK_MS)),
      ]);
      if (end === undefined) console.error(guest.console, await log(guest));
      assert.ok(
        end !== undefined && end.atMs - beganMs <= limitMs,
        `${what}: ${(end?.atMs ?? 0) - beganMs} ms`,
      );
      context.diagnostic(`${what}: reset after ${((end.atMs - beganMs) / 1000).toFixed(1)} s`);
      assert.match(tool.list(disk).join(), /\tnode1\tclear/, 'it comes back unsentenced');
    }
  } finally {
    await rig.destroy();
    network.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
