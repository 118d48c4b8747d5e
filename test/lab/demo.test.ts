import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { labAbility, until } from './lib/index.js';
import { foreignNamespaces, inhabitants } from './support/namespaces.js';

const ability = labAbility();
const skip = ability.possible ? false : ability.reason;
const DEMO = join(repositoryRoot(), 'dist', 'test', 'lab', 'demo', 'main.js');

interface Demo {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  text(): string;
}

function startDemo(parent: readonly string[] = []): Demo {
  const [command = '', ...args] = [...parent, process.execPath, DEMO];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return { child, ended, text: () => text };
}

/** All processes below one, itself included. */
function processesBelow(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const found = [pid];
  for (const one of found) {
    for (const [child, parent] of parents) if (parent === one) found.push(child);
  }
  return found;
}

/** The namespaces of the demonstration once its nodes serve. */
async function namespacesOnceServing(demo: Demo): Promise<Set<string>> {
  const serves = (): boolean => demo.text().includes('and serves the page');
  await until(serves, { withinMs: 40_000, what: 'the demonstration serves its page' });
  const namespaces = foreignNamespaces(processesBelow(demo.child.pid ?? 0));
  assert.ok(inhabitants(namespaces).length >= 6, 'two daemons and the lab run');
  return namespaces;
}

test('the demonstration shows takeover and return with both outages, and ends by itself', {
  skip,
}, async () => {
  const demo = startDemo();
  const namespaces = await namespacesOnceServing(demo);
  assert.equal(await demo.ended, 0, demo.text());
  const [, takeover = '', back = ''] =
    /Outage at the loss of power: (\d+) ms\. Outage at the return: (\d+) ms\./.exec(demo.text()) ?? [];
  assert.ok(Number(takeover) > 0 && Number(back) > 0, demo.text());
  assert.deepEqual(inhabitants(namespaces), []);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`the demonstration takes its nodes down when it gets ${signal}`, { skip }, async () => {
    const demo = startDemo();
    const namespaces = await namespacesOnceServing(demo);
    demo.child.kill(signal);
    assert.equal(await demo.ended, signal === 'SIGINT' ? 130 : 143);
    assert.deepEqual(inhabitants(namespaces), []);
  });
}

test('the demonstration takes its nodes down when its parent goes', { skip }, async () => {
  const demo = startDemo(['sh', '-c', '"$@"; exit "$?"', 'sh']);
  const namespaces = await namespacesOnceServing(demo);
  demo.child.kill('SIGKILL');
  const nobody = (): boolean => inhabitants(namespaces).length === 0;
  await until(nobody, { withinMs: 10_000, what: 'the nodes have gone with the parent' });
});
