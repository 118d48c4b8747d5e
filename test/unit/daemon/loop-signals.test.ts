import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { openChannel } from '../../../src/daemon/channel.js';
import type { ToLoop, ToRunner } from '../../../src/daemon/mailbox.js';
import { compiledFile } from '../../../src/daemon/paths.js';
import { sampleConfig, sampleKeys } from '../../support/configuration.js';
import { until } from '../../support/scripts.js';

test('no signal opens a debugger in the loop process or ends it, except SIGKILL', async (t) => {
  const loop = spawn(process.execPath, [compiledFile('daemon', 'loop', 'main.js')], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  t.after(() => loop.kill('SIGKILL'));
  let said = '';
  loop.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const got: ToRunner[] = [];
  const channel = openChannel<ToRunner, ToLoop>(loop.stdio[3] as Duplex, {
    onMessage: (message) => got.push(message),
    onEnd: () => undefined,
  });
  const alive = (): number => got.filter(({ kind }) => kind === 'alive').length;
  channel.send({
    kind: 'boot',
    boot: {
      config: sampleConfig(),
      authKeys: sampleKeys,
      program: '4.0.0',
      generation: 1,
      uuid: '00112233445566778899aabbccddeeff',
      nonce: '0011223344556677',
      seed: 1,
      peerGenerations: {},
      realtime: false,
      runnerPid: process.pid,
    },
  });
  await until(() => got.some(({ kind }) => kind === 'ready'), 'ready');
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE'] as const) {
    loop.kill(signal);
    for (let round = 0; round < 5; round++) {
      const before = alive();
      channel.send({ kind: 'ping' });
      await until(() => alive() > before, 'an answer');
    }
  }
  loop.kill('SIGKILL');
  await once(loop, 'close');
  assert.equal(said, '');
});
