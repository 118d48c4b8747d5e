/** Fencing devices in ha.cf, and [fencing] and [schedule] of heartbeat.ini. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, corpusFacts, GOOD_HA_CF, judge, only } from './support.js';

const facts = {
  ...corpusFacts,
  stonithTypes: ['null', 'external/ipmi', 'fence/ipmilan'],
  executables: ['/usr/local/sbin/power'],
};
const withLines = (...lines: readonly string[]): string => `${GOOD_HA_CF}${lines.join('\n')}\n`;

describe('fencing devices in ha.cf', () => {
  it('stand in the order of the file, those of other nodes left out', () => {
    const haCf = withLines(
      'stonith_host * null node1 node2',
      'stonith_host node2 null node1',
      'stonith_host node1 fence/ipmilan ip=10.0.0.9 password=x',
      'stonith_host node1 script /usr/local/sbin/power outlet=7',
    );
    const judged = judge({ haCf, facts });
    assert.equal(judged.accepted, true, JSON.stringify(judged.diagnostics));
    assert.deepEqual(
      judged.config?.stonith?.map(({ type, parameters }) => [type, parameters]),
      [
        ['null', 'node1 node2'],
        ['fence/ipmilan', 'ip=10.0.0.9 password=x'],
        ['script', '/usr/local/sbin/power outlet=7'],
      ],
    );
  });

  it('a fence agent that is not installed is named with its package', () => {
    const problem = only(
      judge({ haCf: withLines('stonith_host * fence/zzz ip=1'), facts }),
      'stonith-type-unknown',
    );
    assert.match(problem.hint ?? '', /fence-agents/);
  });

  it('a script that is not there is refused', () => {
    const problem = only(
      judge({ haCf: withLines('stonith_host * script /nowhere'), facts }),
      'stonith-script-invalid',
    );
    assert.match(problem.message, /\/nowhere/);
  });

  it('parameters, which may be passwords, stand in no diagnostic and not in the effective configuration', () => {
    const haCf = withLines('stonith_host * external/ipmi node2 10.0.0.9 admin sesame');
    const judged = judge({ haCf, facts });
    assert.equal(judged.accepted, false);
    const good = judge({ haCf: withLines('stonith_host * null sesame'), facts });
    assert.equal(good.accepted, true);
    for (const one of [judged, good])
      assert.doesNotMatch(
        JSON.stringify([one.diagnostics, one.effective, one.config?.parameters ?? {}]),
        /sesame/,
      );
  });

  it('the wait of the node that holds less is told with its cost, and not when it is 0', () => {
    const haCf = withLines('stonith_host * null node1 node2');
    assert.match(only(judge({ haCf, facts }), 'fencing-delay').message, /2 s longer/);
    const none = judge({ haCf, facts, ini: '[fencing]\ndelay = 0\n' });
    assert.deepEqual(codes(none, 'info'), []);
    assert.equal(none.config?.settings.fencingDelayMs, 0);
  });
});

describe('[schedule] fencing_test', () => {
  for (const [text, value] of [
    ['never', 'never'],
    ['*/5 * * * *', '*/5 * * * *'],
    ['0 3 * * mon-fri', '0 3 * * mon-fri'],
  ] as const) {
    it(`takes "${text}"`, () => {
      const judged = judge({ ini: `[schedule]\nfencing_test = ${text}\n` });
      assert.equal(judged.config?.settings.fencingTestSchedule, value);
    });
  }

  for (const text of ['hourly', '* * * *', '* * * * * *', '0 3 * * $(reboot)']) {
    it(`refuses "${text}"`, () => {
      const judged = judge({ ini: `[schedule]\nfencing_test = ${text}\n` });
      assert.match(only(judged, 'value-invalid').hint ?? '', /five fields as in crontab/);
    });
  }
});

describe('disks with poison pills', () => {
  const ini = '[sbd]\ndevice = /dev/a, /dev/b\n';
  const guarded = { ...facts, stonithTypes: ['external/sbd'] };

  it('are the parameters of the device sbd, which needs one', () => {
    const judged = judge({
      haCf: withLines('watchdog /dev/watchdog', 'stonith_host * sbd'),
      ini,
      facts: guarded,
    });
    assert.deepEqual(judged.config?.stonith?.[0]?.parameters, '/dev/a,/dev/b');
    assert.ok(!codes(judged, 'warning').some((code) => code.startsWith('sbd-')));
    const alone = judge({ haCf: withLines('stonith_host * sbd'), facts: guarded });
    assert.equal(alone.accepted, false);
    assert.match(only(alone, 'sbd-no-device').hint ?? '', /heartbeat sbd -d DEV create/);
    const given = judge({ haCf: withLines('stonith_host * sbd /dev/a'), ini, facts: guarded });
    assert.match(only(given, 'stonith-params-invalid').message, /takes no parameters/);
  });

  it('want somebody who reads them, a use, and a watchdog', () => {
    const foreign = judge({ haCf: withLines('stonith_host * external/sbd /dev/a no yes'), facts: guarded });
    assert.match(only(foreign, 'sbd-no-watcher').message, /says OK although nobody may read the disk/);
    const unused = judge({ ini, facts: guarded });
    only(unused, 'sbd-unused');
    only(unused, 'sbd-no-watchdog');
  });

  it('are one to three absolute paths, each once', () => {
    for (const value of ['/dev/a,/dev/b,/dev/c,/dev/d', 'sda', '/dev/a,/dev/a'])
      assert.equal(judge({ ini: `[sbd]\ndevice = ${value}\n` }).accepted, false, value);
  });
});

describe('a ha.cf with the password of a device', () => {
  it('that others may read is warned of, and no other', () => {
    const warned = (line: string): boolean =>
      codes(judge({ haCf: withLines(line), facts }), 'warning').includes('stonith-secret-readable');
    assert.equal(warned('stonith_host * fence/ipmilan ip=10.0.0.9 password=x'), true);
    assert.equal(warned('stonith_host * external/ipmi node2 10.0.0.9 admin sesame lan'), true);
    assert.equal(warned('stonith_host * fence/ipmilan ip=10.0.0.9'), false);
    assert.equal(warned('stonith_host * null node1 node2'), false);
    assert.equal(warned('stonith_host * script /usr/local/sbin/power outlet=7'), false);
  });
});
