import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { examineResource } from '../../../../src/actions/agents/examine.js';
import { readResource } from '../../../../src/config/haresources/words.js';
import { Problems } from '../../../../src/config/problems.js';
import { temporaryFolder } from '../../../support/scripts.js';

const METADATA = `<resource-agent name="Thing"><parameters>
<parameter name="device" required="1"><content type="string"/></parameter>
<parameter name="size" required="1"><content type="integer" default="3"/></parameter>
</parameters></resource-agent>`;

function machine(t: TestContext) {
  const folder = temporaryFolder(t);
  const put = (path: string, body: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), body);
    chmodSync(join(folder, path), 0o755);
  };
  put('ocf/resource.d/own/Thing', `#!/bin/sh\ncat <<'END'\n${METADATA}\nEND\n`);
  put('ocf/resource.d/own/Mute', '#!/bin/sh\nexit 3\n');
  put('etc/resource.d/web', '#!/bin/sh\n');
  put('init.d/db', '#!/bin/sh\n');
  put('units/mail.service', '');
  mkdirSync(join(folder, 'systemd'));
  const folders = {
    configDir: join(folder, 'etc'),
    programDir: join(folder, 'program'),
    initDir: join(folder, 'init.d'),
    ocfRoot: join(folder, 'ocf'),
    systemdDir: join(folder, 'systemd'),
    unitDirs: [join(folder, 'units')],
  };
  return (text: string) => {
    const resource = readResource({ text, line: 1, column: 1 }, true, new Problems('haresources'));
    return examineResource(resource, folders, { PATH: '/usr/bin:/bin' });
  };
}

test('every word of haresources is told what it means', async (t) => {
  const examine = machine(t);
  const rows: readonly (readonly [string, RegExp])[] = [
    ['10.0.0.10/24/eth0', /^address, set by the program itself$/],
    ['2001:db8::10/64', /^address, set by the program itself$/],
    ['web', /^resource script .*\/etc\/resource\.d\/web$/],
    ['db', /^init script .*\/init\.d\/db$/],
    ['mail', /^systemd unit mail\.service$/],
    ['ocf:own:Thing::device=x', /^OCF agent .*\/ocf\/resource\.d\/own\/Thing$/],
    ['OCF::own::Thing::device=x', /^OCF agent .*\/ocf\/resource\.d\/own\/Thing$/],
    ['nothing', /^nothing that could be run$/],
  ];
  for (const [word, expected] of rows) assert.match((await examine(word)).meaning, expected, word);
});

test('parameters that an agent does not know, and those that it misses, are said', async (t) => {
  const examine = machine(t);
  assert.deepEqual((await examine('ocf:own:Thing::device=x::size=1')).problems, []);
  const { problems } = await examine('ocf:own:Thing::devise=x');
  assert.match(problems[0] ?? '', /Thing has no parameter devise\. It knows device, size\.$/);
  assert.match(problems[1] ?? '', /Thing needs the parameter device: write ::device=VALUE behind it\.$/);
  assert.equal(problems.length, 2);
  const mute = await examine('ocf:own:Mute');
  assert.match(mute.problems[0] ?? '', /Mute cannot be examined\. "meta-data" returned 3\.$/);
});
