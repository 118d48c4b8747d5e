/** What VRRP peers must do together, whoever of them is the real keepalived (vrrp-lvs.md section 6, priority 1). */
import assert from 'node:assert/strict';
import { type LabNode, nowMs } from '../../lab/lib/index.js';
import { type InstanceText, instanceText, type Program, VIP, type VrrpPair } from '../../lab/vrrp/pair.js';

export interface VrrpStory {
  readonly name: string;
  /** Both orders of the programs are played. A returned text is shown in the table. */
  readonly play: (pair: VrrpPair, programs: readonly [Program, Program]) => Promise<string | undefined>;
}

const both = (pair: VrrpPair): readonly [LabNode, LabNode] => [pair.node1, pair.node2];

/** Writes both configurations: node1 with the higher priority, unless said otherwise. */
export async function write(
  pair: VrrpPair,
  given: InstanceText,
  head = '',
  second: Partial<InstanceText> = {},
): Promise<void> {
  await pair.configure(pair.node1, `${head}\n${instanceText({ priority: 100, state: 'MASTER', ...given })}`);
  await pair.configure(pair.node2, `${head}\n${instanceText({ priority: 98, ...given, ...second })}`);
}

export async function startBoth(pair: VrrpPair, [one, two]: readonly [Program, Program]): Promise<void> {
  await pair.start(pair.node1, one);
  await pair.start(pair.node2, two);
  await pair.gets(pair.node1);
  await alone(pair, pair.node1);
}

/** Exactly this node has the address. */
export async function alone(pair: VrrpPair, holder: LabNode, address = VIP): Promise<void> {
  await pair.lab.until(
    async () => {
      const held = await Promise.all(both(pair).map((node) => pair.holds(node, address)));
      return held.filter((yes) => yes).length === 1 && (await pair.holds(holder, address));
    },
    { withinMs: 15_000, what: `only ${holder.name} to hold ${address}`, everyMs: 50 },
  );
}

/** Stays so for some time. */
export async function remains(pair: VrrpPair, holder: LabNode, forMs: number, address = VIP): Promise<void> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    assert.equal(await pair.holds(holder, address), true, `${holder.name} holds ${address}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function takeoverMs(pair: VrrpPair, cause: () => Promise<unknown>, to: LabNode): Promise<number> {
  const client = await pair.lab.client(`udp://${VIP}`);
  await pair.lab.until(async () => (await client.newest()) !== null, { withinMs: 5000, what: 'an answer' });
  const beganMs = nowMs();
  await cause();
  const first = await pair.lab.until(() => client.firstAnswerFrom(to.name, beganMs), {
    withinMs: 20_000,
    what: `${to.name} to answer`,
  });
  return (first.receivedAtMs ?? beganMs) - beganMs;
}

/** A plain pair: start, loss of the master, its return with preemption, its orderly stop. */
function lifeOf(name: string, given: InstanceText, head = '', address = VIP): VrrpStory {
  return {
    name,
    async play(pair, programs) {
      await write(pair, given, head);
      await pair.start(pair.node1, programs[0]);
      await pair.start(pair.node2, programs[1]);
      await alone(pair, pair.node1, address);
      await pair.node1.powerOff();
      await pair.gets(pair.node2, address);
      await pair.node1.powerOn();
      await pair.start(pair.node1, programs[0]);
      await alone(pair, pair.node1, address);
      await pair.stop(pair.node1, programs[0]);
      await alone(pair, pair.node2, address);
      return undefined;
    },
  };
}

const STRICT = 'global_defs {\n    vrrp_strict\n}';
const GROUP_50 = 'global_defs {\n    vrrp_mcast_group4 224.0.100.50\n}';
const VERSION_3 = 'global_defs {\n    vrrp_version 3\n}';

export const VRRP_STORIES: readonly VrrpStory[] = [
  lifeOf('version 2, PASS', {}),
  lifeOf('version 2, no authentication', { password: null }),
  lifeOf('version 2, password of more than 8 characters', { password: '12345678ABC' }),
  lifeOf('version 2, group 224.0.100.50', {}, GROUP_50),
  lifeOf('version 2, two addresses', { addresses: [`${VIP}/24`, '10.77.0.101/24 dev eth0 label eth0:1'] }),
  lifeOf('vrrp_strict with a password in the file, which neither sends', {}, STRICT),
  lifeOf('no_accept', { more: ['no_accept'] }),
  lifeOf('use_vmac, version 2', { more: ['use_vmac'] }),
  lifeOf('version 3, 1 s', { password: null }, VERSION_3),
  lifeOf('version 3, 0.1 s', { password: null, advertInt: '0.1' }, VERSION_3),
  lifeOf('version 3, 0.01 s', { password: null, advertInt: '0.01' }, VERSION_3),
  lifeOf(
    'version 3, IPv6',
    { password: null, addresses: ['fe80::77:1/64', 'fd77::100/64'] },
    VERSION_3,
    'fd77::100',
  ),
  {
    name: 'unicast_peer, multicast blocked',
    async play(pair, programs) {
      const peers = (own: number, other: number): InstanceText => ({
        more: [`unicast_src_ip 10.77.0.${own}`, 'unicast_peer {', `    10.77.0.${other}`, '}'],
      });
      await pair.configure(pair.node1, instanceText({ priority: 100, ...peers(1, 2) }));
      await pair.configure(pair.node2, instanceText({ priority: 98, ...peers(2, 1) }));
      await startBoth(pair, programs);
      await remains(pair, pair.node1, 5000);
      await pair.stop(pair.node1, programs[0]);
      await alone(pair, pair.node2);
      return undefined;
    },
  },
  {
    name: 'the lower one starts first: the higher takes over after a master-down interval',
    async play(pair, programs) {
      await write(pair, {});
      await pair.start(pair.node2, programs[1]);
      await pair.gets(pair.node2);
      const beganMs = performance.now();
      await pair.start(pair.node1, programs[0]);
      await alone(pair, pair.node1);
      return `${((performance.now() - beganMs) / 1000).toFixed(1)} s`;
    },
  },
  {
    name: 'nopreempt: the higher one that comes later stays backup',
    async play(pair, programs) {
      await write(pair, { state: 'BACKUP', more: ['nopreempt'] });
      await pair.start(pair.node2, programs[1]);
      await pair.gets(pair.node2);
      await pair.start(pair.node1, programs[0]);
      await remains(pair, pair.node2, 8000);
      await alone(pair, pair.node2);
      return undefined;
    },
  },
  {
    name: 'preempt_delay 3: the higher one waits, then takes over',
    async play(pair, programs) {
      await write(pair, { state: 'BACKUP', more: ['preempt_delay 3'] });
      await pair.start(pair.node2, programs[1]);
      await pair.gets(pair.node2);
      await pair.start(pair.node1, programs[0]);
      await remains(pair, pair.node2, 5000);
      await alone(pair, pair.node1);
      return undefined;
    },
  },
  {
    name: 'equal priority: the one with the higher address keeps it when both were masters',
    async play(pair, programs) {
      await write(pair, { state: 'BACKUP' }, '', { priority: 100 });
      await pair.lab.silence('node1');
      await pair.start(pair.node1, programs[0]);
      await pair.start(pair.node2, programs[1]);
      await pair.gets(pair.node1);
      await pair.gets(pair.node2);
      await pair.lab.heal('node1');
      await alone(pair, pair.node2);
      return undefined;
    },
  },
  {
    name: 'track_interface: its loss moves the address',
    async play(pair, programs) {
      await write(pair, { more: ['track_interface {', '    eth1', '}'] });
      await startBoth(pair, programs);
      await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'down']);
      await alone(pair, pair.node2);
      await pair.node1.exec(['ip', 'link', 'set', 'eth1', 'up']);
      await alone(pair, pair.node1);
      return undefined;
    },
  },
  {
    name: 'track_script with a weight: the priority falls and the other takes over',
    async play(pair, programs) {
      const head =
        'global_defs {\n    script_user root\n}\nvrrp_script chk {\n    script "/usr/bin/test -e /etc/good"\n    interval 1\n    weight -20\n}';
      await write(pair, { more: ['track_script {', '    chk', '}'] }, head);
      for (const node of both(pair)) await node.write('/etc/good', '');
      await startBoth(pair, programs);
      await pair.node1.exec(['rm', '/etc/good']);
      await alone(pair, pair.node2);
      await pair.node1.write('/etc/good', '');
      await alone(pair, pair.node1);
      return undefined;
    },
  },
  {
    name: 'dual master: two instances with crossed priorities',
    async play(pair, programs) {
      const other = '10.77.0.101';
      const text = (first: number, second: number): string =>
        [
          instanceText({ name: 'VI_1', vrid: 50, priority: first, password: '123456' }),
          instanceText({
            name: 'VI_2',
            vrid: 51,
            priority: second,
            password: '123457',
            addresses: [`${other}/24`],
          }),
        ].join('\n');
      await pair.configure(pair.node1, text(100, 98));
      await pair.configure(pair.node2, text(98, 100));
      await pair.start(pair.node1, programs[0]);
      await pair.start(pair.node2, programs[1]);
      await alone(pair, pair.node1);
      await alone(pair, pair.node2, other);
      await pair.stop(pair.node1, programs[0]);
      await alone(pair, pair.node2);
      await remains(pair, pair.node2, 500, other);
      await pair.start(pair.node1, programs[0]);
      await alone(pair, pair.node1);
      await alone(pair, pair.node2, other);
      return undefined;
    },
  },
  {
    name: 'a silent partition: both serve, after the heal one',
    async play(pair, programs) {
      await write(pair, {});
      await startBoth(pair, programs);
      await pair.lab.silence('node1');
      await pair.gets(pair.node2);
      assert.equal(await pair.holds(pair.node1), true);
      await pair.lab.heal('node1');
      await alone(pair, pair.node1);
      return undefined;
    },
  },
  {
    name: 'loss of the master and orderly stop: how long',
    async play(pair, programs) {
      await write(pair, {});
      await startBoth(pair, programs);
      const stopMs = await takeoverMs(pair, () => pair.stop(pair.node1, programs[0]), pair.node2);
      assert.ok(stopMs < 1500, `an orderly stop took ${stopMs} ms`);
      await pair.start(pair.node1, programs[0]);
      await alone(pair, pair.node1);
      const lossMs = await takeoverMs(pair, () => pair.node1.powerOff(), pair.node2);
      assert.ok(lossMs < 4200, `a loss took ${lossMs} ms`);
      return `stop ${Math.round(stopMs)} ms, loss ${Math.round(lossMs)} ms`;
    },
  },
];
