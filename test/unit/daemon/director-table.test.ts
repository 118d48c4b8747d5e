/** The keeper of the kernel's table: batches, a rule that is refused, a kernel that does not keep one, no IP_VS at all. */
import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Ipvsadm, IpvsResult } from '../../../src/actions/ipvsadm.js';
import { parseConnections, parseRules } from '../../../src/core/director/rules.js';
import { allDirectors, SNAPSHOT_SUFFIX } from '../../../src/daemon/director/shown.js';
import { createTableKeeper } from '../../../src/daemon/director/table-keeper.js';
import { temporaryFolder } from '../../support/scripts.js';

const SERVICE = '-A -t 10.0.0.1:80 -s rr';
const rule = (last: number): string => `-a -t 10.0.0.1:80 -r 10.0.0.${last}:80 -g -w 1`;

/** `kernel`: rules that are there; `refuse` and `lose`: a rule with this in it is refused, or taken and not kept. */
function keeperOf(wanted: readonly string[], how: { refuse?: string; lose?: string; absent?: boolean } = {}) {
  const kernel: string[] = [];
  const batches: string[][] = [];
  const said: string[] = [];
  const fine: IpvsResult = { ok: true, text: '' };
  const ipvs: Ipvsadm = {
    read: async () =>
      how.absent === true
        ? { ok: false, absent: true, reason: 'nothing is here' }
        : { ok: true, text: kernel.join('\n') },
    list: async () => fine,
    async apply(lines) {
      batches.push([...lines]);
      for (const line of lines) {
        if (how.refuse !== undefined && line.includes(how.refuse))
          return { ok: false, absent: false, reason: 'Memory allocation problem' };
        if (how.lose === undefined || !line.includes(how.lose)) kernel.push(line);
      }
      return fine;
    },
    clear: async () => fine,
    setTimeouts: async () => fine,
    startSync: async () => fine,
    stopSync: async () => fine,
  };
  const keeper = createTableKeeper({
    ipvs,
    log: (_level, code) => said.push(code),
    wanted: () => parseRules(wanted.join('\n')),
    owned: new Set(),
    onOwned: () => undefined,
  });
  return { keeper, kernel, batches, said };
}

test('everything that is wanted goes out in one batch, and a second comparison changes nothing', async () => {
  const { keeper, batches } = keeperOf([SERVICE, rule(2), rule(3)]);
  await keeper.compare();
  await keeper.compare();
  assert.deepEqual(batches, [[SERVICE, rule(2), rule(3)]]);
  assert.equal(keeper.repairs, 0);
});

test('a rule that the kernel refuses is told once and keeps no other out', async () => {
  const { keeper, kernel, said } = keeperOf([SERVICE, rule(2), rule(3)], { refuse: '10.0.0.2:80' });
  await keeper.compare();
  await keeper.compare();
  assert.deepEqual(kernel, [SERVICE, rule(3)]);
  assert.deepEqual(said, ['director-rule-refused']);
});

test('a rule that the kernel takes and does not keep is given up after three repairs, with one line', async () => {
  const { keeper, said, batches } = keeperOf([SERVICE, rule(2)], { lose: '10.0.0.2:80' });
  for (let round = 0; round < 8; round++) await keeper.compare();
  assert.equal(batches.length, 4);
  assert.deepEqual(said, [...Array(3).fill('director-repair'), 'director-rules-not-kept']);
});

test('without IP_VS one line says so, however often it is asked for', async () => {
  const { keeper, said } = keeperOf([SERVICE], { absent: true });
  for (let round = 0; round < 3; round++) await keeper.compare();
  assert.deepEqual(said, ['director-no-ipvs']);
  assert.match(keeper.problem ?? '', /for nothing is here; everything else goes on/);
});

test('connections are counted for known services only, marks and IPv6 among them', () => {
  const listing = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.0.0.1:80 rr
  -> 10.0.0.2:80                  Route   1      3          14
TCP  10.0.0.9:80 rr
  -> 10.0.0.2:80                  Route   1      99         99
FWM  5 IPv6 wlc
  -> [fd00::2]:80                 Route   1      0          7
`;
  assert.deepEqual(
    [...parseConnections(listing, new Set(['-t 10.0.0.1:80', '-f 5 -6']))],
    [
      ['-t 10.0.0.1:80 10.0.0.2:80', { active: 3, inactive: 14 }],
      ['-f 5 -6 [fd00::2]:80', { active: 0, inactive: 7 }],
    ],
  );
});

test('directors that are resources are shown while their pictures are fresh', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'directors'));
  const picture = { problem: null, repairs: 2, services: [], sync: null };
  const path = join(folder, 'directors', `web.cf${SNAPSHOT_SUFFIX}`);
  assert.equal(allDirectors(folder, undefined, Date.now()), undefined);
  writeFileSync(path, JSON.stringify(picture));
  writeFileSync(join(folder, 'directors', `torn${SNAPSHOT_SUFFIX}`), '{"prob');
  assert.deepEqual(allDirectors(folder, undefined, Date.now()), picture);
  assert.equal(allDirectors(folder, { ...picture, repairs: 1 }, Date.now())?.repairs, 3);
  utimesSync(path, 1, 1);
  assert.equal(allDirectors(folder, undefined, Date.now()), undefined);
});
