import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runKeepalived } from '../../../src/cli/keepalived.js';
import { temporaryFolder } from '../../support/scripts.js';

async function run(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runKeepalived(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    terminal: false,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const INSTANCE =
  'vrrp_instance A {\n interface lo\n virtual_router_id 5\n virtual_ipaddress { 10.9.9.9 }\n}\n';

test('-t: 0 for a file that runs, with its warnings', async (t) => {
  const file = join(temporaryFolder(t), 'k.conf');
  writeFileSync(file, INSTANCE.replace('interface', 'Interface'));
  const { code, err } = await run('-t', '-f', file);
  assert.equal(code, 0, err);
  assert.match(err, /^WARNING: .*k\.conf:2:2: "Interface" is taken as interface/);
});

test('-t: 5 for errors, with file, line and column, and for a file that is missing', async (t) => {
  const file = join(temporaryFolder(t), 'k.conf');
  writeFileSync(file, INSTANCE.replace('5', '500'));
  const wrong = await run('-t', '-f', file);
  assert.equal(wrong.code, 5);
  assert.match(
    wrong.err,
    /^ERROR: .*k\.conf:3:20: virtual_router_id "500": not a whole number from 1 to 255\.$/,
  );
  assert.equal((await run('-t', '-f', `${file}.none`)).code, 5);
});

test('-t: 6 when nothing is wrong but a script that somebody else could replace', async (t) => {
  const folder = temporaryFolder(t);
  const script = join(folder, 'notify');
  writeFileSync(script, '#!/bin/sh\n', { mode: 0o777 });
  const { chmodSync } = await import('node:fs');
  chmodSync(script, 0o777);
  const file = join(folder, 'k.conf');
  writeFileSync(
    file,
    `global_defs {\nenable_script_security\n}\n${INSTANCE.replace('}\n}', `}\n notify "${script}"\n}`)}`,
  );
  const { code, err } = await run('-t', '-f', file);
  assert.match(err, /would run as root, and somebody else could replace it/);
  assert.equal(code, 6);
});

test('--signum prints the number, or the command that takes the place of the signal', async () => {
  assert.deepEqual(await run('--signum=RELOAD'), { code: 0, out: '1', err: '' });
  const json = await run('--signum=JSON');
  assert.equal(json.code, 1);
  assert.match(json.err, /Use "heartbeat status --json --run-dir=\/run\/keepalived"/);
});

test('an option that does not exist is a usage error', async () => {
  const { code, err } = await run('--frob');
  assert.equal(code, 2);
  assert.match(err, /Unknown option '--frob'[\s\S]*usage: keepalived/);
});
