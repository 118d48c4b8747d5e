/** Walk-through 002's director from beginning to end, with IP_VS in real kernels: two directors, two real servers, a client. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryRoot } from '../support/root.js';
import { findMaterials, GUEST_PROGRAM, type Guest, type Materials, Rig, VirtualSwitch } from './lib/index.js';

const materials = findMaterials();
const skip = typeof materials === 'string' ? materials : false;
const VIP = '10.99.0.100';
const REALS = ['10.99.0.11', '10.99.0.12'];

function virtualServer(port: number, more: string): string {
  const check = `HTTP_GET {\n      url {\n        path /\n        status_code 200\n      }\n    }`;
  const reals = REALS.map((address) => `  real_server ${address} ${port} {\n    weight 1\n    ${check}\n  }`);
  return `virtual_server ${VIP} ${port} {
  delay_loop 2
  connect_timeout 5
  retry 1
  delay_before_retry 1
  lb_algo rr
  lb_kind DR
  protocol TCP
  sorry_server 127.0.0.1 ${port}
  ${more}
${reals.join('\n')}
}`;
}

const configuration = (priority: number): string => `global_defs {
  lvs_sync_daemon eth0 VI_1 id 7
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority ${priority}
  advert_int 2
  virtual_ipaddress {
    ${VIP}/24
  }
}
${virtualServer(80, '')}
${virtualServer(81, 'persistence_timeout 300')}
`;

/** The wget of a static busybox wants the resolver of the C library, which is not there. */
const FETCH = `#!/usr/bin/bash
exec 3<>/dev/tcp/${VIP}/$1 || exit 1
printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
timeout 20 cat <&3 | tail -n 1
`;

const script = (name: string): string =>
  readFileSync(join(repositoryRoot(), 'resource.d', ...name.split('/')), 'utf8');

interface Scene {
  readonly directors: readonly Guest[];
  readonly reals: readonly Guest[];
  readonly client: Guest;
}

async function withScene(story: (scene: Scene) => Promise<void>): Promise<void> {
  const network = new VirtualSwitch();
  const big = new Rig(materials as Materials, {
    modules: ['ip_vs', 'ip_vs_rr'],
    programs: ['/usr/sbin/ipvsadm'],
    files: {
      'etc/keepalived/director1.conf': configuration(100),
      'etc/keepalived/director2.conf': configuration(90),
      'www/index.html': 'sorry\n',
    },
  });
  const small = new Rig(materials as Materials, {
    program: false,
    programs: ['/bin/bash'],
    files: {
      'usr/bin/fetch': FETCH,
      'opt/resource.d/realserver': script('realserver'),
      'opt/resource.d/lib/common.sh': script('lib/common.sh'),
    },
  });
  const guests: Guest[] = [];
  const launch = async (rig: Rig, name: string, last: number, memoryMiB: number): Promise<Guest> => {
    const { tcpPort } = await network.port(name);
    const card = { tcpPort, mac: `52:54:00:99:00:${last}`, address: `10.99.0.${last}/24` };
    const guest = rig.launch({ name, memoryMiB, cards: [card] });
    guests.push(guest);
    await guest.boot();
    return guest;
  };
  try {
    const directors = await Promise.all([
      launch(big, 'director1', 21, 768),
      launch(big, 'director2', 22, 768),
    ]);
    const reals = await Promise.all([launch(small, 'real1', 11, 192), launch(small, 'real2', 12, 192)]);
    await story({ directors, reals, client: await launch(small, 'client', 41, 192) });
  } catch (error) {
    for (const guest of guests) {
      const log = await guest.exec('cat /var/log/ka.log; ipvsadm -L -n').catch(() => undefined);
      console.error(`--- ${guest.name}\n${log?.text ?? guest.console.slice(-2000)}`);
    }
    throw error;
  } finally {
    await Promise.all([big.destroy(), small.destroy()]);
    network.close();
  }
}

const serve = (guest: Guest): Promise<string> =>
  guest.run('for port in 80 81; do httpd -p $port -h /www; done');
/** Both ports; a process that serves a check at this moment may end by itself meanwhile. */
const fail = (guest: Guest): Promise<string> =>
  guest.run('while killall httpd 2>/dev/null || pidof httpd; do sleep 0.1; done');

/** Who answered, one after the other. */
async function ask(client: Guest, times: number, port = 80): Promise<string[]> {
  const text = await client.run(`for i in $(seq ${times}); do fetch ${port} || echo nobody; done`);
  return text.trim().split('\n');
}

/** Waits until the table of this director sends port 80 to these machines and no other. */
async function sends(director: Guest, to: readonly string[]): Promise<void> {
  const wanted = to.join(' ');
  await director.until(
    `[ "$(ipvsadm -S -n | sed -n 's/^-a -t ${VIP}:80 -r \\([0-9.]*\\):80 .*/\\1/p' | sort | xargs)" = "${wanted}" ]`,
    120_000,
  );
}

describe('the director of walk-through 002', { skip }, () => {
  it('spreads requests, takes out who fails, has the sorry server answer, and fails over with VRRP', async (t) => {
    await withScene(async ({ directors, reals, client }) => {
      for (const real of reals) {
        await real.run(
          `mkdir -p /www; echo ${real.name} > /www/index.html; /opt/resource.d/realserver ${VIP} start`,
        );
        await serve(real);
      }
      // One after the other: all of them share the processors of this machine.
      for (const director of directors) {
        await serve(director);
        await director.run(
          `(${GUEST_PROGRAM}/bin/keepalived -n -l -D -f /etc/keepalived/$(hostname).conf > /var/log/ka.log 2>&1 &)`,
        );
        await sends(director, REALS);
      }
      const [first, second] = directors;
      const [one, two] = reals;
      assert.ok(first && second && one && two);
      await first.until(`ip addr show eth0 | grep -q ${VIP}/`, 180_000);
      await sends(first, REALS);

      const answers = await ask(client, 6);
      assert.deepEqual([...answers].sort(), [...Array(3).fill('real1'), ...Array(3).fill('real2')]);
      for (const [at, answer] of answers.entries())
        assert.notEqual(answer, answers[at + 1], answers.join(' '));

      await fail(one);
      await sends(first, [REALS[1] ?? '']);
      assert.deepEqual(await ask(client, 4), Array(4).fill('real2'));
      await serve(one);
      await sends(first, REALS);
      assert.equal(new Set(await ask(client, 4)).size, 2);

      await Promise.all([fail(one), fail(two)]);
      await sends(first, ['127.0.0.1']);
      assert.deepEqual(await ask(client, 2), ['sorry', 'sorry']);
      await Promise.all([serve(one), serve(two)]);
      await sends(first, REALS);

      await first.until(`[ $(ipvsadm -S -n | grep -c -- '-a -t ${VIP}:81 -r 10.99.0.1') = 2 ]`, 60_000);
      const faithful = await ask(client, 5, 81);
      assert.equal(new Set(faithful).size, 1, faithful.join(' '));
      assert.match(await first.run('ipvsadm -L --daemon'), /master sync daemon \(mcast=eth0, syncid=7/);
      assert.match(await second.run('ipvsadm -L --daemon'), /backup sync daemon \(mcast=eth0, syncid=7/);

      await sends(second, REALS);
      const { atMs } = await first.powerOff();
      await client.until('fetch 80 | grep -q real', 120_000, 100);
      t.diagnostic(
        `the other director serves ${((performance.now() - atMs) / 1000).toFixed(1)} s after the power loss`,
      );
      assert.equal(new Set(await ask(client, 4)).size, 2);
      await second.until("ipvsadm -L --daemon | grep -q 'master sync daemon'", 60_000);
      const after = await ask(client, 3, 81);
      t.diagnostic(
        `the persistent client was with ${faithful[0]}, after the failover with ${after.join(' ')}`,
      );
      assert.deepEqual(after, Array(3).fill(faithful[0]));
    });
  });
});
