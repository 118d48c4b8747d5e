import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import type { Medium } from '../../../src/config/types.js';
import { createLink } from '../../../src/links/create.js';
import { createInterfaceWatch, type InterfaceWatch } from '../../../src/links/interface-watch.js';
import type { Link } from '../../../src/links/link.js';
import { Heard } from '../../compliance/support/heard.js';
import { createNamespace, inOwnNetwork } from '../../compliance/support/namespace.js';
import { until } from '../../compliance/support/until.js';

const PORT = 26_942;
const BCAST: Medium = { kind: 'bcast', device: 'eth7', port: PORT };

inOwnNetwork(import.meta.url, (home) => {
  const away = createNamespace();
  home.ip(`link add eth7 type veth peer name eth7 netns ${away.path}`);
  home.ip('addr add 10.7.0.1/24 brd 10.7.0.255 dev eth7');
  away.ip('addr add 10.7.0.2/24 dev eth7');
  home.ip('-6 addr add fd07::1/64 dev eth7 nodad');
  home.ip('link set eth7 up');
  away.ip('link set eth7 up');
  let interfaces: InterfaceWatch | undefined;
  const links: Link[] = [];

  function openLink(medium: Medium): { link: Link; heard: Heard } {
    interfaces ??= createInterfaceWatch();
    const link = createLink(medium, { interfaces });
    assert.ok(link);
    const heard = new Heard();
    links.push(link);
    link.open(heard);
    return { link, heard };
  }

  afterEach(() => {
    for (const link of links.splice(0)) link.close();
    interfaces?.close();
    interfaces = undefined;
  });

  test('a port that another program holds is named with the way to find it, and taken when it is free', async () => {
    const other = createSocket('udp4');
    other.bind(PORT);
    await once(other, 'listening');
    const { heard } = openLink(BCAST);
    await until(() => heard.down, 'the link is down');
    await until(() => heard.reason.includes('used by another'), 'the interface has its carrier');
    assert.equal(
      heard.reason,
      `bcast eth7: UDP port ${PORT} on eth7 is used by another program (see: ss -lunp "sport = :${PORT}"); ` +
        'trying again until it is back.',
    );
    other.close();
    await until(() => heard.up, 'the link is up');
  });

  test('several media share one interface, its name and its port', async () => {
    const media: Medium[] = [
      BCAST,
      { kind: 'mcast', device: 'eth7', group: '239.0.0.1', port: PORT, ttl: 1, loop: true },
      { kind: 'ucast', device: 'eth7', peer: 'node2', address: '10.7.0.2', port: PORT },
      { kind: 'ucast', device: 'eth7', peer: 'node3', address: '10.7.0.3', port: PORT },
    ];
    const opened = media.map(openLink);
    await until(() => opened.every(({ heard }) => heard.up), 'all are up');
    assert.deepEqual(
      opened.map(({ link }) => [link.name, link.description, link.format]),
      [
        ['eth7', 'bcast eth7', 'netstring'],
        ['eth7', 'mcast eth7', 'netstring'],
        ['eth7', 'ucast eth7 node2', 'netstring'],
        ['eth7', 'ucast eth7 node3', 'netstring'],
      ],
    );
  });

  test('a multicast link with its loop hears itself, and one without does not', async () => {
    const group = { kind: 'mcast', device: 'eth7', port: PORT, ttl: 0 } as const;
    const looped = openLink({ ...group, group: '239.0.0.1', loop: true });
    const silent = openLink({ ...group, group: '239.0.0.2', loop: false });
    await until(() => looped.heard.up && silent.heard.up, 'both are up');
    silent.link.send(Buffer.from('b'));
    looped.link.send(Buffer.from('a'));
    await until(() => looped.heard.packets.length > 0, 'its own packet came back');
    assert.equal(silent.heard.packets.length, 0);
  });

  test('broadcasts go to the new broadcast address after the addresses changed', async () => {
    const { link, heard } = openLink(BCAST);
    await until(() => heard.up, 'the link is up');
    home.ip('-4 addr flush dev eth7');
    await until(() => heard.down, 'the link is down');
    home.ip('addr add 10.8.0.1/24 brd 10.8.0.255 dev eth7');
    await until(() => heard.up, 'the link is up again');
    // Only the new one is a broadcast address now: the packet comes back as own ones do.
    link.send(Buffer.from('after'));
    await until(() => heard.packets.length > 0, 'the packet came back');
    assert.equal(link.counters.sendErrors, 0);
    home.ip('-4 addr flush dev eth7');
    home.ip('addr add 10.7.0.1/24 brd 10.7.0.255 dev eth7');
  });

  test('what the kernel refuses for a while makes the link down until a packet gets through', async () => {
    const { link, heard } = openLink({
      kind: 'ucast6',
      device: 'eth7',
      peer: 'b',
      address: 'fd07::2',
      port: PORT,
    });
    await until(() => heard.up, 'the link is up');
    home.ip('-6 rule add to fd07::2 prohibit');
    link.send(Buffer.from('x'));
    assert.match(
      heard.reason,
      /^ucast6 eth7 b: sending failed: Permission denied; trying again until it is back\.$/,
    );
    link.send(Buffer.from('x'));
    assert.equal(heard.health.length, 2);
    assert.equal(link.counters.sendErrors, 2);
    home.ip('-6 rule del to fd07::2 prohibit');
    link.send(Buffer.from('x'));
    assert.equal(heard.up, true);
    assert.equal(link.counters.sentPackets, 1);
  });

  test('a datagram that is too long is counted and harms nothing', async () => {
    const { link, heard } = openLink(BCAST);
    await until(() => heard.up, 'the link is up');
    link.send(Buffer.alloc(65_508));
    assert.equal(link.counters.sendErrors, 1);
    assert.equal(heard.up, true);
  });

  test('a link on an interface that does not exist yet comes up when it appears', async () => {
    const { heard } = openLink({ kind: 'bcast', device: 'late0', port: PORT });
    assert.equal(
      heard.reason,
      'bcast late0: there is no interface late0 on this machine; trying again until it is back.',
    );
    home.ip('link add late0 type veth peer name late1');
    home.ip('addr add 10.6.0.1/24 dev late0');
    home.ip('link set late1 up');
    home.ip('link set late0 up');
    await until(() => heard.up, 'the link is up');
    home.ip('link del late0');
  });

  test('ping media carry no messages: they have no link', () => {
    const watch = createInterfaceWatch();
    assert.equal(
      createLink({ kind: 'ping', node: 'gw', address: '10.7.0.254' }, { interfaces: watch }),
      undefined,
    );
    watch.close();
  });
});
