import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { labAbility } from './lib/index.js';
import { GROUP, withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };
const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');
const LISTENER = join(repositoryRoot(), 'dist', 'test', 'support', 'notify-listener.js');

test(
  'a service manager is told of the start, of each change, of a reload, of a replaced runner and of the end',
  options,
  async () => {
    await withCluster({}, async (cluster) => {
      const { lab, node1 } = cluster;
      const shell = (text: string): Promise<string> => node1.run(['sh', '-c', text]);
      await shell(`${process.execPath} ${LISTENER} @notify > /var/log/notified 2>&1 < /dev/null &`);
      const heard = async (): Promise<readonly string[]> =>
        (await node1.read('/var/log/notified').catch(() => ''))
          .split('\n')
          .filter((line) => line.startsWith('"'))
          .map((line) => JSON.parse(line) as string);
      const comes = (what: string, found: (said: readonly string[]) => boolean): Promise<unknown> =>
        lab.until(async () => found(await heard()), { withinMs: 30_000, what, everyMs: 100 });
      await lab.until(async () => (await node1.read('/var/log/notified').catch(() => '')) !== '', {
        withinMs: 10_000,
        what: 'the listener',
      });
      const environment = 'NOTIFY_SOCKET=@notify WATCHDOG_USEC=4000000';
      await shell(`${environment} ${HEARTBEAT} -f > /var/log/foreground 2>&1 < /dev/null &`);
      await comes('READY=1', (said) => said.some((text) => /^MAINPID=\d+\nREADY=1\nSTATUS=/.test(text)));
      const main = (await node1.read('/run/heartbeat.pid')).trim();
      assert.ok((await heard()).some((text) => text.startsWith(`MAINPID=${main}\n`)));
      // The node has announced itself by then.
      assert.match(await node1.log(), /Local status now set to: 'up'/);
      assert.ok((await heard()).includes('WATCHDOG=1'));

      await cluster.start(cluster.node2);
      await cluster.owns(node1);
      await comes('the status line', (said) =>
        said.some((text) => text.startsWith(`STATUS=node1 is active and holds ${GROUP}`)),
      );

      await node1.write('/etc/ha.d/authkeys', 'auth 1\n1 sha1 a-secret-of-the-lab\n', 0o600);
      await node1.run([HEARTBEAT, '-r']);
      await comes('the reload', (said) => {
        const begin = said.findIndex((text) => text.startsWith('RELOADING=1\nMONOTONIC_USEC='));
        return begin >= 0 && said.slice(begin).some((text) => text.startsWith('READY=1\n'));
      });

      // The manager may believe that the unit died with its runner: the command that it runs again tells it better.
      // It does not make a second daemon, even if it is faster than the loop.
      const again = await node1.exec(['sh', '-c', `kill -9 ${main}; ${environment} ${HEARTBEAT} -f`]);
      assert.equal(again.code, 0, again.stderr);
      await comes('a new main process', (said) =>
        said.some((text) => /^MAINPID=\d+\nREADY=1/.test(text) && !text.startsWith(`MAINPID=${main}\n`)),
      );
      await lab.until(async () => (await cluster.status(node1)) !== undefined, {
        withinMs: 20_000,
        what: 'the new runner to answer',
      });
      const now = (await node1.read('/run/heartbeat.pid')).trim();
      assert.notEqual(now, main);
      assert.match(again.stderr, new RegExp(`already running \\[pid ${now}\\]`));
      await comes('the handover', (said) =>
        said.some((text) => text.startsWith(`MAINPID=${now}\nREADY=1\nSTATUS=Going on with`)),
      );
      // Nothing of this reached a script or the node's services.
      await cluster.owns(node1);

      await node1.run(['kill', now]);
      await comes('the end', (said) => said.some((text) => text.startsWith('STOPPING=1\n')));
      await cluster.owns(cluster.node2);
    });
  },
);
