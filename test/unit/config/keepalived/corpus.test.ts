/**
 * The published fragments and the small broken files. The real keepalived 2.2.7 refuses all fourteen fragments (those
 * without "_sp" and "_lc") and answers most broken ones with exit status 5, whether it would run them or not; here
 * "accepted" means that the daemon runs it, and each file gets these diagnostics and no others.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixture } from '../../../support/root.js';
import { read, told } from './support.js';

type Case = readonly [file: string, accepted: boolean, diagnostics: readonly string[]];

const WALK_THROUGHS: readonly Case[] = [
  ['s000_1.conf', true, ['warning foreign-remark', 'warning no-break-space']],
  ['s000_1_sp.conf', true, ['warning foreign-remark']],
  ['s000_2.conf', true, ['warning foreign-remark', 'warning no-break-space']],
  ['s000_2_sp.conf', true, ['warning foreign-remark']],
  ['s000_3.conf', true, ['warning no-break-space']],
  ['s000_3_sp.conf', true, []],
  ['s000_4.conf', true, ['warning no-break-space']],
  ['s000_4_sp.conf', true, []],
  ['s001_oneline.conf', false, ['error lost-line-end', 'error missing-close', 'warning default-taken']],
  [
    's002_annot.conf',
    false,
    [
      'error address-invalid',
      'error missing-open',
      'error time-invalid',
      'error wrong-block',
      'warning extra-words',
      'warning keyword-case',
    ],
  ],
  [
    's002_annot_lc.conf',
    false,
    [
      'error address-invalid',
      'error missing-open',
      'error time-invalid',
      'error wrong-block',
      'warning extra-words',
    ],
  ],
  ['s002_n1.conf', true, ['warning keyword-case']],
  ['s002_n1_lc.conf', true, []],
  ['s002_n2.conf', true, ['warning keyword-case']],
  ['s002_n2_lc.conf', true, []],
  [
    's002_vs1_full.conf',
    true,
    ['info legacy-keyword', 'info zero-taken', 'warning keyword-case', 'warning path-torn'],
  ],
  ['s002_vs1_full_lc.conf', true, ['info legacy-keyword', 'info zero-taken']],
  [
    's002_vs1_part.conf',
    false,
    [
      'error missing-close',
      'error wrong-block',
      'info zero-taken',
      'warning default-taken',
      'warning keyword-case',
    ],
  ],
  [
    's002_vs1_part_lc.conf',
    false,
    ['error missing-close', 'error wrong-block', 'info zero-taken', 'warning default-taken'],
  ],
  [
    's002_vs2_full.conf',
    true,
    ['info legacy-keyword', 'info zero-taken', 'warning keyword-case', 'warning path-torn'],
  ],
  ['s002_vs2_full_lc.conf', true, ['info legacy-keyword', 'info zero-taken']],
  [
    's002_vs2_part.conf',
    false,
    [
      'error missing-close',
      'error wrong-block',
      'info zero-taken',
      'warning default-taken',
      'warning keyword-case',
    ],
  ],
  [
    's002_vs2_part_lc.conf',
    false,
    ['error missing-close', 'error wrong-block', 'info zero-taken', 'warning default-taken'],
  ],
  [
    's003_full.conf',
    false,
    [
      'error address-invalid',
      'error unknown-keyword',
      'error word-invalid',
      'info zero-taken',
      'warning no-break-space',
      'warning strict-conflict',
    ],
  ],
  [
    's003_full_sp.conf',
    false,
    [
      'error address-invalid',
      'error unknown-keyword',
      'error word-invalid',
      'info zero-taken',
      'warning strict-conflict',
    ],
  ],
  ['s003_global.conf', true, ['info zero-taken', 'warning no-break-space', 'warning nothing-configured']],
  ['s003_global_sp.conf', true, ['info zero-taken', 'warning nothing-configured']],
];

const BROKEN: readonly Case[] = [
  ['adv_0.conf', false, ['error time-invalid']],
  ['adv_frac_v2.conf', false, ['error interval-fraction']],
  ['adv_frac_v3.conf', true, ['warning interval-rounded']],
  ['auth_no_brace.conf', false, ['error missing-open']],
  ['authtype_alt.conf', false, ['error word-invalid']],
  ['bad_if.conf', false, ['error interface-absent']],
  ['bad_ip.conf', false, ['error address-invalid']],
  ['bad_sched.conf', false, ['error word-invalid', 'info no-check', 'warning default-taken']],
  ['bad_vrid.conf', false, ['error number-invalid']],
  ['bom.conf', true, ['warning byte-order-mark']],
  ['brace_newline.conf', true, []],
  ['comment_mid.conf', true, []],
  ['crlf.conf', true, []],
  ['dup_name.conf', false, ['error name-twice']],
  ['dup_vip.conf', true, ['warning address-twice']],
  ['dup_vrid.conf', false, ['error router-id-twice']],
  ['empty.conf', true, ['warning nothing-configured']],
  ['extra_close.conf', false, ['error extra-brace']],
  ['inline_open.conf', true, []],
  ['inline_vip.conf', true, []],
  ['lvs.conf', true, ['info legacy-keyword']],
  ['mixed_fam.conf', true, ['warning mixed-families']],
  ['nat_mask.conf', true, ['info legacy-keyword']],
  ['nbspin.conf', true, ['warning no-break-space']],
  ['no_close.conf', false, ['error missing-close']],
  ['no_if.conf', false, ['error interface-missing']],
  ['no_vip_v2.conf', false, ['error no-address']],
  ['no_vrid.conf', false, ['error router-id-missing']],
  ['nopreempt_master.conf', true, ['warning preempt-master']],
  ['ok.conf', true, []],
  ['prio_300.conf', false, ['error number-invalid']],
  ['script_insec.conf', true, []],
  ['script_missing.conf', true, []],
  ['state_typo.conf', false, ['error word-invalid']],
  ['strict_full.conf', true, ['warning preempt-master', 'warning strict-conflict']],
  ['tcpcheck_nbget.conf', true, ['info legacy-keyword']],
  ['track_unknown.conf', false, ['error track-unknown']],
  ['unknown_kw.conf', false, ['error unknown-keyword']],
  ['unterminated_quote.conf', false, ['error unterminated-quote']],
  ['upper.conf', false, ['error router-id-missing', 'warning keyword-case']],
  ['uth_pass.conf', false, ['error password-missing', 'error unknown-keyword']],
  ['v3_auth.conf', true, ['warning authentication-unused']],
  ['vrid0.conf', false, ['error number-invalid']],
];

for (const [folder, cases] of [
  ['keepalived', WALK_THROUGHS],
  ['keepalived-bad', BROKEN],
] as const) {
  for (const [file, accepted, expected] of cases) {
    test(`${folder}/${file} is ${accepted ? 'accepted' : 'refused'} with these diagnostics`, () => {
      const parsed = read(readFileSync(fixture('corpus', folder, file), 'utf8'));
      const kinds = told(parsed).map((one) => one.split(' ').slice(0, 2).join(' '));
      assert.deepEqual([...new Set(kinds)].sort(), expected);
      assert.equal(parsed.config !== undefined, accepted);
      for (const { message, hint } of parsed.diagnostics) {
        assert.match(message, /^\S.*\.$/s, 'a whole sentence');
        if (hint !== undefined) assert.match(hint, /^\S.*[.?"]$/s);
      }
    });
  }
}

test('nine of the fourteen fragments run as they were published', () => {
  const published = WALK_THROUGHS.filter(([file]) => !/_(sp|lc)\./.test(file));
  assert.equal(published.length, 14);
  assert.equal(published.filter(([, accepted]) => accepted).length, 9);
});
