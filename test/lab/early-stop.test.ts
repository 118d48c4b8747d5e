/** A signal that comes while the daemon is being put together is obeyed: nothing is half-started, nothing is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LabNode, labAbility } from './lib/index.js';
import { instanceText, withPair } from './vrrp/pair.js';

const PID_FILE = '/run/keepalived.pid';
const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

/** From the pid file to the signal: from the very first moment until the daemon has long been up. */
const DELAYS_MS = [0, 0, 10, 30, 60, 100, 150, 250, 400, 800] as const;

/** Pid file and processes of the daemon, as text. */
async function left(node: LabNode): Promise<string> {
  const file = await node.exec(['ls', PID_FILE]);
  const processes = await node.exec(['pgrep', '-fa', '^(keepalived|heartbeat)|daemon/(loop|runner)']);
  return `${file.stdout}${processes.stdout}`.trim();
}

test(
  'SIGTERM at any moment of the start ends the daemon, and no process, pid file or address stays',
  options,
  async () => {
    await withPair(async (pair) => {
      const { lab, node1 } = pair;
      const head = 'global_defs {\n    vrrp_version 3\n}\n';
      await pair.configure(node1, head + instanceText({ priority: 100, advertInt: '0.05', password: null }));
      for (const delayMs of DELAYS_MS) {
        await pair.start(node1, 'ours');
        // The signal goes from a shell of the machine: asking from outside takes longer than what is looked for.
        const order = `while ! [ -s ${PID_FILE} ]; do :; done; sleep ${delayMs / 1000}; kill -TERM $(cat ${PID_FILE})`;
        await node1.exec(['timeout', '30', 'sh', '-c', order], { timeoutMs: 40_000 });
        await lab.until(async () => (await left(node1)) === '', {
          withinMs: 30_000,
          what: `everything to be gone, signal after ${delayMs} ms`,
          everyMs: 50,
        });
        assert.equal(await pair.holds(node1), false, `address after ${delayMs} ms`);
      }
    });
  },
);

test('SIGHUP and SIGUSR1 in the first moment do not end the daemon', options, async () => {
  await withPair(async (pair) => {
    const { node1 } = pair;
    await pair.configure(node1, instanceText({ priority: 100 }));
    for (const signal of ['HUP', 'USR1']) {
      await pair.start(node1, 'ours');
      const order = `while ! [ -s ${PID_FILE} ]; do :; done; kill -${signal} $(cat ${PID_FILE})`;
      await node1.exec(['timeout', '30', 'sh', '-c', order], { timeoutMs: 40_000 });
      await pair.gets(node1);
      assert.ok((await left(node1)).split('\n').length >= 3, 'the pid file and two processes');
      await pair.stop(node1, 'ours');
    }
  });
});
