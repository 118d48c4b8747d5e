/** Neighbours that are configured otherwise are named with the keyword that differs (vrrp-lvs.md 4.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeardAdvert } from '../../../../src/core/vrrp/input.js';
import { Bench, brief, instance, OWN, PEER, VIP } from './support/bench.js';

type Readable = Extract<HeardAdvert, { readonly ok: true }>;

const CASES: readonly (readonly [field: string, given: Partial<Readable>, sentence: RegExp])[] = [
  ['version', { version: 3 }, /speaks VRRP version 3, this node version 2: set the same version/],
  ['auth_type', { authentication: 'other-type' }, /\(auth_type\)/],
  ['auth_pass', { authentication: 'wrong-password' }, /another password \(auth_pass\)/],
  ['advert_int', { intervalMs: 2000 }, /every 2 s, this node every 1 s: set the same advert_int/],
  ['virtual_ipaddress', { addresses: ['10.77.0.9'] }, /none of our virtual_ipaddress .*another cluster/],
  ['virtual_router_id', { virtualRouterId: 52 }, /under virtual_router_id 52, here it is 51/],
  ['unicast_peer', { multicast: false }, /sends to this node alone \(unicast_peer\)/],
  ['ttl', { ttl: 64 }, /TTL 64 instead of 255/],
];

for (const [field, given, sentence] of CASES) {
  test(`an advert that differs in ${field} does nothing, and is named`, () => {
    for (const bench of [new Bench(instance()).boot(), new Bench(instance()).master()]) {
      const before = bench.see().state;
      assert.deepEqual(brief(bench.hear({ priority: 200, ...given })), []);
      const seen = bench.see();
      assert.equal(seen.state, before);
      assert.equal(seen.disagreements.length, 1);
      assert.equal(seen.disagreements[0]?.field, field);
      assert.equal(seen.disagreements[0]?.source, PEER);
      assert.match(seen.disagreements[0]?.sentence ?? '', sentence);
      assert.equal(seen.counters.advertsRefused, 1);
    }
  });
}

test('a neighbour that lists some other addresses takes part in the election, and is named', () => {
  const bench = new Bench(instance()).boot();
  bench.hear({ priority: 200, addresses: [VIP, '10.77.0.101'] });
  assert.deepEqual(bench.see().master, { address: PEER, priority: 200 });
  const [difference] = bench.see().disagreements;
  assert.equal(difference?.field, 'virtual_ipaddress');
  assert.match(difference?.sentence ?? '', /only there: 10\.77\.0\.101/);
});

test('two owners of the addresses, and two machines with one address, are named with priority', () => {
  const owner = new Bench(instance({ initialState: 'master', priority: 255 })).boot();
  owner.hear({ priority: 255 });
  assert.equal(owner.see().disagreements[0]?.field, 'priority');
  assert.match(owner.see().disagreements[0]?.sentence ?? '', /both have priority 255 .*goes on with 254/);
  const twin = new Bench(instance()).master();
  twin.hear({ priority: 100, source: OWN });
  assert.equal(twin.see().disagreements[0]?.field, 'priority');
  assert.match(twin.see().disagreements[0]?.sentence ?? '', /our address .* and our priority 100/);
});

test('an equal priority is no disagreement: the address decides', () => {
  const bench = new Bench(instance()).master();
  bench.hear({ priority: 100 });
  assert.equal(bench.see().state, 'backup');
  assert.deepEqual(bench.see().disagreements, []);
});

test('vrrp_strict drops what lists other addresses', () => {
  const bench = new Bench(instance({ strict: true })).boot();
  bench.hear({ priority: 200, addresses: [VIP, '10.77.0.101'] });
  assert.equal(bench.see().master, null);
});

test('vrrp_skip_check_adv_addr: the addresses of a known master are not compared again', () => {
  const bench = new Bench(instance({ skipAddressCheck: true })).boot();
  bench.hear({ priority: 200 });
  bench.hear({ priority: 200, addresses: ['10.77.0.9'] });
  assert.deepEqual(bench.see().disagreements, []);
});

test('a disagreement is said once a minute, is gone when it is put right, and when it is heard no more', () => {
  const bench = new Bench(instance()).boot();
  const said = (): number =>
    bench.all.filter(({ effect }) => effect.kind === 'log' && effect.code === 'vrrp-disagrees').length;
  for (let second = 0; second < 130; second++) {
    bench.hear({ priority: 200, authentication: 'wrong-password' });
    bench.pass(1000);
  }
  assert.equal(said(), 3);
  assert.equal(bench.see().disagreements[0]?.count, 130);
  bench.hear({ priority: 50 });
  assert.deepEqual(bench.see().disagreements, []);
  bench.hear({ priority: 200, authentication: 'wrong-password' });
  assert.equal(bench.see().disagreements.length, 1);
  bench.pass(11_000);
  assert.deepEqual(bench.see().disagreements, []);
});

test('forged sources do not fill the memory', () => {
  const bench = new Bench(instance()).boot();
  for (let i = 0; i < 1000; i++) {
    bench.hear({ source: `10.77.${i >> 8}.${i & 255}`, authentication: 'wrong-password' });
  }
  assert.equal(bench.see().disagreements.length, 32);
});

test('no status and no event holds a password', () => {
  const password = 'hush-now';
  const bench = new Bench(instance({ authentication: { kind: 'password', password } })).boot();
  bench.hear({ authentication: 'wrong-password' });
  assert.equal(JSON.stringify([bench.see(), bench.all]).includes(password), false);
});

const UNICAST = {
  kind: 'unicast',
  peers: [{ address: PEER, minTtl: 250, maxTtl: 255 }],
  ttl: 255,
  checkSource: true,
} as const;

test('unicast: strangers are refused with check_unicast_src, and the TTL of a peer is checked', () => {
  const bench = new Bench(instance({ transport: UNICAST })).boot();
  bench.hear({ multicast: false, priority: 200 });
  assert.deepEqual(bench.see().master, { address: PEER, priority: 200 });
  bench.hear({ multicast: false, source: '10.77.0.3' });
  bench.hear({ multicast: false, ttl: 64 });
  bench.hear({ multicast: true });
  assert.deepEqual(
    bench.see().disagreements.map(({ field, source }) => [field, source]),
    [
      ['unicast_peer', '10.77.0.3'],
      ['ttl', PEER],
      ['unicast_peer', PEER],
    ],
  );
});

test('unicast without check_unicast_src hears everybody', () => {
  const bench = new Bench(instance({ transport: { ...UNICAST, checkSource: false } })).boot();
  bench.hear({ multicast: false, source: '10.77.0.3', priority: 200 });
  assert.deepEqual(bench.see().master, { address: '10.77.0.3', priority: 200 });
});
