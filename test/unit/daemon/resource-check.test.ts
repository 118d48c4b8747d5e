import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { examineResources, resourceDiagnostics, resourceLines } from '../../../src/daemon/resource-check.js';
import { sampleConfig } from '../../support/configuration.js';
import { temporaryFolder } from '../../support/scripts.js';

test('heartbeat check says what each word means, warns of what is absent, and of a stop longer than the lease knows', async (t) => {
  const folder = temporaryFolder(t);
  const agents = join(folder, 'ocf', 'resource.d', 'own');
  mkdirSync(agents, { recursive: true });
  writeFileSync(
    join(agents, 'Slow'),
    `#!/bin/sh\necho '<resource-agent><actions><action name="stop" timeout="120s"/></actions></resource-agent>'\n`,
  );
  chmodSync(join(agents, 'Slow'), 0o755);
  const resource = (word: string) => ({ word, type: word, args: [] });
  const address = { family: 4 as const, address: '10.0.0.10' };
  const group = {
    key: 'a',
    node: 'node1',
    line: 3,
    resources: [{ ...resource('10.0.0.10'), address }, resource('ocf:own:Slow'), resource('no-such-script')],
  };
  const paths = { configDir: folder, stateDir: folder, runDir: folder, programDir: folder };
  const folders = { ...paths, ocfRoot: join(folder, 'ocf') };
  const sample = sampleConfig();
  const config = { ...sample, groups: [group] };
  const examined = await examineResources(config, folders);
  assert.deepEqual(resourceLines(examined), [
    'Resources:',
    '  10.0.0.10       address, set by the program itself',
    `  ocf:own:Slow    OCF agent ${agents}/Slow`,
    '  no-such-script  nothing that could be run',
  ]);
  const said = resourceDiagnostics(examined, 'haresources');
  assert.deepEqual(
    said.map(({ line, code }) => [line, code]),
    [
      [3, 'resource-agent'],
      [3, 'script-missing'],
    ],
  );
  assert.match(
    said[0]?.message ?? '',
    /^ocf:own:Slow: Its agent wants 120 s for a stop.*write stop_deadline = 120/,
  );
  assert.match(said[1]?.message ?? '', /^no-such-script: Cannot locate resource script no-such-script\./);
  const written = { ...config, settings: { ...sample.settings, writtenDeadlines: ['stop' as const] } };
  assert.equal(resourceDiagnostics(await examineResources(written, folders), 'haresources').length, 1);
});
