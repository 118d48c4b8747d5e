import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RouteSocket } from '../../../src/system/netlink.js';
import { deleteAddressMessage, setAddressMessage } from '../../../src/system/netlink-messages.js';
import { openNetworkMonitor } from '../../../src/system/netlink-monitor.js';
import { ETHERTYPE, openPacketReceiver, openPacketSender } from '../../../src/system/packet.js';
import { inOwnNetwork } from '../../compliance/support/namespace.js';
import { until } from '../../compliance/support/until.js';

inOwnNetwork(import.meta.url, (home) => {
  home.ip('link add one type veth peer name two');
  home.ip('addr add 10.9.0.1/24 dev one');
  home.ip('link set one up');
  home.ip('link set two up');
  const socket = RouteSocket.open();
  assert.ok(socket.ok);
  const route = socket.value;

  function indexOf(name: string): number {
    const all = route.interfaces();
    assert.ok(all.ok);
    return all.value.find((network) => network.name === name)?.index ?? -1;
  }

  test('each message of a batch has its own outcome, and a failure does not stop the next', () => {
    const interfaceIndex = indexOf('one');
    const request = { interfaceIndex, prefixLength: 24 };
    const result = route.execute([
      setAddressMessage({ ...request, address: '10.9.0.5', label: 'one:5' }),
      deleteAddressMessage({ ...request, address: '10.9.0.6' }),
      setAddressMessage({ ...request, interfaceIndex: 9999, address: '10.9.0.7' }),
      setAddressMessage({ ...request, address: '10.9.0.8' }),
    ]);
    assert.ok(result.ok);
    assert.deepEqual(
      result.value.map((error) => error?.code),
      [undefined, 'EADDRNOTAVAIL', 'ENODEV', undefined],
    );
    const seen = home.ip('-br addr show dev one');
    assert.match(seen, /10\.9\.0\.5\/24/);
    assert.match(seen, /10\.9\.0\.8\/24/);
  });

  test('a thousand addresses go through one call, all refusals included', () => {
    const interfaceIndex = indexOf('two');
    const message = (i: number) => ({
      interfaceIndex,
      address: `10.10.${i >> 8}.${i & 0xff}`,
      prefixLength: 32,
    });
    const wanted = Array.from({ length: 1000 }, (_, i) => message(i));
    const set = route.execute(wanted.map(setAddressMessage));
    assert.ok(set.ok);
    assert.equal(set.value.filter((error) => error !== undefined).length, 0);
    const removed = route.execute(wanted.map(deleteAddressMessage));
    assert.ok(removed.ok);
    const again = route.execute(wanted.map(deleteAddressMessage));
    assert.ok(again.ok);
    assert.equal(again.value.filter((error) => error?.code === 'EADDRNOTAVAIL').length, 1000);
  });

  test('the route to an address names its interface; without one there is ENETUNREACH', () => {
    home.ip('route add 10.50.0.0/16 via 10.9.0.200');
    const near = route.route('10.9.0.77');
    assert.ok(near.ok);
    assert.deepEqual(near.value, { interfaceIndex: indexOf('one'), prefixLength: 24, onLink: true, type: 1 });
    const far = route.route('10.50.1.1');
    assert.ok(far.ok);
    assert.equal(far.value.onLink, false);
    const nowhere = route.route('203.0.113.1');
    assert.equal(nowhere.ok ? '' : nowhere.code, 'ENETUNREACH');
  });

  test('changes of links and addresses are told as they happen, until the monitor is closed', async () => {
    const told: string[] = [];
    const monitor = openNetworkMonitor({
      onLink: ({ link, removed }) => told.push(`${removed ? 'deleted' : 'link'} ${link.name}`),
      onAddress: ({ address, removed }) => told.push(`${removed ? 'removed' : 'added'} ${address.address}`),
      onOverrun: () => told.push('overrun'),
      onEnd: () => undefined,
    });
    assert.ok(monitor.ok);
    home.ip('link add three type bridge');
    home.ip('addr add 10.11.0.1/24 dev three');
    home.ip('addr del 10.11.0.1/24 dev three');
    home.ip('link del three');
    await until(() => told.includes('deleted three'), 'the last event arrived');
    const expected = ['link three', 'added 10.11.0.1', 'removed 10.11.0.1', 'deleted three'];
    assert.deepEqual(
      expected.filter((event) => told.includes(event)),
      expected,
    );
    monitor.value.close();
    monitor.value.close();
    const count = told.length;
    home.ip('link add four type bridge');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told.length, count);
  });

  test('a frame sent on one end of a cable is heard on the other, once, and of its type only', async () => {
    const heard: string[] = [];
    const receiver = openPacketReceiver(indexOf('two'), ETHERTYPE.arp, (frame) =>
      heard.push(Buffer.from(frame).toString('hex')),
    );
    const sender = openPacketSender();
    assert.ok(receiver.ok && sender.ok);
    const frame = (type: string) => Buffer.from(`ffffffffffff020000000009${type}${'5a'.repeat(46)}`, 'hex');
    assert.equal(sender.value.send(indexOf('one'), frame('88b5')), 0);
    assert.equal(sender.value.send(indexOf('one'), frame('0806')), 0);
    await until(() => heard.some((text) => text.includes('5a5a5a')), 'the frame arrived');
    assert.deepEqual(
      heard.filter((text) => text.includes('5a5a5a')),
      [frame('0806').toString('hex')],
    );
    home.ip('link set one down');
    assert.equal(sender.value.send(indexOf('one'), frame('0806')), 100); // ENETDOWN
    receiver.value.close();
    sender.value.close();
  });
});
