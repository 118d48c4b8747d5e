/** The resource ldirectord: virtual servers of an ldirectord.cf, started, watched and stopped by its script. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { withStage } from './director/stage.js';
import { labAbility } from './lib/index.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const SCRIPT = join(repositoryRoot(), 'resource.d', 'ldirectord');

test(
  'the resource ldirectord sets the rules of its file, follows the servers, and takes its rules along',
  options,
  async () => {
    await withStage(async (stage) => {
      const { node } = stage;
      const call = (verb: string, file = 'web.cf') =>
        node.exec(['sh', '-c', `PATH=/etc/fake:$PATH ${SCRIPT} ${file} ${verb}`]);
      await node.write(
        '/etc/ha.d/web.cf',
        `checkinterval=1
checktimeout=2
negotiatetimeout=2
fallback=127.0.0.1:80
logfile="/var/log/keepalived.log"
virtual=10.77.0.100:80
\treal=127.0.0.11:8080 gate 3
\treal=127.0.0.12:8080 gate
\tservice=http
\trequest="alive"
\treceive="well"
\tscheduler=wrr
`,
      );
      await node.write('/etc/ha.d/wrong.cf', 'virtual=10.77.0.100:80\n\treal=127.0.0.11 gat\n');
      const wrong = await call('start', 'wrong.cf');
      assert.notEqual(wrong.code, 0);
      assert.match(wrong.stderr, /wrong\.cf:2:2: real = .*no ADDRESS/);
      assert.equal((await call('status')).code, 3);

      const one = await stage.serve('http', '127.0.0.11', 8080);
      await stage.serve('http', '127.0.0.12', 8080, 'ill');
      const started = await call('start');
      assert.equal(started.code, 0, started.stderr);
      const rule = (endpoint: string, weight: number): string =>
        `-a -t 10.77.0.100:80 -r ${endpoint} -g -w ${weight}`;
      const service = '-A -t 10.77.0.100:80 -s wrr';
      // quiescent is the default: what fails stays with weight 0.
      await stage.hasRules([service, rule('127.0.0.11:8080', 3), rule('127.0.0.12:8080', 0)]);
      assert.equal((await call('status')).code, 0);
      assert.equal((await call('start')).code, 0, 'started already');
      await one.kill();
      await stage.hasRules([
        service,
        rule('127.0.0.11:8080', 0),
        rule('127.0.0.12:8080', 0),
        rule('127.0.0.1:80', 1),
      ]);
      assert.equal((await call('stop')).code, 0);
      assert.deepEqual(await stage.table(), []);
      assert.equal((await call('status')).code, 3);
      assert.equal((await call('stop')).code, 0, 'stopped already');
    });
  },
);
