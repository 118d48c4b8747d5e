import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Operation } from '../../../src/core/effect.js';
import type { ToLoop } from '../../../src/daemon/mailbox.js';
import { createOperations } from '../../../src/daemon/runner/operations.js';

const START: Operation = {
  id: 7,
  group: 'web',
  groupLine: 'node1 web',
  verb: 'start',
  target: { kind: 'script', resource: { word: 'web', type: 'web', args: [] } },
  deadlineMs: 1000,
  environment: {},
};

it('a script that ends while no loop process is there is told to the next one, once', async () => {
  const told: ToLoop[] = [];
  let hears = false;
  let end: () => void = () => undefined;
  const operations = createOperations({
    run: () =>
      new Promise((resolve) => {
        end = () => resolve({ ok: true });
      }),
    tell: (message) => {
      if (hears) told.push(message);
      return hears;
    },
  });
  operations.start(START);
  await new Promise((resolve) => setImmediate(resolve));
  end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, []);
  hears = true;
  operations.tellUnheard();
  operations.tellUnheard();
  assert.deepEqual(told, [{ kind: 'operationDone', operationId: 7, result: { ok: true } }]);
});
