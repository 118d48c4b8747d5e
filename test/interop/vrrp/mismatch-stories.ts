/** Pairs that do not fit together (vrrp-lvs.md 4.4): ours says in its status which keyword differs, and from whom. */
import assert from 'node:assert/strict';
import { type InstanceText, instanceText, VIP } from '../../lab/vrrp/pair.js';
import type { VrrpStory } from './stories.js';

const VERSION_3 = 'global_defs {\n    vrrp_version 3\n}';

interface Mismatch {
  readonly field: string;
  readonly what: string;
  readonly ours: InstanceText;
  readonly theirs: InstanceText;
  readonly ourHead?: string;
  readonly theirHead?: string;
}

const MISMATCHES: readonly Mismatch[] = [
  { field: 'auth_pass', what: 'password 1234 / 4321', ours: {}, theirs: { password: '4321' } },
  { field: 'auth_type', what: 'PASS / none', ours: {}, theirs: { password: null } },
  {
    field: 'version',
    what: 'version 2 / 3',
    ours: { password: null },
    theirs: { password: null },
    theirHead: VERSION_3,
  },
  {
    field: 'virtual_ipaddress',
    what: 'one address / two',
    ours: {},
    theirs: { addresses: [`${VIP}/24`, '10.77.0.101/24'] },
  },
  {
    field: 'virtual_ipaddress',
    what: 'same router id, other address',
    ours: {},
    theirs: { addresses: ['10.77.0.150/24'] },
  },
  { field: 'advert_int', what: 'version 2, 1 s / 2 s', ours: {}, theirs: { advertInt: '2' } },
  {
    field: 'advert_int',
    what: 'version 3, 1 s / 0.5 s',
    ours: { password: null },
    theirs: { password: null, advertInt: '0.5' },
    ourHead: VERSION_3,
    theirHead: VERSION_3,
  },
  { field: 'virtual_router_id', what: 'router id 51 / 52', ours: {}, theirs: { vrid: 52 } },
  {
    field: 'unicast_peer',
    what: 'multicast / unicast',
    ours: {},
    theirs: { more: ['unicast_peer {', '    10.77.0.1', '    10.77.0.2', '}'] },
  },
];

export const VRRP_MISMATCH_STORIES: readonly VrrpStory[] = MISMATCHES.map((mismatch) => ({
  name: `mismatch: ${mismatch.what}`,
  async play(pair, programs) {
    const nodes = [pair.node1, pair.node2] as const;
    const at = programs[0] === 'ours' ? 0 : 1;
    const [mine, other] = [nodes[at], nodes[1 - at]];
    assert.ok(mine !== undefined && other !== undefined);
    const text = (head: string | undefined, given: InstanceText, priority: number): string =>
      `${head ?? ''}\n${instanceText({ priority, ...given })}`;
    await pair.configure(mine, text(mismatch.ourHead, mismatch.ours, 90));
    await pair.configure(other, text(mismatch.theirHead, mismatch.theirs, 100));
    await pair.start(mine, 'ours');
    await pair.start(other, 'keepalived');
    const found = await pair.lab.until(
      async () => (await pair.see(mine))?.disagreements.find(({ field }) => field === mismatch.field),
      { withinMs: 15_000, what: `${mine.name} to name ${mismatch.field}`, everyMs: 200 },
    );
    assert.equal(found.source, other === pair.node1 ? '10.77.0.1' : '10.77.0.2');
    const { stdout } = await mine.exec(['cat', '/var/log/keepalived.log']);
    const lines = stdout.split('\n').filter((line) => line.includes(found.sentence));
    assert.equal(lines.length, 1, 'said once');
    return found.sentence;
  },
}));
