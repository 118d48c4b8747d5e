import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultVrrpGlobal, vrrpConfig } from '../../../src/config/vrrp-defaults.js';
import type { VrrpGlobal } from '../../../src/config/vrrp-types.js';
import type { VrrpEffect, VrrpStateWord } from '../../../src/core/vrrp/effect.js';
import { createVrrpRunner, type VrrpRunner } from '../../../src/daemon/runner/vrrp.js';

interface Stage {
  readonly runner: VrrpRunner;
  readonly lines: readonly string[];
  readonly path: (name: string) => string;
  program(name: string, text: string): string;
}

async function withRunner(
  global: (stage: Pick<Stage, 'path' | 'program'>) => Partial<VrrpGlobal>,
  story: (stage: Stage) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-vrrp-'));
  const path = (name: string): string => join(folder, name);
  const program = (name: string, text: string): string => {
    writeFileSync(path(name), `#!/bin/sh\n${text}\n`);
    chmodSync(path(name), 0o755);
    return path(name);
  };
  const lines: string[] = [];
  const config = vrrpConfig({
    instances: [],
    global: { ...defaultVrrpGlobal('node1'), ...global({ path, program }) },
  });
  const runner = createVrrpRunner({
    config: () => config,
    log: (_level, _code, text) => lines.push(text),
    tell: () => undefined,
  });
  try {
    await story({ runner, lines, path, program });
  } finally {
    await runner.end();
    rmSync(folder, { recursive: true });
  }
}

function change(
  name: string,
  state: VrrpStateWord,
  priority: number,
): Extract<VrrpEffect, { readonly kind: 'vrrpNotify' }> {
  return { kind: 'vrrpNotify', scope: 'INSTANCE', name, state, priority, commands: [], mail: false };
}

/** Everything that stands in the file once `done` holds. */
async function textOnce(file: string, done: (text: string) => boolean): Promise<string> {
  for (let i = 0; i < 1500; i++) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (done(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${file} never said what was waited for: ${readFileSync(file, 'utf8')}`);
}

test('the reader of the named pipe gets every change as a line, in order', async () => {
  await withRunner(
    ({ path, program }) => ({
      notifyFifo: { path: path('changes') },
      notifyFifoScript: {
        words: [
          program('reader', `while read -r line; do echo "$line" >> ${path('read')}; done < "$2"`),
          'x',
        ],
      },
    }),
    async ({ runner, path }) => {
      runner.attend();
      runner.handle(change('VI_1', 'BACKUP', 100));
      runner.handle(change('VI_1', 'MASTER', 100));
      const text = await textOnce(path('read'), (read) => read.split('\n').length > 2);
      assert.equal(text, 'INSTANCE "VI_1" BACKUP 100\nINSTANCE "VI_1" MASTER 100\n');
      await runner.end();
      assert.equal(existsSync(path('changes')), false);
    },
  );
});

test('a reader that ends is started again', async () => {
  await withRunner(
    ({ path, program }) => ({
      vrrpNotifyFifo: { path: path('changes') },
      vrrpNotifyFifoScript: { words: [program('reader', `echo begun >> ${path('starts')}`)] },
    }),
    async ({ runner, path }) => {
      runner.attend();
      await textOnce(path('starts'), (text) => text.split('\n').length > 2);
    },
  );
});

test('a file that is no named pipe is left alone, and said once', async () => {
  await withRunner(
    ({ path }) => ({ notifyFifo: { path: path('plain') } }),
    async ({ runner, path, lines }) => {
      writeFileSync(path('plain'), 'precious');
      runner.handle(change('VI_1', 'BACKUP', 100));
      runner.handle(change('VI_1', 'MASTER', 100));
      await runner.end();
      assert.equal(readFileSync(path('plain'), 'utf8'), 'precious');
      assert.equal(lines.filter((line) => line.includes('is no named pipe')).length, 1);
    },
  );
});

test('a pipe that nobody empties holds nothing up, and the loss is said once', async () => {
  await withRunner(
    ({ path }) => ({ notifyFifo: { path: path('changes') } }),
    async ({ runner, path, lines }) => {
      for (let i = 0; i < 4000; i++) runner.handle(change('VI_1', 'MASTER', 100));
      const fd = await new Promise<number>((resolve) => {
        const look = (): void => {
          if (lines.length === 0) setTimeout(look, 20);
          else resolve(openSync(path('changes'), constants.O_RDONLY | constants.O_NONBLOCK));
        };
        look();
      });
      const bytes = Buffer.alloc(26);
      readSync(fd, bytes);
      closeSync(fd);
      assert.equal(bytes.toString(), 'INSTANCE "VI_1" MASTER 100');
      await runner.end();
      assert.equal(lines.filter((line) => line.includes('Nobody empties')).length, 1);
    },
  );
});

test('startup_script has ended before the loop begins, shutdown_script is the last; both within their time', async () => {
  await withRunner(
    ({ path, program }) => ({
      startupScript: { words: [program('first', `echo first >> ${path('order')}`)] },
      shutdownScript: { words: [program('last', `echo last >> ${path('order')}; exec sleep 600`)] },
      shutdownScriptTimeoutMs: 1000,
    }),
    async ({ runner, path, lines }) => {
      await runner.begin();
      assert.equal(readFileSync(path('order'), 'utf8'), 'first\n');
      await runner.end();
      assert.equal(readFileSync(path('order'), 'utf8'), 'first\nlast\n');
      assert.equal(
        lines.filter((line) => /^shutdown_script .* did not end within 1000 ms/.test(line)).length,
        1,
      );
    },
  );
});
