import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rebootMachine } from '../../../src/daemon/runner/reboot.js';

test('a machine that cannot be rebooted is said loudly, after each way was tried', async () => {
  const said: string[] = [];
  await rebootMachine('web cannot be stopped', {
    log: (text) => said.push(text),
    flush: async () => said.push('flushed'),
    commands: [
      ['/nonexistent/reboot', '-nf'],
      ['false', 'now'],
    ],
  });
  assert.deepEqual(said, [
    'Resource STOP failure. Reboot required!',
    'Rebooting this machine at once: web cannot be stopped',
    'flushed',
    '/nonexistent/reboot -nf: spawn /nonexistent/reboot ENOENT',
    'false now: returned 1',
    'Unable to force reboot.',
  ]);
});
