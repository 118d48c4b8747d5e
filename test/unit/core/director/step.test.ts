/** The decisions of the director: a table of configurations, verdicts and what comes of them (vrrp-lvs.md 3.5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Director, DirectorEffect } from '../../../../src/core/director/state.js';
import { configureDirector, endDirector, takeVerdict } from '../../../../src/core/director/step.js';
import { serviceSnapshots, wantedTable } from '../../../../src/core/director/wanted.js';
import { directorConfig, directorOf } from './support.js';

interface Real {
  readonly own?: string;
}

/** A service with real servers a, b, c (…21, …22, …23), each with one check. */
function conf(own: string, reals: readonly Real[]): string {
  const servers = reals.map(
    ({ own: text = '' }, at) =>
      `  real_server 10.0.0.2${at + 1} 80 {\n    notify_up "/up ${at + 1}"\n    notify_down "/down ${at + 1}"\n    ${text}\n    TCP_CHECK { }\n  }`,
  );
  return `virtual_server 10.0.0.1 80 {
  lb_algo rr
  lb_kind DR
  protocol TCP
  quorum_up "/quorum up"
  quorum_down "/quorum down"
  ${own}
${servers.join('\n')}
}`;
}

/** "1+" server 1 is well, "2-" server 2 failed, "1+w7" with weight 7. */
function play(director: Director, story: string): DirectorEffect[] {
  return story.split(' ').flatMap((word) => {
    const [, number = '', sign = '', weight] = /^(\d)([+-])(?:w(\d+))?$/.exec(word) ?? [];
    const verdict = {
      service: 'TCP 10.0.0.1:80',
      server: `10.0.0.2${number}:80`,
      check: 0,
      ok: sign === '+',
      detail: sign === '+' ? 'connected' : 'connection refused',
      ...(weight === undefined ? {} : { weight: Number(weight) }),
    };
    return takeVerdict(director, verdict, 1000);
  });
}

function destinationsOf(director: Director): string {
  const table = wantedTable(director).get('-t 10.0.0.1:80');
  return [...(table?.destinations ?? [])]
    .map(([endpoint, { weight }]) => `${endpoint.replace('10.0.0.2', '').replace(':80', '')}=${weight}`)
    .join(' ');
}

const commandsOf = (effects: readonly DirectorEffect[]): string =>
  effects.flatMap((one) => (one.kind === 'notify' ? [one.command.words.join(' ')] : [])).join(', ');

const SORRY = 'sorry_server 10.0.0.29 80';
const PAIR: readonly Real[] = [{}, {}];

const ROWS: readonly {
  readonly rule: string;
  readonly conf: string;
  readonly story: string;
  /** server=weight, "9" is the sorry server */
  readonly table: string;
  readonly commands: string;
}[] = [
  {
    rule: 'a server is alive until its first check',
    conf: conf('', PAIR),
    story: '',
    table: '1=1 2=1',
    commands: '',
  },
  {
    rule: 'a failed one leaves the table, its command runs',
    conf: conf('', PAIR),
    story: '1-',
    table: '2=1',
    commands: '/down 1',
  },
  {
    rule: 'and returns with its first good check',
    conf: conf('', PAIR),
    story: '1- 1+',
    table: '1=1 2=1',
    commands: '/down 1, /up 1',
  },
  {
    rule: 'the same verdict again changes nothing',
    conf: conf('', PAIR),
    story: '1- 1- 1-',
    table: '2=1',
    commands: '/down 1',
  },
  {
    rule: 'with alpha nothing is alive before its first good check',
    conf: conf('alpha', PAIR),
    story: '',
    table: '',
    commands: '',
  },
  {
    rule: 'with alpha the first good check brings the quorum',
    conf: conf('alpha', PAIR),
    story: '2+',
    table: '2=1',
    commands: '/up 2, /quorum up',
  },
  {
    rule: 'the last one lost loses the quorum',
    conf: conf('', PAIR),
    story: '1- 2-',
    table: '',
    commands: '/down 1, /down 2, /quorum down',
  },
  {
    rule: 'the sorry server answers when there is no quorum',
    conf: conf(SORRY, PAIR),
    story: '1- 2-',
    table: '9=1',
    commands: '/down 1, /down 2, /quorum down',
  },
  {
    rule: 'and leaves when a server is back',
    conf: conf(SORRY, PAIR),
    story: '1- 2- 2+',
    table: '2=1',
    commands: '/down 1, /down 2, /quorum down, /up 2, /quorum up',
  },
  {
    rule: 'below the quorum the living ones stand behind the sorry server',
    conf: conf(`${SORRY}\n  quorum 2`, [...PAIR, {}]),
    story: '1- 2-',
    table: '9=1',
    commands: '/down 1, /down 2, /quorum down',
  },
  {
    rule: 'below the quorum without a sorry server the living ones go on',
    conf: conf('quorum 2', PAIR),
    story: '1-',
    table: '2=1',
    commands: '/down 1, /quorum down',
  },
  {
    rule: 'hysteresis: the quorum is kept until it falls below quorum - hysteresis',
    conf: conf(`${SORRY}\n  quorum 2\n  hysteresis 1`, [...PAIR, {}]),
    story: '1- 2-',
    table: '3=1',
    commands: '/down 1, /down 2',
  },
  {
    rule: 'hysteresis: what is lost is gained at quorum + hysteresis, not before',
    conf: conf(`${SORRY}\n  quorum 2\n  hysteresis 1`, [...PAIR, {}]),
    story: '1- 2- 3- 1+ 2+',
    table: '9=1',
    commands: '/down 1, /down 2, /down 3, /quorum down, /up 1, /up 2',
  },
  {
    rule: 'hysteresis: gained with all three',
    conf: conf(`${SORRY}\n  quorum 2\n  hysteresis 1`, [...PAIR, {}]),
    story: '1- 2- 3- 1+ 2+ 3+',
    table: '1=1 2=1 3=1',
    commands: '/down 1, /down 2, /down 3, /quorum down, /up 1, /up 2, /up 3, /quorum up',
  },
  {
    rule: 'inhibit_on_failure: the failed one stays with weight 0',
    conf: conf('inhibit_on_failure', PAIR),
    story: '1-',
    table: '1=0 2=1',
    commands: '/down 1',
  },
  {
    rule: 'inhibited ones stay beside the sorry server as well',
    conf: conf(`${SORRY}\n  inhibit_on_failure`, PAIR),
    story: '1- 2-',
    table: '1=0 2=0 9=1',
    commands: '/down 1, /down 2, /quorum down',
  },
  {
    rule: 'sorry_server_inhibit: it waits in the table with weight 0',
    conf: conf(`${SORRY}\n  sorry_server_inhibit`, PAIR),
    story: '1-',
    table: '2=1 9=0',
    commands: '/down 1',
  },
  {
    rule: 'a weight of 0 does not count for the quorum',
    conf: conf(SORRY, [{ own: 'weight 0' }, { own: 'weight 3' }]),
    story: '2-',
    table: '9=1',
    commands: '/down 2, /quorum down',
  },
];

for (const { rule, conf: text, story, table, commands } of ROWS) {
  test(`director: ${rule}`, () => {
    const director = directorOf(text);
    const effects = story === '' ? [] : play(director, story);
    assert.equal(destinationsOf(director), table);
    assert.equal(commandsOf(effects), commands);
  });
}

const DYNAMIC = `virtual_server 10.0.0.1 80 {
  lb_algo wrr
  lb_kind DR
  protocol TCP
  real_server 10.0.0.21 80 {
    weight 5
    MISC_CHECK {
      misc_path "/bin/load"
      misc_dynamic
    }
  }
}`;

test('director: a dynamic check sets the weight, and 0 of it keeps the server in the table', () => {
  const director = directorOf(DYNAMIC);
  play(director, '1+w9');
  assert.equal(destinationsOf(director), '1=9');
  play(director, '1+w0');
  assert.equal(destinationsOf(director), '1=0');
  play(director, '1+');
  assert.equal(destinationsOf(director), '1=5');
});

test('director: all checks of a server have to be good', () => {
  const text = conf('', [{ own: 'PING_CHECK { }' }]);
  const director = directorOf(text);
  const of = (check: number, ok: boolean) => ({
    service: 'TCP 10.0.0.1:80',
    server: '10.0.0.21:80',
    check,
    ok,
    detail: ok ? 'well' : 'no echo',
  });
  takeVerdict(director, of(0, false), 1);
  takeVerdict(director, of(1, true), 2);
  assert.equal(destinationsOf(director), '');
  const [snapshot] = serviceSnapshots(director, 10, new Set(), new Map());
  assert.equal(snapshot?.realServers[0]?.reason, 'no echo');
  assert.equal(snapshot?.realServers[0]?.sinceMs, 9);
  takeVerdict(director, of(0, true), 3);
  assert.equal(destinationsOf(director), '1=1');
});

test('director: a reload keeps the verdicts of servers whose checks are the same', () => {
  const director = directorOf(conf('', [{}, {}, {}]));
  play(director, '1- 2-');
  const next = conf('', [{ own: 'weight 4' }, { own: 'PING_CHECK { }' }]);
  const effects = configureDirector(director, directorConfig(next), 2000);
  assert.equal(destinationsOf(director), '2=1', 'the first is still failed, the second has other checks');
  assert.equal(commandsOf(effects), '');
  play(director, '1+');
  assert.equal(destinationsOf(director), '1=4 2=1');
});

test('director: at the first configuration the command for the quorum runs, not those of the servers', () => {
  const director = directorOf('');
  const effects = configureDirector(director, directorConfig(conf('', PAIR)), 0);
  assert.equal(commandsOf(effects), '/quorum up');
});

test('director: at the end the commands for going down run with omega, for what is up', () => {
  const without = directorOf(conf('', PAIR));
  assert.equal(commandsOf(endDirector(without)), '');
  const director = directorOf(conf('omega', PAIR));
  play(director, '2-');
  assert.equal(commandsOf(endDirector(director)), '/down 1, /quorum down');
});

test('director: mails name the servers as the original does', () => {
  const director = directorOf(conf('smtp_alert', PAIR));
  const mails = play(director, '1- 2-').flatMap((one) => (one.kind === 'mail' ? [one.subject] : []));
  assert.deepEqual(mails, [
    '[node1.example.org] Realserver [10.0.0.21]:tcp:80 of virtual server [10.0.0.1]:tcp:80 - DOWN',
    '[node1.example.org] Realserver [10.0.0.22]:tcp:80 of virtual server [10.0.0.1]:tcp:80 - DOWN',
    '[node1.example.org] Virtualserver [10.0.0.1]:tcp:80 - DOWN',
  ]);
});

test('director: verdicts about what is configured no more change nothing', () => {
  const director = directorOf(conf('', PAIR));
  assert.deepEqual(play(director, '7-'), []);
});

test('alpha of one check alone makes its server wait for that check; "alpha off" is an exception', () => {
  const server = (own: string, check: string): string =>
    `virtual_server 10.0.0.1 80 {\nlb_algo rr\nprotocol TCP\nreal_server 10.0.0.21 80 {\n${own}\nTCP_CHECK {\n${check}\n}\nPING_CHECK {\n}\n}\n}`;
  const alive = (director: Director): boolean | undefined =>
    director.services.get('TCP 10.0.0.1:80')?.servers.get('10.0.0.21:80')?.alive;
  const director = directorOf(server('', 'alpha'));
  assert.equal(alive(director), false);
  play(director, '1+');
  assert.equal(alive(director), true, 'the other check was trusted');
  assert.equal(alive(directorOf(server('', ''))), true);
  const both = directorOf(server('alpha', 'alpha off'));
  assert.equal(alive(both), false);
  play(both, '1+');
  assert.equal(alive(both), false, 'the ping has not been good yet');
});

test('quorum is told in the words of keepalived 2.2.7, which its users search their logs for', () => {
  const director = directorOf(conf('quorum 1', [{}]));
  const told = play(director, '1- 1+').flatMap((effect) => (effect.kind === 'log' ? [effect.text] : []));
  assert.deepEqual(told, [
    'Removing service [10.0.0.21]:tcp:80 from VS [10.0.0.1]:tcp:80: connection refused',
    'Lost quorum 1-0=1 > 0 for VS [10.0.0.1]:tcp:80',
    'Adding service [10.0.0.21]:tcp:80 to VS [10.0.0.1]:tcp:80: connected',
    'Gained quorum 1+0=1 <= 1 for VS [10.0.0.1]:tcp:80',
  ]);
});
