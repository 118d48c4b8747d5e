/** The documents name only commands that there are, and pages that there are. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { subCommandRows } from '../../../src/cli/heartbeat.js';
import { repositoryRoot } from '../../support/root.js';

const root = repositoryRoot();
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const known = new Set(subCommandRows().map(({ name }) => name));

test('every "heartbeat COMMAND" in the documents is a command of the program', () => {
  const unknown: string[] = [];
  let seen = 0;
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    const blocks = (text.match(/^```[\s\S]*?^```/gm) ?? []).join('\n');
    // In quotation marks or back quotes, or at the beginning of a line of a code block.
    const found = [
      ...text.matchAll(/[`"]heartbeat ([a-z][a-z-]+)/g),
      ...blocks.matchAll(/^(?:bin\/)?heartbeat ([a-z][a-z-]+)/gm),
    ];
    for (const [, name = ''] of found) {
      seen += 1;
      if (!known.has(name)) unknown.push(`${page}: heartbeat ${name}`);
    }
  }
  assert.ok(seen > 50, `only ${seen} found`);
  assert.deepEqual(unknown, []);
});

test('every link between the documents leads to a file', () => {
  const dead: string[] = [];
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      if (!existsSync(join(root, dirname(page), target))) dead.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(dead, []);
});

test('the README leads to every document', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  assert.deepEqual(
    pages.slice(1).filter((page) => !text.includes(page)),
    [],
  );
});
