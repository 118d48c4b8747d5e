/** Every case of the corpus: what the real daemon of Debian (3.0.6-13) did with the file is what we do. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Configuration } from '../../../src/config/parse.js';
import { fixture } from '../../support/root.js';
import { corpusFacts, judge } from './support.js';

interface Expectation {
  readonly accepted: boolean;
  readonly hostname?: string;
  readonly effective?: Readonly<Record<string, unknown>>;
  readonly otherFiles?: Readonly<Record<string, string>>;
  readonly haresourcesPresent?: boolean;
  readonly clusterNodes?: readonly string[];
  readonly groups?: readonly { node: string; key: string; take: string[][]; give: string[][] }[];
  readonly runMessages?: readonly unknown[];
  readonly mode?: string;
}

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Expectation;
}

/**
 * Where the original accepts and then dies or crashes, so that its exit status is no guide: all are refused, since
 * the daemon could not do with the file what it says.
 */
const VERDICTS: Readonly<Record<string, { readonly accepted: boolean; readonly why: string }>> = {
  '109-serial-not-tty': {
    accepted: false,
    why: '/dev/null carries no heartbeat; the original dies opening it',
  },
  '133-ucast-bad-interface': { accepted: false, why: 'there is no eth9; the original dies opening it' },
  '151-many-media': { accepted: false, why: 'more than 64 media; the original crashes while parsing' },
  '343-media-count-65': { accepted: false, why: 'more than 64 media; the original dies in the background' },
  '369-bcast-alias-label': {
    accepted: false,
    why: 'a label is no interface; the original dies binding to it',
  },
};

function cases(folder: string): readonly Case[] {
  const directory = fixture('corpus', folder);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.cf'))
    .sort()
    .map((file) => {
      const name = file.slice(0, -'.cf'.length);
      const expected = JSON.parse(
        readFileSync(join(directory, `${name}.expect.json`), 'utf8'),
      ) as Expectation;
      return { name, bytes: readFileSync(join(directory, file)), expected };
    });
}

function assertVerdict(judged: Configuration, accepted: boolean): void {
  const errors = judged.diagnostics.filter((entry) => entry.severity === 'error');
  assert.equal(judged.accepted, accepted, JSON.stringify(errors, null, 1));
  for (const error of errors) assert.ok((error.hint ?? '') !== '', `no hint: ${error.message}`);
}

describe('ha.cf is judged as the original judges it', () => {
  for (const { name, bytes, expected } of cases('ha.cf')) {
    it(name, () => {
      const own = expected.hostname ?? 'node1';
      const files = Object.fromEntries(
        Object.entries(expected.otherFiles ?? {}).map(([file, text]) => [`/etc/ha.d/${file}`, text]),
      );
      const judged = judge({ haCf: bytes, hostname: own, facts: { ...corpusFacts, files } });
      const accepted =
        VERDICTS[name]?.accepted ?? (expected.accepted || expected.haresourcesPresent === false);
      if (expected.haresourcesPresent === false && name.includes('autojoin')) assertVerdict(judged, false);
      else assertVerdict(judged, accepted);
      if (!judged.accepted) return;
      for (const [key, value] of Object.entries(expected.effective ?? {})) {
        assert.deepEqual(judged.effective[key], value, key);
      }
    });
  }
});

describe('haresources is read as the original reads it', () => {
  for (const { name, bytes, expected } of cases('haresources')) {
    it(name, () => {
      const nodes = expected.clusterNodes ?? [];
      const own = expected.hostname ?? 'node1';
      const judged = judge({
        haCf: `bcast eth0\nauto_failback on\nnode ${nodes.join(' ')}\n`,
        haresources: bytes,
        hostname: own,
      });
      assertVerdict(judged, expected.accepted);
      const [first] = expected.groups ?? [];
      const isPattern = /[*$[^\\]/.test(first?.key ?? '');
      if (expected.runMessages?.length === 0 && !isPattern) {
        const groups = judged.groups.map(({ node, key, take, give }) => ({ node, key, take, give }));
        assert.deepEqual(groups, expected.groups);
      } else {
        const warned = judged.diagnostics.some(
          (entry) => entry.file === 'haresources' && entry.severity === 'warning' && entry.line > 0,
        );
        assert.ok(warned, 'no warning names a line');
      }
    });
  }
});

describe('authkeys is judged as the original judges it', () => {
  for (const { name, bytes, expected } of cases('authkeys')) {
    it(name, () => {
      const mode = Number.parseInt(expected.mode ?? '0600', 8);
      const judged = judge({ authkeys: bytes, mode });
      assertVerdict(judged, expected.accepted);
      const { signWith, method, key } = expected.effective ?? {};
      if (!judged.accepted || signWith === undefined) return;
      assert.equal(judged.effective.signWith, signWith);
      assert.equal(judged.effective.method, method);
      const whole = /^\(all (\d+) characters\)$/.exec(String(key));
      const secret = whole === null ? key : 'k'.repeat(Number(whole[1]));
      const digest = typeof secret === 'string' ? createHash('sha256').update(secret).digest('hex') : null;
      assert.equal(judged.effective.keySha256, digest);
      if (typeof secret === 'string' && secret.length > 4) {
        assert.ok(
          !JSON.stringify([judged.diagnostics, judged.effective]).includes(secret),
          'the key is shown',
        );
      }
    });
  }
});

describe('the walk-through of 2007', () => {
  const read = (file: string): Uint8Array => readFileSync(fixture('corpus', 'walkthrough', file));
  const own = { haCf: read('ha.cf'), authkeys: read('authkeys'), hostname: 'xuanfei1-server' };

  it('ha.cf and authkeys are accepted as they stand', () => {
    const judged = judge(own);
    assertVerdict(judged, true);
    const kinds = judged.config?.media.map((medium) => medium.kind);
    assert.deepEqual(kinds, ['serial', 'bcast', 'mcast']);
  });

  it('haresources is refused in one sentence with the known names and what the name must match', () => {
    const judged = judge({ ...own, haresources: read('haresources') });
    assertVerdict(judged, false);
    const errors = judged.diagnostics.filter((entry) => entry.severity === 'error');
    assert.equal(errors.length, 1);
    const [error] = errors;
    assert.equal(error?.file, 'haresources');
    assert.equal(error?.line, 6);
    assert.equal(error?.column, 1);
    assert.match(error?.message ?? '', /"xuanfei\.com".*xuanfei1-server, xuanfei2-server/);
    assert.match(error?.hint ?? '', /uname -n.*nearest is xuanfei1-server/);
  });

  it('with the stated changes all three files are accepted', () => {
    const haresources = 'xuanfei1-server 10.0.0.10/24/eth1 httpd\n';
    assertVerdict(judge({ ...own, haresources }), true);
  });
});
