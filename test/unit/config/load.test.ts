/** Reading a directory, and the real machine's answers. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { loadConfiguration, loadForDaemon } from '../../../src/config/load.js';
import { realMachine } from '../../../src/config/machine.js';
import { readMachineFacts } from '../../../src/config/machine-facts.js';
import { fixture } from '../../support/root.js';
import { GOOD_HA_CF, only } from './support.js';

let configDir = '';
const factsFile = fixture('corpus', 'facts.json');

function put(name: string, text: string, mode = 0o644): void {
  writeFileSync(join(configDir, name), text);
  chmodSync(join(configDir, name), mode);
}

beforeEach(() => {
  configDir = mkdtempSync(join(tmpdir(), 'heartbeat-config-'));
  put('ha.cf', GOOD_HA_CF);
  put('haresources', 'node1 10.0.0.10 web\n');
  put('authkeys', 'auth 1\n1 sha1 secret\n', 0o600);
});

afterEach(() => rmSync(configDir, { recursive: true, force: true }));

describe('a configuration directory', () => {
  it('is judged against the described machine', async () => {
    const loaded = await loadConfiguration({ configDir, factsFile });
    assert.ok(loaded.accepted, JSON.stringify(loaded.diagnostics, null, 1));
    assert.equal(loaded.config.self, 'node1');
  });

  for (const name of ['ha.cf', 'haresources', 'authkeys']) {
    it(`without ${name} is refused with what to create`, async () => {
      rmSync(join(configDir, name));
      const problem = only(await loadConfiguration({ configDir, factsFile }), 'file-missing');
      assert.equal(problem.severity, 'error');
      assert.equal(problem.file, join(configDir, name));
      assert.match(problem.hint ?? '', /sample/);
    });
  }

  it('with a directory in place of a file is refused with the reason', async () => {
    rmSync(join(configDir, 'haresources'));
    mkdirSync(join(configDir, 'haresources'));
    const problem = only(await loadConfiguration({ configDir, factsFile }), 'file-unreadable');
    assert.match(problem.message, /it is a directory/);
  });

  it('with keys that others may read is refused', async () => {
    chmodSync(join(configDir, 'authkeys'), 0o640);
    const problem = only(await loadConfiguration({ configDir, factsFile }), 'permissions');
    assert.match(problem.message, /0640/);
  });

  it("takes the node's name from nodeinfo, and --hostname wins over it", async () => {
    put('nodeinfo', 'Node2\n');
    const byFile = await loadConfiguration({ configDir, factsFile });
    assert.equal(byFile.config?.self, 'node2');
    const byFlag = await loadConfiguration({ configDir, factsFile, hostname: 'NODE1' });
    assert.equal(byFlag.config?.self, 'node1');
  });

  it('warns of a resource that has no script, and not of one in resource.d', async () => {
    const before = await loadConfiguration({ configDir, factsFile });
    assert.match(only(before, 'script-missing').message, /"web"/);
    mkdirSync(join(configDir, 'resource.d'));
    put('resource.d/web', '#!/bin/sh\n', 0o755);
    const after = await loadConfiguration({ configDir, factsFile });
    assert.ok(!after.diagnostics.some((one) => one.code === 'script-missing'));
  });

  it('finds files of /etc/ha.d that ha.cf names in the directory in force', async () => {
    put('ha.cf', `${GOOD_HA_CF}stonith null /etc/ha.d/fence.conf\n`);
    assert.equal((await loadConfiguration({ configDir, factsFile })).accepted, false);
    put('fence.conf', '# hosts\nnode1 node2\n');
    const loaded = await loadConfiguration({ configDir, factsFile });
    assert.deepEqual(loaded.config?.stonith, [{ type: 'null', parameters: 'node1 node2', line: 8 }]);
  });

  it('with a description of the machine that is no JSON object is refused in one sentence', async () => {
    put('facts.json', '[]');
    const loaded = await loadConfiguration({ configDir, factsFile: join(configDir, 'facts.json') });
    assert.match(only(loaded, 'facts-invalid').message, /it is no JSON object\.$/);
  });
});

describe('the machine itself', () => {
  const options = { names: ['localhost'], readText: () => undefined, hasResourceScript: () => undefined };

  it('knows its loopback interface, its accounts and its devices', async () => {
    const machine = await realMachine(options);
    assert.equal(machine.hostname, hostname().toLowerCase());
    assert.ok(machine.interfaceAddresses('lo') !== undefined);
    assert.equal(machine.interfaceAddresses('nosuch0'), undefined);
    assert.ok(machine.hasUser('root') && machine.hasGroup('root'));
    assert.ok(!machine.hasUser('0') && !machine.hasUser('nosuchuser') && !machine.hasUser('--help'));
    assert.equal(machine.deviceKind('/dev/null'), 'other');
    assert.equal(machine.deviceKind('/dev/tty'), 'tty');
    assert.equal(machine.deviceKind('/dev/nosuchdevice'), 'absent');
    assert.ok(machine.isExecutable('/bin/sh') && !machine.isExecutable('/etc/passwd'));
  });

  it('resolves names of the hosts file and address literals', async () => {
    const machine = await realMachine(options);
    assert.equal(machine.resolve('localhost', 4), '127.0.0.1');
    assert.equal(machine.resolve('10.1.2.3', 4), '10.1.2.3');
    assert.equal(machine.resolve('10.1.2.3', 6), undefined);
    assert.equal(machine.resolve('::1', 6), '::1');
    assert.equal(machine.resolve('never.asked.invalid', 4), undefined);
  });

  it('runs a configuration on its loopback interface', async () => {
    put('ha.cf', `bcast lo\nauto_failback on\nnode ${hostname()} other\n`);
    put('haresources', `${hostname()} 10.0.0.10\n`);
    const loaded = await loadForDaemon(configDir);
    assert.ok(loaded.ok, JSON.stringify(loaded.diagnostics, null, 1));
    const port = Number(loaded.config.parameters.udpport);
    assert.deepEqual(loaded.config.media, [{ kind: 'bcast', device: 'lo', port }]);
  });
});

describe('a description of a machine', () => {
  for (const [text, reason] of [
    ['{', /no JSON/],
    ['{"users": "root"}', /"users" is no list/],
    ['{"interfaces": {"eth0": "10.0.0.1"}}', /"interfaces" is no table/],
    ['{"services": {"x": "y"}}', /"services"/],
    ['{"hostname": 1}', /"hostname"/],
  ] as const) {
    it(`${text} is refused with its reason`, () => {
      const read = readMachineFacts(text);
      assert.ok(typeof read === 'string');
      assert.match(read, reason);
    });
  }
});
