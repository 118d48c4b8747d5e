import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runAll } from '../../runner/run-all.js';
import { parseSkipList } from '../../runner/skip-list.js';

const HEAD = "import { describe, test } from 'node:test';\n";

interface Run {
  readonly failed: number;
  readonly lines: readonly string[];
}

/** Runs test files of this text. */
async function run(
  files: Readonly<Record<string, string>>,
  options: { ci?: boolean; skipList?: string; limitMs?: number } = {},
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-runner-'));
  const lines: string[] = [];
  try {
    const found = Object.entries(files).map(([name, text]) => {
      const compiled = join(folder, `${name}.test.mjs`);
      writeFileSync(compiled, HEAD + text.replaceAll('FOLDER', JSON.stringify(folder)));
      return { compiled, name: `test/${name}.test.ts`, alone: false };
    });
    const failed = await runAll(found, {
      root: folder,
      limitMs: options.limitMs ?? 60_000,
      signal: new AbortController().signal,
      concurrency: 1,
      ci: options.ci ?? false,
      skipList: options.skipList ?? '',
      write: (line) => lines.push(line),
    });
    return { failed, lines };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the last line counts tests, not suites, and a failure with its message stands above it', async () => {
  const { failed, lines } = await run({
    mixed:
      "describe('suite', () => { test('good', () => {}); test('bad', () => { throw new Error('the pump leaks'); }); });\n" +
      "test('left out', { skip: 'no water' }, () => {});\n",
  });
  assert.equal(lines.at(-1), '1 passed, 1 failed, 1 skipped');
  assert.equal(failed, 1);
  assert.ok(lines.some((line) => line.includes('the pump leaks')));
  assert.ok(lines.some((line) => line.includes('"left out": no water')));
});

test('a skip fails with CI=true unless the list names it', async () => {
  const files = { skips: "test('wet', { skip: 'no water' }, () => {});\n" };
  assert.equal((await run(files, { ci: true })).failed, 1);
  const listed = await run(files, { ci: true, skipList: '# comment\nwet\tCI has no water\n' });
  assert.equal(listed.lines.at(-1), '0 passed, 0 failed, 1 skipped');
});

test('a line of the skip list without a reason is a mistake', () => {
  const { allowed, mistakes } = parseSkipList('wet\n');
  assert.equal(allowed.size, 0);
  assert.match(mistakes.join(), /line 1: write the name of the test, a TAB and the reason/);
});

test('a file that crashes, ends early, hangs or holds no test counts as failed', async () => {
  const { lines } = await run(
    {
      crash:
        "test('a', () => {});\nsetTimeout(() => process.abort(), 50);\nawait new Promise(() => setTimeout(() => {}, 9e6));\n",
      early: "test('b', () => new Promise(() => setTimeout(() => process.exit(0), 20)));\n",
      hang: "test('c', () => new Promise(() => setInterval(() => {}, 1000)));\n",
      empty: '',
    },
    { limitMs: 1500 },
  );
  assert.match(lines.at(-1) ?? '', /, 4 failed, 0 skipped$/);
  assert.ok(lines.some((line) => line.includes('SIGABRT')));
  assert.ok(lines.some((line) => line.includes('before its tests were done; the last test begun was "b"')));
  assert.ok(lines.some((line) => line.includes('did not end within 1500 ms')));
  assert.ok(lines.some((line) => line.includes('holds no test')));
});

test('a process that a file leaves behind is ended and counts as a failure', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-left-'));
  const note = join(folder, 'pid');
  try {
    const { lines } = await run({
      leaves:
        "import { spawn } from 'node:child_process';\nimport { writeFileSync } from 'node:fs';\n" +
        "test('a', () => { const c = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }); c.unref();\n" +
        `writeFileSync(${JSON.stringify(note)}, String(c.pid)); });\n`,
    });
    assert.equal(lines.at(-1), '1 passed, 1 failed, 0 skipped');
    const pid = Number(readFileSync(note, 'utf8'));
    // A zombie that nobody has reaped yet has no command any more.
    let command = '';
    try {
      command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      // Gone, as it should be.
    }
    assert.equal(command.includes('sleep'), false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
