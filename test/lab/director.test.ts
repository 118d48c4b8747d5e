/** The director with real servers under its checkers, and an ipvsadm that writes down what it is told (vrrp-lvs.md 3.5, 3.6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withStage } from './director/stage.js';
import { labAbility } from './lib/index.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

const real = (address: string, port: number, check: string): string =>
  `  real_server ${address} ${port} {\n    notify_up "/etc/notify up ${address}"\n    notify_down "/etc/notify down ${address}"\n    ${check}\n  }`;

const TIMES = 'delay_loop 1\n  warmup 0\n  connect_timeout 2\n  retry 1\n  delay_before_retry 0.2';
const NOTIFY = '#!/bin/sh\necho "$@" >>/var/log/notify\n';

test(
  'walk-through 002: two web servers, one stops and returns, both stop and the sorry server answers',
  options,
  async () => {
    await withStage(async (stage) => {
      await stage.node.write('/etc/notify', NOTIFY, 0o755);
      const check = 'HTTP_GET {\n url {\n path /\n status_code 200\n }\n }';
      await stage.configure(`virtual_server 10.77.0.100 80 {
  ${TIMES}
  lb_algo rr
  lb_kind DR
  protocol TCP
  quorum_up "/etc/notify quorum up"
  quorum_down "/etc/notify quorum down"
  sorry_server 127.0.0.1 80
${real('127.0.0.11', 8080, check)}
${real('127.0.0.12', 8080, check)}
}`);
      const [one, two] = [
        await stage.serve('http', '127.0.0.11', 8080),
        await stage.serve('http', '127.0.0.12', 8080),
      ];
      await stage.start();
      const SERVICE = '-A -t 10.77.0.100:80 -s rr';
      const rule = (endpoint: string): string => `-a -t 10.77.0.100:80 -r ${endpoint} -g -w 1`;
      const both = [SERVICE, rule('127.0.0.11:8080'), rule('127.0.0.12:8080')];
      await stage.hasRules(both);
      const isJudged = async (): Promise<boolean> =>
        (await stage.director())?.services[0]?.realServers.every(({ reason }) => reason !== '') === true;
      await stage.lab.until(isJudged, { withinMs: 30_000, what: 'the first verdict on both' });

      await one.kill();
      await stage.hasRules([SERVICE, rule('127.0.0.12:8080')]);
      assert.match(
        await stage.log(),
        /Removing service \[127\.0\.0\.11\]:tcp:8080 from VS \[10\.77\.0\.100\]:tcp:80: connection refused/,
      );
      const shown = await stage.director();
      assert.equal(shown?.services[0]?.realServers[0]?.alive, false);
      assert.equal(shown?.services[0]?.realServers[0]?.reason, 'connection refused');
      assert.match(await stage.status(), /-> 127\.0\.0\.11:8080 +DR +failed .*connection refused/);

      assert.deepEqual(await stage.violations(), [], 'the document of the status is as its schema says');
      await two.kill();
      await stage.hasRules([SERVICE, rule('127.0.0.1:80')]);
      await stage.serve('http', '127.0.0.11', 8080);
      await stage.hasRules([SERVICE, rule('127.0.0.11:8080')]);
      await stage.serve('http', '127.0.0.12', 8080);
      await stage.hasRules(both);
      const told = (await stage.node.exec(['cat', '/var/log/notify'])).stdout.trim().split('\n');
      assert.deepEqual(told, [
        'quorum up',
        'down 127.0.0.11',
        'down 127.0.0.12',
        'quorum down',
        'up 127.0.0.11',
        'quorum up',
        'up 127.0.0.12',
      ]);
      await stage.stop();
      assert.deepEqual(await stage.table(), []);
    });
  },
);

test('every kind of check sees its server come and go', options, async () => {
  await withStage(async (stage) => {
    await stage.node.write('/etc/notify', NOTIFY, 0o755);
    const md5OfWell = 'f9323f5b51fc23e30c10623bd38de6ff';
    await stage.node.write('/etc/check', '#!/bin/sh\nexec cat /etc/ok >/dev/null 2>&1\n', 0o755);
    const kinds: readonly (readonly [address: string, port: number, check: string])[] = [
      ['127.0.0.11', 8000, 'TCP_CHECK { }'],
      ['127.0.0.12', 8025, 'SMTP_CHECK { }'],
      ['127.0.0.13', 8053, 'DNS_CHECK {\n retry 0\n type A\n name www.lab\n }'],
      [
        '127.0.0.14',
        8080,
        `HTTP_GET {\n url {\n path /a\n virtualhost www.lab\n }\n url {\n path /b\n digest ${md5OfWell}\n }\n }`,
      ],
      ['127.0.0.15', 8015, 'MISC_CHECK {\n misc_path "/etc/check"\n }'],
      ['127.0.0.16', 8016, 'FILE_CHECK {\n track_file load\n }'],
      ['10.77.0.55', 8017, 'PING_CHECK { }'],
      ['127.0.0.18', 8018, 'UDP_CHECK {\n payload 00\n }'],
    ];
    await stage.configure(`vrrp_track_file load {
  file /etc/load
  weight 0
}
virtual_server 10.77.0.100 80 {
  ${TIMES}
  alpha
  lb_algo rr
  lb_kind NAT
  protocol TCP
${kinds.map((kind) => real(...kind)).join('\n')}
}`);
    const SERVICE = '-A -t 10.77.0.100:80 -s rr';
    const all = kinds.map(([address, port]) => `-a -t 10.77.0.100:80 -r ${address}:${port} -m -w 1`);
    await stage.node.write('/etc/load', '7\n');
    await stage.start();
    await stage.hasRules([SERVICE]);
    const serve = async () => [
      await stage.serve('tcp', '127.0.0.11', 8000),
      await stage.serve('smtp', '127.0.0.12', 8025),
      await stage.serve('dns', '127.0.0.13', 8053),
      await stage.serve('http', '127.0.0.14', 8080),
      await stage.serve('dns', '127.0.0.18', 8018),
    ];
    const change = async (isUp: boolean): Promise<void> => {
      await stage.node.exec([
        'sh',
        '-c',
        isUp ? 'touch /etc/ok; echo 0 >/etc/load' : 'rm /etc/ok; echo 7 >/etc/load',
      ]);
      await stage.node.exec(['ip', 'addr', isUp ? 'add' : 'del', '10.77.0.55/32', 'dev', 'lo']);
    };
    const servers = await serve();
    await change(true);
    await stage.hasRules([SERVICE, ...all], 60_000);
    assert.ok((await servers[3]?.lines())?.some((line) => line.endsWith('GET /a www.lab')));
    for (const server of servers) await server.kill();
    await change(false);
    await stage.hasRules([SERVICE], 60_000);
    const director = await stage.director();
    const reasons = director?.services[0]?.realServers.map(({ reason }) => reason) ?? [];
    assert.equal(reasons[0], 'connection refused');
    assert.match(reasons[4] ?? '', /ended with exit status 1/);
    assert.equal(reasons[5], '/etc/load says 7');
    await stage.stop();
  });
});

test(
  'what is changed by hand is put right, and services of others stay, after the stop too',
  options,
  async () => {
    await withStage(async (stage) => {
      await stage.configure(`virtual_server 10.77.0.100 80 {
  lb_algo wrr
  lb_kind DR
  protocol TCP
  real_server 127.0.0.11 80 { weight 3 }
  real_server 127.0.0.12 80 { uthreshold 9 }
}`);
      const foreign = ['-A -t 10.9.9.9:25 -s rr', '-a -t 10.9.9.9:25 -r 10.9.9.1:25 -m -w 1'];
      const table = '/var/lib/ipvsadm.table';
      await stage.node.write(table, `${foreign.join('\n')}\n`);
      await stage.start();
      const own = [
        '-A -t 10.77.0.100:80 -s wrr',
        '-a -t 10.77.0.100:80 -r 127.0.0.11:80 -g -w 3',
        '-a -t 10.77.0.100:80 -r 127.0.0.12:80 -g -w 1',
      ];
      await stage.hasRules([...foreign, ...own]);
      assert.match(await stage.calls(), /-a -t 10\.77\.0\.100:80 -r 127\.0\.0\.12:80 -g -w 1 -x 9\n/);
      const byHand = [
        ...foreign,
        own[0],
        '-a -t 10.77.0.100:80 -r 127.0.0.11:80 -g -w 50',
        '-a -t 10.77.0.100:80 -r 6.6.6.6:80 -g -w 1',
      ];
      await stage.node.write(table, `${byHand.join('\n')}\n`);
      await stage.hasRules([...foreign, ...own]);
      assert.equal((await stage.director())?.repairs, 3);
      assert.match(await stage.log(), /Somebody changed the table of virtual servers; 3 rules are put right/);
      await stage.stop();
      assert.deepEqual(await stage.table(), foreign);
    });
  },
);

/** An instance, and the head of a virtual server at its address with one real server; what follows closes it. */
const INSTANCE_WITH_SERVER = `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100
  advert_int 1
  virtual_ipaddress {
    10.77.0.100/24
  }
}
virtual_server 10.77.0.100 80 {
  ${TIMES}
  lb_algo rr
  lb_kind DR
  protocol TCP
${real('127.0.0.11', 8000, 'TCP_CHECK { }')}
`;

test(
  'without IP_VS in the kernel one sentence says so, and the address of VRRP comes all the same',
  options,
  async () => {
    await withStage(async (stage) => {
      await stage.configure(`${INSTANCE_WITH_SERVER}}`);
      await stage.start('-D', false);
      await stage.lab.until(
        async () => (await stage.node.exec(['ip', '-o', 'addr'])).stdout.includes(' 10.77.0.100/24 '),
        { withinMs: 30_000, what: 'the address' },
      );
      await stage.lab.until(
        async () => (await stage.director())?.services[0]?.realServers[0]?.alive === false,
        {
          withinMs: 30_000,
          what: 'the verdict on the real server',
        },
      );
      const log = await stage.log();
      assert.equal(log.split('Virtual servers are checked but not set').length, 2, log);
      assert.match((await stage.director())?.problem ?? '', /everything else goes on/);
      assert.deepEqual(await stage.violations(), []);
      await stage.stop();
    });
  },
);

test(
  'a reload keeps the verdicts, -P has no director, director and runner that die are replaced with what they knew',
  options,
  async () => {
    await withStage(async (stage) => {
      const conf = (
        more: string,
      ): string => `${INSTANCE_WITH_SERVER}${real('127.0.0.12', 8000, 'TCP_CHECK { }')}
${more}
}`;
      await stage.configure(conf(''));
      await stage.serve('tcp', '127.0.0.11', 8000);
      await stage.start();
      const rules = ['-A -t 10.77.0.100:80 -s rr', '-a -t 10.77.0.100:80 -r 127.0.0.11:8000 -g -w 1'];
      await stage.hasRules(rules);
      const before = (await stage.calls()).length;
      await stage.configure(conf('  real_server 127.0.0.13 80 { }'));
      await stage.reload();
      const more = [...rules, '-a -t 10.77.0.100:80 -r 127.0.0.13:80 -g -w 1'];
      await stage.hasRules(more);
      assert.equal((await stage.director())?.repairs, 0, 'a reload is nobody else');
      const { stdout } = await stage.node.exec(['pgrep', '-f', 'heartbeat: director']);
      const pid = stdout.trim();
      assert.match(pid, /^\d+$/);
      assert.equal((await stage.node.exec(['kill', '-9', pid])).code, 0);
      await stage.lab.until(
        async () => (await stage.log()).includes('The director process was ended by SIGKILL'),
        {
          withinMs: 30_000,
          what: 'the death to be noticed',
        },
      );
      await stage.lab.until(
        async () => (await stage.director())?.services[0]?.realServers[1]?.alive === false,
        {
          withinMs: 30_000,
          what: 'the new director',
        },
      );
      await stage.hasRules(more);
      assert.doesNotMatch(
        (await stage.calls()).slice(before),
        /-a .*127\.0\.0\.12/,
        'a failed server never came back',
      );

      // The loop knows nothing of virtual servers; a new runner knows them all the same.
      await stage.killRunner();
      await stage.lab.until(async () => (await stage.director())?.services[0]?.realServers.length === 3, {
        withinMs: 60_000,
        what: 'the director of the new runner',
      });
      await stage.hasRules(more);
      for (const config of await stage.recordedConfigs()) {
        assert.equal(config.vrrp?.instances.length, 1);
        assert.deepEqual(config.vrrp?.virtualServers, []);
      }
      await stage.configure(conf('  real_server 127.0.0.14 80 { }'));
      await stage.reload();
      await stage.hasRules([...rules, '-a -t 10.77.0.100:80 -r 127.0.0.14:80 -g -w 1']);
      assert.doesNotMatch((await stage.calls()).slice(before), /-a .*127\.0\.0\.12/);
      await stage.stop();
      assert.deepEqual(await stage.table(), []);
      await stage.start('-D -P');
      assert.equal(await stage.director(), undefined);
      await stage.stop();
    });
  },
);

test(
  'connection synchronisation follows the role of the instance; the rules stay at the stop where that is asked for',
  options,
  async () => {
    await withStage(async (stage) => {
      await stage.configure(`global_defs {
  lvs_sync_daemon eth0 VI_1 id 7
  lvs_timeouts tcp 900 udp 30
  lvs_keep_on_stop
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100
  advert_int 1
  virtual_ipaddress {
    10.77.0.100/24
  }
}
virtual_server 10.77.0.100 80 {
  lb_algo rr
  lb_kind DR
  protocol TCP
  real_server 127.0.0.11 80 { }
}`);
      await stage.start();
      await stage.lab.until(async () => (await stage.calls()).includes('--start-daemon master'), {
        withinMs: 30_000,
        what: 'the role of the master',
      });
      await stage.node.exec(['ip', 'link', 'set', 'eth0', 'down']);
      const last = async (): Promise<string> => (await stage.calls()).split('--start-daemon ').at(-1) ?? '';
      await stage.lab.until(async () => (await last()).startsWith('backup'), {
        withinMs: 30_000,
        what: 'the role of a backup',
      });
      assert.deepEqual((await stage.director())?.sync, { interface: 'eth0', role: 'backup' });
      assert.deepEqual(await stage.violations(), []);
      const calls = await stage.calls();
      assert.match(calls, /--stop-daemon backup\n--start-daemon master --mcast-interface eth0 --syncid 7\n/);
      assert.match(calls, /--stop-daemon master\n--start-daemon backup --mcast-interface eth0 --syncid 7\n/);
      assert.match(calls, /--set 900 0 30\n/);
      await stage.stop();
      assert.equal((await stage.table()).length, 2);
    });
  },
);

test(
  'one failed first check is enough, urls are asked one a round, and a good server has its retries (as keepalived 2.2.7)',
  options,
  async () => {
    await withStage(async (stage) => {
      const answer = (statuses: Record<string, number>): Promise<void> =>
        stage.node.write('/etc/statuses', JSON.stringify(statuses));
      await answer({ '/a': 500 });
      const server = await stage.serve('http', '127.0.0.11', 8080, '/etc/statuses');
      await stage.configure(`virtual_server 10.77.0.100 80 {
  delay_loop 1
  warmup 0
  connect_timeout 5
  retry 2
  delay_before_retry 0.5
  lb_algo rr
  lb_kind DR
  protocol TCP
  real_server 127.0.0.11 8080 {
    HTTP_GET {
      virtualhost www.lab
      url {
        path /a
      }
      url {
        path /b?of=all
      }
    }
  }
}`);
      const judged = (alive: boolean): Promise<unknown> =>
        stage.lab.until(async () => (await stage.director())?.services[0]?.realServers[0]?.alive === alive, {
          withinMs: 30_000,
          what: alive ? 'the server to be back' : 'the server to be out',
        });
      interface Asked {
        readonly atMs: number;
        readonly what: string;
      }
      const asked = async (): Promise<Asked[]> =>
        (await server.lines())
          .filter((line) => line.endsWith(' www.lab'))
          .map((line) => {
            const [at, status, , path] = line.split(' ');
            return { atMs: Number(at), what: `${path} ${status}` };
          });
      /** A timer of Node.js may fire a millisecond early, and the server stamps when it gets to it. */
      const apart = (list: readonly Asked[], byMs: number): void => {
        for (const [at, { atMs }] of list.slice(1).entries()) {
          const gapMs = atMs - (list[at]?.atMs ?? 0);
          assert.ok(gapMs >= byMs - 100, `${gapMs} ms between two requests, ${JSON.stringify(list)}`);
        }
      };
      await stage.start();
      await judged(false);
      assert.equal((await stage.director())?.services[0]?.realServers[0]?.reason, 'HTTP status 500 on /a');
      assert.doesNotMatch(await stage.log(), /attempt [23]/, 'one failure was enough');
      await stage.lab.until(async () => (await asked()).length >= 3, {
        withinMs: 30_000,
        what: 'three rounds',
      });
      const failing = (await asked()).slice(0, 3);
      assert.deepEqual(
        failing.map(({ what }) => what),
        ['/a 500', '/a 500', '/a 500'],
      );
      apart(failing, 1000);

      await answer({});
      await judged(true);
      const back = (await asked()).filter(({ what }) => what.endsWith(' 200'));
      assert.deepEqual(
        back.slice(0, 2).map(({ what }) => what),
        ['/a 200', '/b?of=all 200'],
      );
      apart(back.slice(0, 2), 1000);

      await answer({ '/b?of=all': 503 });
      await judged(false);
      assert.equal(
        (await stage.director())?.services[0]?.realServers[0]?.reason,
        'HTTP status 503 on /b?of=all',
      );
      const retried = (await asked()).filter(({ what }) => what.endsWith(' 503')).slice(0, 3);
      assert.equal(retried.length, 3, 'retry + 1 requests');
      apart(retried, 500);
      await stage.hasRules(['-A -t 10.77.0.100:80 -s rr']);
      await stage.stop();
    });
  },
);
