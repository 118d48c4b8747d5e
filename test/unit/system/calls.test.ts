import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import koffi from 'koffi';
import { bootTimeMs } from '../../../src/system/clock.js';
import { lockableRanges } from '../../../src/system/memory.js';
import { anyUnread, hasUnread } from '../../../src/system/poll.js';
import { openUdpReceiver, openUdpSender, sendDatagram, socketAddress } from '../../../src/system/socket.js';
import { openSyslog } from '../../../src/system/syslog.js';
import { openUnixDatagramSender } from '../../../src/system/unix-datagram.js';

const system = (name: string) => new URL(`../../../src/system/${name}.js`, import.meta.url).href;

/** Runs a module's text in a process of its own, which the test may then treat badly. */
function inProcess(text: string): { status: number | null; stdout: string; stderr: string } {
  const words = ['--input-type=module', '--expose-gc', '-e', text];
  return spawnSync(process.execPath, words, { encoding: 'utf8' });
}

test('the boot clock agrees with the uptime of the kernel and does not go back', () => {
  const before = bootTimeMs();
  const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  const after = bootTimeMs();
  // /proc/uptime has hundredths.
  assert.ok(before - 10 <= uptimeMs && uptimeMs <= after + 10, `${before} ${uptimeMs} ${after}`);
  assert.ok(after >= before);
});

test('a socket on an interface that does not exist is a typed error with the call in words', () => {
  const options = { family: 4, device: 'nothing9', port: 1694 } as const;
  for (const result of [openUdpReceiver(options), openUdpSender(options)]) {
    assert.equal(result.ok, false);
    if (result.ok) continue;
    assert.equal(result.code, 'ENODEV');
    assert.equal(result.message, 'SO_BINDTODEVICE nothing9: No such device');
  }
});

test('a descriptor has something unread exactly while its datagram is not read', async () => {
  const opened = openUdpReceiver({ family: 4, device: 'lo', port: 26_941, reusePort: true });
  const sender = openUdpSender({ family: 4, device: 'lo', priority: 6, typeOfService: 0x10 });
  assert.ok(opened.ok && sender.ok);
  assert.equal(hasUnread(opened.value), false);
  assert.equal(anyUnread([opened.value, sender.value]), false);
  assert.equal(sendDatagram(sender.value, Buffer.from('x'), socketAddress('127.0.0.1', 26_941)), 0);
  assert.equal(hasUnread(opened.value), true);
  assert.equal(anyUnread([sender.value, opened.value]), true);
  const socket = createSocket('udp4');
  socket.bind({ fd: opened.value });
  await once(socket, 'message');
  assert.equal(hasUnread(opened.value), false);
  socket.close();
  assert.equal(hasUnread(-1), false);
});

test('only mappings of files, the stack and the heap are locked', () => {
  const maps = [
    '00400000-00500000 r-xp 00000000 08:01 1234 /usr/bin/node',
    '00500000-00501000 ---p 00100000 08:01 1234 /usr/bin/node',
    '01000000-01021000 rw-p 00000000 00:00 0 [heap]',
    '7f0000000000-7f0000021000 rw-p 00000000 00:00 0 ',
    '7f1000000000-7f1000001000 rw-s 00000000 00:05 77 /dev/zero (deleted)',
    '7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]',
    '7ffc00100000-7ffc00104000 r--p 00000000 00:00 0 [vvar]',
  ].join('\n');
  assert.deepEqual(lockableRanges(maps), [
    { start: 0x400000, bytes: 0x100000 },
    { start: 0x1000000, bytes: 0x21000 },
    { start: 0x7ffc00000000, bytes: 0x21000 },
  ]);
});

test('V8 lives on with locked memory: heap growth, collection, workers, exit', () => {
  const result = inProcess(`
    import { Worker } from 'node:worker_threads';
    import { readFileSync } from 'node:fs';
    const { lockMemory } = await import('${system('memory')}');
    const locked = lockMemory();
    for (let i = 0; i < 20; i++) {
      let heap = [];
      for (let k = 0; k < 20000; k++) heap.push({ k, text: 'x'.repeat(k % 50) });
      JSON.parse(JSON.stringify(heap));
      heap = undefined;
      gc();
    }
    const worker = new Worker('1 + 1', { eval: true });
    await new Promise((resolve) => worker.on('exit', resolve));
    const lockedKb = Number(/VmLck:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    console.log(JSON.stringify({ ...locked, lockedKb }));
  `);
  assert.equal(result.status, 0, result.stderr);
  const locked = JSON.parse(result.stdout) as { bytes: number; lockedKb: number; failure?: object };
  if (locked.failure === undefined) assert.ok(locked.lockedKb > 1000, result.stdout);
});

test('real-time priority is taken or refused with a typed error, and children do not inherit it', () => {
  const result = inProcess(`
    import { execFileSync } from 'node:child_process';
    const { setRealtime, setOrdinary, isRealtime } = await import('${system('scheduler')}');
    const taken = setRealtime();
    const during = isRealtime();
    const child = execFileSync('cat', ['/proc/self/sched']).toString();
    const back = setOrdinary();
    console.log(JSON.stringify({ taken, during, back, after: isRealtime(), policy: /policy\\s*:\\s*(\\d+)/.exec(child)?.[1] }));
  `);
  assert.equal(result.status, 0, result.stderr);
  const seen = JSON.parse(result.stdout) as {
    taken: { ok: boolean; code?: string };
    during: boolean;
    after: boolean;
    policy?: string;
  };
  if (seen.taken.ok) assert.equal(seen.during, true);
  else assert.equal(seen.taken.code, 'EPERM');
  assert.equal(seen.after, false);
  if (seen.policy !== undefined) assert.equal(seen.policy, '0');
});

test('a syslog line reaches the local socket, and is dropped at once when nobody reads', () => {
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
  const recv = libc.func('intptr_t recv(int fd, _Out_ void *bytes, size_t length, int flags)');
  const close = libc.func('int close(int fd)');
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-syslog-'));
  const path = join(folder, 'log');
  const absent = openSyslog('local3', 'heartbeat', path);
  assert.ok(absent.ok);
  assert.equal(absent.value.write(6, 'nobody'), 2); // ENOENT

  const fd = socket(1, 2 | 0x800, 0) as number;
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${path}\0`)]);
  assert.equal(bind(fd, address, address.length), 0);
  assert.equal(absent.value.write(6, 'all is well'), 0);
  const buffer = Buffer.alloc(256);
  const length = recv(fd, buffer, 256, 0x40) as number;
  const line = buffer.toString('latin1', 0, length);
  assert.match(
    line,
    new RegExp(
      `^<158>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d heartbeat\\[${process.pid}\\]: all is well$`,
    ),
  );

  let refused = 0;
  for (let i = 0; i < 10_000 && refused === 0; i++) refused = absent.value.write(6, 'x'.repeat(1000));
  assert.equal(refused, 11); // EAGAIN
  close(fd);
  assert.equal(absent.value.write(6, 'gone'), 111); // ECONNREFUSED
  absent.value.close();
  absent.value.close();
  rmSync(folder, { recursive: true });
});

test('a name that cannot be a local socket is refused', () => {
  const result = openUnixDatagramSender(`/${'x'.repeat(120)}`);
  assert.equal(result.ok, false);
  assert.equal(openUnixDatagramSender('').ok, false);
});
