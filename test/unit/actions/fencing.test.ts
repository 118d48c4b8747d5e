/** The contracts of fencing devices, held by small programs of the test (heartbeat-admin.md 6.2, 6.5). */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FencingContext } from '../../../src/actions/fencing/call.js';
import { namedParameters } from '../../../src/actions/fencing/call.js';
import { checkDevice, fenceNode } from '../../../src/actions/fencing/device.js';
import { hostsOf } from '../../../src/actions/fencing/hosts.js';
import type { FencingAction } from '../../../src/config/types.js';
import type { FenceResult } from '../../../src/core/fencing/types.js';

let folder = '';
const said: string[] = [];

function context(): FencingContext {
  return {
    folders: { external: join(folder, 'external'), stonith: join(folder, 'stonith'), agents: [folder] },
    workingDirectory: folder,
    log: (_level, code, text) => said.push(`${code}: ${text}`),
  };
}

function program(path: string, body: string): void {
  writeFileSync(join(folder, path), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, path), 0o755);
}

/** What the programs noted since the last call. */
function noted(): string {
  const path = join(folder, 'notes');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, '');
  return text;
}

function fence(
  type: string,
  parameters: string,
  action: FencingAction = 'reset',
  deadlineMs = 10_000,
): Promise<FenceResult> {
  said.length = 0;
  return fenceNode({ device: { type, parameters, line: 1 }, node: 'node2', action, deadlineMs }, context());
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'heartbeat-fencing-'));
  mkdirSync(join(folder, 'external'));
  writeFileSync(join(folder, 'notes'), '');
  const note = `tr '\\0' ' ' </proc/$$/cmdline >>"${folder}/notes"; echo >>"${folder}/notes"`;
  program(
    'external/good',
    `[ "$1" = getconfignames ] && { echo "host password"; exit 0; }
     ${note}; echo "$1 $2 host=$host tag=$HA_LOGTAG" >>"${folder}/notes"
     echo "logged in with $password"`,
  );
  program('external/bad', `[ "$1" = getconfignames ] && exit 0; echo "no power here" >&2; exit 3`);
  program('external/slow', '[ "$1" = getconfignames ] && exit 0; sleep 30');
  program('external/half', `[ "$1" = on ] && exit 1; exit 0`);
  program('fence_sample', `${note}; cat >>"${folder}/notes"; echo "Success: Rebooted"`);
  program(
    'fence_described',
    `grep -q metadata || exit 0
     echo '<resource-agent name="x"><parameter name="ip" unique="0"/><parameter name="action"/>'
     echo '<action name="off"/><action name="on"/><action name="monitor"/></resource-agent>'`,
  );
  program('plain', `${note}; echo "ip=$ip" >>"${folder}/notes"`);
  program(
    'stonith',
    `[ "$3" = -n ] && { echo "hostlist password"; exit 0; }\n${note}; cat "$4" >>"${folder}/notes"`,
  );
});

after(() => rmSync(folder, { recursive: true }));

describe('a plugin of the external contract', () => {
  it('gets its parameters by environment, in the order of its names, and its verb and host as arguments', async () => {
    assert.deepEqual(await fence('external/good', 'pdu1 open sesame'), { ok: true });
    assert.match(noted(), /reset node2 host=pdu1 tag=external\/good/);
  });

  it('has its secret neither in an argument list nor in the log', async () => {
    await fence('external/good', 'pdu1 sesame');
    assert.doesNotMatch(noted(), /sesame/);
    assert.ok(said.includes('fencing-output: external/good: logged in with ***'), said.join('\n'));
  });

  it('fails with its exit code and last words, and that is sure', async () => {
    const result = await fence('external/bad', '');
    assert.deepEqual(result, {
      ok: false,
      detail: 'external/bad reset node2 returned 3: no power here',
      certain: true,
    });
  });

  it('is ended at its deadline, and nobody knows what it did', async () => {
    const result = await fence('external/slow', '', 'reset', 1500);
    assert.equal(result.ok, false);
    assert.equal(result.ok ? undefined : result.certain, false);
  });

  it('that is absent is named with its package', async () => {
    const result = await fence('external/none', '');
    assert.match(result.ok ? '' : result.detail, /install the package cluster-glue/);
  });

  it('is asked for its status when it is checked', async () => {
    assert.deepEqual(
      await checkDevice({ type: 'external/good', parameters: 'pdu1 x', line: 1 }, 'reset', 5000, context()),
      {
        ok: true,
      },
    );
    assert.match(noted(), /status {2}host=pdu1/);
  });
});

describe('a fence agent', () => {
  it('gets everything on its standard input, the node as plug', async () => {
    assert.deepEqual(await fence('fence/sample', 'ip=10.0.0.9 password=sesame'), { ok: true });
    const notes = noted();
    assert.match(notes, /\nip=10\.0\.0\.9\npassword=sesame\naction=reboot\nnodename=node2\nplug=node2\n/);
    assert.doesNotMatch(notes.split('\n')[0] ?? '', /sesame|node2/);
  });

  it('keeps a plug that is configured, and is asked for monitor when it is checked', async () => {
    await fence('fence/sample', 'plug=7', 'off');
    assert.match(noted(), /plug=7\naction=off\nnodename=node2\n$/);
    await checkDevice({ type: 'fence/sample', parameters: '', line: 1 }, 'reset', 5000, context());
    assert.match(noted(), /\naction=monitor\n$/);
  });

  it('that describes itself is examined: an unknown option is said, an action that it lacks fails the check', async () => {
    const device = { type: 'fence/described', parameters: 'ip=1 pasword=2', line: 7 };
    said.length = 0;
    assert.deepEqual(await checkDevice(device, 'off-on', 5000, context()), { ok: true });
    assert.ok(
      said.some((line) =>
        /fencing-option-unknown: fence\/described in line 7 .* no option pasword/.test(line),
      ),
      said.join('\n'),
    );
    const result = await checkDevice(device, 'reset', 5000, context());
    assert.match(result.ok ? '' : result.detail, /has no action reboot/);
  });

  it('that is absent is named with its package', async () => {
    const result = await fence('fence/none', '');
    assert.match(result.ok ? '' : result.detail, /install the package fence-agents/);
  });
});

describe('other devices', () => {
  it('a plugin of stonith gets its parameters in a file that is no file on the disk', async () => {
    assert.deepEqual(await fence('rps10', 'ttyS1 sesame'), { ok: true });
    const notes = noted();
    assert.match(notes, /-t rps10 -F \/proc\/self\/fd\/0 -T reset node2/);
    assert.match(notes, /\nttyS1 sesame\n$/);
    assert.equal(notes.split('sesame').length, 2, 'it stands in the file only');
  });

  it('a script is called with verb and node, its words are its environment', async () => {
    assert.deepEqual(await fence('script', `${folder}/plain ip=10.0.0.9`, 'off'), { ok: true });
    assert.match(noted(), /plain off node2 \nip=10\.0\.0\.9\n$/);
  });

  it('off-on: a node that is off is dead, also when it cannot be switched on again', async () => {
    assert.deepEqual(await fence('external/half', '', 'off-on'), { ok: true });
    assert.ok(
      said.some((line) => line.startsWith('fencing-not-on: node2 is off')),
      said.join('\n'),
    );
  });
});

it('the last of the positional parameters gets the rest of the line', () => {
  assert.deepEqual(namedParameters(['a', 'b'], '1 2 3'), { a: '1', b: '2 3' });
  assert.deepEqual(namedParameters(['a', 'b'], '1'), { a: '1' });
});

describe('the hosts of a device', () => {
  it('are what its plugin lists, without outlets, in lower case; parameters stand in no argument list', async () => {
    const list = { folders: { ...context().folders, stonith: join(folder, 'lister') } };
    program('lister', 'echo "args $*" >>notes; cat >>notes; printf "Node1:3\\nnode2\\n"');
    const hosts = await hostsOf({ type: 'null', parameters: 'sesame', line: 1 }, { ...context(), ...list });
    assert.deepEqual(hosts, ['node1', 'node2']);
    assert.match(noted(), /args -t null -F \/proc\/self\/fd\/0 -l\nsesame\n/);
  });

  it('are not known of a script, of an agent, of a plugin that fails, and without the program', async () => {
    const failing = { ...context(), folders: { ...context().folders, stonith: '/bin/false' } };
    assert.equal(await hostsOf({ type: 'null', parameters: 'x', line: 1 }, failing), undefined);
    const absent = { ...context(), folders: { ...context().folders, stonith: join(folder, 'absent') } };
    for (const type of ['script', 'fence/sample', 'null'])
      assert.equal(await hostsOf({ type, parameters: 'x', line: 1 }, absent), undefined);
  });
});
