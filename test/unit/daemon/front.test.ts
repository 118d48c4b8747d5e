import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClusterConfig } from '../../../src/config/types.js';
import { createFront, frontFlags } from '../../../src/daemon/runner/front.js';
import { sampleConfig } from '../../support/configuration.js';
import { fullPicture } from '../../support/pictures.js';
import { repositoryRoot } from '../../support/root.js';

const ENTRY = join(repositoryRoot(), 'dist', 'test', 'support', 'fake-front.js');

interface Facts {
  readonly pid: number;
  readonly names: readonly string[];
  readonly uid: number;
  readonly environment: readonly string[];
  readonly write: string;
  readonly start: string;
  readonly code: string;
}

function kept(t: { after(task: () => void): void }, settings: Partial<ClusterConfig['settings']>) {
  const lines: string[] = [];
  let heard: (() => void) | undefined;
  const base = sampleConfig();
  let config: ClusterConfig = { ...base, settings: { ...base.settings, ...settings } };
  const front = createFront({
    config: () => config,
    log: (_level, _code, text) => {
      lines.push(text);
      heard?.();
    },
    entry: ENTRY,
  });
  t.after(() => front.close());
  const said = async (what: RegExp): Promise<string> => {
    for (;;) {
      const found = lines.find((line) => what.test(line));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  const facts = async (): Promise<Facts> =>
    JSON.parse((await said(/^Status page: \{/)).slice('Status page: '.length));
  const change = (next: Partial<ClusterConfig['settings']>): void => {
    config = { ...config, settings: { ...config.settings, ...next } };
  };
  return { front, lines, said, facts, change };
}

const LISTEN = { statusListen: '127.0.0.1:8694', statusUser: 'nobody' };

test('without [status] listen nothing is started; with it, a process that may write, start and make nothing', async (t) => {
  const { front, lines, facts, change } = kept(t, {});
  front.show(fullPicture());
  assert.deepEqual(lines, []);
  change({ ...LISTEN, statusNames: 'Cluster.example.org  other' });
  front.show(fullPicture());
  const found = await facts();
  assert.deepEqual(found.names.slice(1), ['cluster.example.org', 'other']);
  assert.notEqual(found.uid, 0);
  assert.deepEqual(
    [found.environment, found.write, found.start, found.code.startsWith('EvalError')],
    [[], 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED', true],
  );
});

test('one that ends is started again after a pause, and the log says so; one that floods is not heard for ever', async (t) => {
  const { front, lines, said, facts } = kept(t, LISTEN);
  front.show(fullPicture());
  const { pid } = await facts();
  front.show(fullPicture({ warnings: ['flood'] }));
  front.show(fullPicture({ warnings: ['end'] }));
  // The flood may use up what a minute allows: the end is seen by the process itself.
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 10));
  await said(/x{100}/);
  assert.ok(lines.length <= 11, `${lines.length} lines`);
  assert.ok(lines.every((line) => line.length <= 300 && !line.includes('\u001b')));
});

test('a changed configuration replaces the process; a user with rights, or none of that name, gets no page', async (t) => {
  const { front, lines, said, facts, change } = kept(t, LISTEN);
  front.show(fullPicture());
  const { pid } = await facts();
  change({ statusListen: '' });
  front.show(fullPicture());
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const [user, reason] of [
    ['no-such-user-here', /there is no user no-such-user-here/],
    ['0', /0 has the rights of root/],
  ] as const) {
    lines.length = 0;
    change({ ...LISTEN, statusUser: user });
    front.show(fullPicture());
    assert.match(await said(/There is no status page/), reason);
  }
});

test('the flags follow what Node.js knows', () => {
  assert.ok(frontFlags(new Set(['--permission'])).includes('--permission'));
  assert.ok(frontFlags(new Set(['--experimental-permission'])).includes('--experimental-permission'));
  assert.equal(
    frontFlags(new Set()).some((flag) => flag.includes('permission')),
    false,
  );
  assert.ok(frontFlags(new Set(['--permission', '--allow-net'])).includes('--allow-net'));
});
