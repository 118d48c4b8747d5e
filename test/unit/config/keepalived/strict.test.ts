/** vrrp_strict, no_accept and the keywords of their packet filter (vrrp-lvs.md 2.9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VrrpInstance } from '../../../../src/config/vrrp-types.js';
import { good, instanceWith, read, told } from './support.js';

const STRICT = 'global_defs { vrrp_strict }';

function strict(...lines: readonly string[]): VrrpInstance {
  const [first] = good(`${STRICT}\n${instanceWith(...lines)}`).instances;
  assert.ok(first);
  return first;
}

test('vrrp_strict leaves out the password, as the original does: otherwise the two would both be master', () => {
  const lines = ['authentication {', 'auth_type PASS', 'auth_pass 1234', '}'];
  assert.deepEqual(strict(...lines).authentication, { kind: 'none' });
  const parsed = read(`${STRICT}\n${instanceWith(...lines)}`);
  assert.deepEqual(told(parsed), ['warning strict-conflict 2:1']);
  assert.match(parsed.diagnostics[0]?.message ?? '', /authentication is left out/);
});

test('vrrp_strict puts right what the RFC forbids, and names each', () => {
  const lines = [
    'state MASTER',
    'priority 100',
    'accept',
    'down_timer_adverts 5',
    'higher_prio_send_advert',
    'lower_prio_no_advert off',
  ];
  const found = strict(...lines);
  assert.deepEqual(
    [
      found.initialState,
      found.accept,
      found.downTimerAdverts,
      found.higherPrioritySendAdvert,
      found.lowerPriorityNoAdvert,
    ],
    ['backup', false, 3, false, true],
  );
  assert.equal(strict('state BACKUP', 'preempt_delay 5').preemptDelayMs, 0);
  const message = read(`${STRICT}\n${instanceWith(...lines)}`).diagnostics[0]?.message ?? '';
  for (const word of [
    'state',
    'accept',
    'down_timer_adverts',
    'higher_prio_send_advert',
    'lower_prio_no_advert',
  ])
    assert.ok(message.includes(word), word);
});

test('vrrp_strict means no_accept; version 3 may say accept all the same, and an owner always takes its packets', () => {
  assert.equal(strict().accept, false);
  assert.equal(strict('version 3', 'accept').accept, true);
  assert.deepEqual(told(read(`${STRICT}\n${instanceWith('state MASTER', 'priority 255')}`)), []);
});

test('table, priority and counters of the packet filter are read; a name that nft does not take is an error', () => {
  const { global } = good(
    `global_defs {\nnftables floating\nnftables_priority 10\nnftables_counters\n}\n${instanceWith()}`,
  );
  assert.deepEqual([global.nftTable, global.nftPriority, global.nftCounters], ['floating', 10, true]);
  assert.deepEqual(told(read(`global_defs {\nnftables a;b\n}\n${instanceWith()}`)), [
    'error table-name 2:10',
  ]);
});
