import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VrrpConfig, VrrpGlobal } from '../../../src/config/vrrp-types.js';
import { createVrrpRunner } from '../../../src/daemon/runner/vrrp.js';

const GLOBAL: VrrpGlobal = {
  routerId: 'r1',
  mail: {
    to: ['root@localhost'],
    from: 'keepalived@localhost',
    server: '127.0.0.1',
    port: 25,
    connectTimeoutMs: 2000,
    heloName: 'node1',
  },
  mailFaults: true,
  scriptSecurity: false,
  logUnknownVrids: false,
  dynamicInterfaces: false,
  notifyPriorityChanges: false,
  startupScriptTimeoutMs: 1000,
  shutdownScriptTimeoutMs: 1000,
};
const CONFIG: VrrpConfig = {
  file: '/etc/keepalived/keepalived.conf',
  global: GLOBAL,
  instances: [],
  syncGroups: [],
  scripts: [],
  processes: [],
  files: [],
  staticAddresses: [],
  staticRoutes: [],
  staticRules: [],
  virtualServers: [],
};

/** Tells of two changes to a server that refuses so many times; gives what arrived and what was logged. */
async function tell(
  refusals: number,
  pausesMs: readonly number[],
): Promise<{ sent: string[]; log: string[] }> {
  const sent: string[] = [];
  const log: string[] = [];
  let left = refusals;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const runner = createVrrpRunner({
    config: () => CONFIG,
    log: (_level, code, text) => {
      log.push(`${code}: ${text}`);
      if (text.includes('given up')) end();
    },
    tell: () => undefined,
    sendMail: async (server, subject) => {
      assert.equal(server.server, '127.0.0.1');
      if (left-- > 0) throw new Error('451 later');
      sent.push(subject);
      if (sent.length === 2) end();
    },
    mailPausesMs: pausesMs,
  });
  for (const state of ['MASTER', 'BACKUP'] as const) {
    const about = { scope: 'INSTANCE', name: 'VI_1', priority: 100, commands: [], mail: true } as const;
    runner.handle({ kind: 'vrrpNotify', ...about, state });
  }
  // The queue's pauses do not keep a process alive.
  const alive = setInterval(() => undefined, 1000);
  await ended;
  clearInterval(alive);
  await runner.drain();
  return { sent, log };
}

const MASTER = '[r1] VRRP Instance VI_1 - Entering MASTER state';
const BACKUP = '[r1] VRRP Instance VI_1 - Entering BACKUP state';

test('a mail about an instance that the server refuses is tried again, before the next one', async () => {
  const { sent, log } = await tell(2, [5, 5, 5]);
  assert.deepEqual(sent, [MASTER, BACKUP]);
  assert.equal(log.length, 2);
  assert.match(
    log[0] ?? '',
    /^vrrp-mail: The mail .*MASTER state" was not sent \(next try in 1 s\): 451 later\.$/,
  );
});

test('one that is refused every time is given up with a line, and the next one is sent', async () => {
  const { sent, log } = await tell(2, [5]);
  assert.deepEqual(sent, [BACKUP]);
  assert.match(log.at(-1) ?? '', /MASTER state" was not sent \(given up\)/);
});
