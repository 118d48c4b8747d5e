import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileDigests } from '../../../src/config/file-digests.js';
import type { AuthKeys } from '../../../src/config/types.js';
import { snapshot } from '../../../src/core/snapshot.js';
import { EXTRA_FIELD, type FileDigests } from '../../../src/wire/extra.js';
import { encodeExtra, parseExtra } from '../../../src/wire/extra-codec.js';
import { textOf } from '../../../src/wire/message.js';
import { BesideOriginal } from '../../support/beside-original.js';

const KEYS: AuthKeys = { activeIndex: 1, keys: [{ index: 1, method: 'sha1', key: 'a-secret' }] };
const TEXTS = {
  'ha.cf': 'keepalive 1\nucast eth0 10.0.0.2\nnode a b\n',
  haresources: 'a 10.0.0.10 web\n',
  'heartbeat.ini': '[mail]\nto = x@example.org\n',
};
const digestOf = (files: FileDigests, name: string): string | undefined =>
  files.digests.find(({ file }) => file === name)?.digest;

/** A peer of ours, played by the test. */
function pairWith(): { pair: BesideOriginal; hear: (files?: FileDigests) => void } {
  const pair = new BesideOriginal();
  pair.input({ kind: 'boot' });
  const hear = (files?: FileDigests): void => {
    const hbx = encodeExtra({
      version: 1,
      program: '4.0.0',
      capabilities: ['groups'],
      nonce: 'f'.repeat(16),
      heard: [],
      groupsDigest: '00000000',
      claims: [],
      ...(files === undefined ? {} : { files }),
    });
    pair.say('status', { st: 'active', dt: '7530', protocol: '1', [EXTRA_FIELD]: hbx });
  };
  return { pair, hear };
}

const said = (pair: BesideOriginal): string[] =>
  pair.effects.flatMap(({ effect }) =>
    effect.kind === 'log' && effect.code.startsWith('config-drift') ? [effect.text] : [],
  );

test('a file that stays different is named once, shown in the status, and gone when it is equal again', () => {
  const { pair, hear } = pairWith();
  const ours = fileDigests(TEXTS, KEYS);
  pair.input({ kind: 'fileDigests', files: ours });
  const theirs = fileDigests({ ...TEXTS, haresources: 'a 10.0.0.11 web\n' }, KEYS);
  for (let count = 0; count < 40; count++) {
    hear(theirs);
    pair.run(1000);
  }
  assert.equal(said(pair).length, 1);
  assert.match(said(pair)[0] ?? '', /^haresources on node2 is not the same as here/);
  const shown = snapshot(pair.state, pair.nowMs);
  assert.deepEqual(shown.drift, [{ node: 'node2', files: ['haresources'] }]);
  assert.equal(shown.warnings.filter((line) => line.startsWith('haresources on node2')).length, 1);
  hear(ours);
  assert.deepEqual(said(pair).slice(1), ['haresources is the same on node2 and here again.']);
  assert.deepEqual(snapshot(pair.state, pair.nowMs).drift, []);
});

test('a new loop process does not say a difference again, and says its end', () => {
  const { pair, hear } = pairWith();
  const ours = fileDigests(TEXTS, KEYS);
  pair.input({ kind: 'fileDigests', files: ours });
  const theirs = fileDigests({ ...TEXTS, haresources: 'a 10.0.0.11 web\n' }, KEYS);
  const until = (files: FileDigests): void => {
    for (let count = 0; count < 30; count++) {
      hear(files);
      pair.run(1000);
    }
  };
  until(theirs);
  pair.restartLoop();
  pair.input({ kind: 'fileDigests', files: ours });
  until(theirs);
  assert.equal(said(pair).length, 1);
  pair.restartLoop();
  pair.input({ kind: 'fileDigests', files: theirs });
  until(theirs);
  assert.deepEqual(said(pair).slice(1), ['haresources is the same on node2 and here again.']);
});

test('a difference that passes while files are being copied is not said', () => {
  const { pair, hear } = pairWith();
  pair.input({ kind: 'fileDigests', files: fileDigests(TEXTS, KEYS) });
  const changed = fileDigests({ ...TEXTS, 'ha.cf': 'keepalive 2\nnode a b\n' }, KEYS);
  for (let count = 0; count < 10; count++) {
    hear(changed);
    pair.run(1000);
  }
  pair.input({ kind: 'fileDigests', files: changed });
  for (let count = 0; count < 30; count++) {
    hear(changed);
    pair.run(1000);
  }
  assert.deepEqual(said(pair), []);
});

test('a node that tells nothing of its files is never warned of', () => {
  const { pair, hear } = pairWith();
  pair.input({ kind: 'fileDigests', files: fileDigests(TEXTS, KEYS) });
  for (let count = 0; count < 30; count++) {
    hear();
    pair.run(1000);
  }
  assert.deepEqual(said(pair), []);
});

test('with another active key only authkeys is said to differ', () => {
  const { pair, hear } = pairWith();
  pair.input({ kind: 'fileDigests', files: fileDigests(TEXTS, KEYS) });
  const other: AuthKeys = { activeIndex: 2, keys: [...KEYS.keys, { index: 2, method: 'sha1', key: 'b' }] };
  for (let count = 0; count < 30; count++) {
    hear(fileDigests(TEXTS, other));
    pair.run(1000);
  }
  assert.equal(said(pair).length, 1);
  assert.match(said(pair)[0] ?? '', /^authkeys on node2/);
});

test('our own digests go out with the next status', () => {
  const { pair } = pairWith();
  const files = fileDigests(TEXTS, KEYS);
  pair.input({ kind: 'fileDigests', files });
  pair.run(3000);
  const fields = pair.sent.flatMap(({ message }) => textOf(message, EXTRA_FIELD) ?? []);
  assert.deepEqual(parseExtra(fields.at(-1) ?? '')?.files, files);
});

test('comments, spacing, ucast peers and interfaces do not count; all else does', () => {
  const ours = fileDigests(TEXTS, KEYS);
  const same = fileDigests(
    {
      'ha.cf': '# a remark\nkeepalive   1\nbcast eth7\nucast eth1 10.0.0.1\n\nnode a b # both\n',
      haresources: 'a   10.0.0.10 \\\n web\n',
      'heartbeat.ini': '; a remark\n[mail]\n to=x@example.org\n',
    },
    KEYS,
  );
  assert.deepEqual(same, ours);
  const other = fileDigests({ ...TEXTS, 'ha.cf': 'keepalive 1\nnode b a\n' }, KEYS);
  assert.notEqual(digestOf(other, 'ha.cf'), digestOf(ours, 'ha.cf'));
});

test('digests cannot be compared without the key, and with crc nothing secret goes into them', () => {
  const ours = fileDigests(TEXTS, KEYS);
  const otherKey = fileDigests(TEXTS, {
    activeIndex: 1,
    keys: [{ index: 1, method: 'sha1', key: 'another' }],
  });
  assert.notEqual(ours.keyHint, otherKey.keyHint);
  for (const { file, digest } of ours.digests) assert.notEqual(digestOf(otherKey, file), digest);
  const crc: AuthKeys = {
    activeIndex: 1,
    keys: [
      { index: 1, method: 'crc', key: '' },
      { index: 2, method: 'sha1', key: 'x' },
    ],
  };
  const open = fileDigests(TEXTS, crc);
  const withPassword = { ...TEXTS, 'ha.cf': `${TEXTS['ha.cf']}stonith_host * external/ipmi pw\n` };
  assert.deepEqual(fileDigests(withPassword, crc), open);
  assert.equal(digestOf(open, 'authkeys'), undefined);
});
