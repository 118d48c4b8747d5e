import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from '../../../src/core/input.js';
import { PEER } from '../../../src/daemon/drbd/codes.js';
import { createOutdater, type Outdater } from '../../../src/daemon/drbd/outdater.js';
import { askOutdater, openOutdaterSocket } from '../../../src/daemon/drbd/socket.js';

/** A node; what it says is collected, drbdadm is played by the test. */
function node(self: string, drbdadm: (resource: string) => number | undefined = () => 0) {
  const said: Extract<Command, { kind: 'broadcast' }>[] = [];
  const ran: string[] = [];
  const outdater: Outdater = createOutdater({
    self: () => self,
    isAlive: async (name) => ({ node1: true, node2: true, node3: false })[name],
    send: (command) => void (command.kind === 'broadcast' && said.push(command)),
    outdate: async (resource) => {
      ran.push(resource);
      return drbdadm(resource);
    },
    log: () => undefined,
  });
  return { outdater, said, ran };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the handler gets what drbdadm gave on the peer, in the codes of DRBD', async () => {
  for (const [drbdadm, code] of [
    [0, PEER.outdated],
    [5, PEER.inconsistent],
    [17, PEER.primary],
    [1, PEER.unknown],
    [20, PEER.unknown],
    [undefined, PEER.unknown],
  ] as const) {
    const here = node('node1');
    const there = node('node2', () => drbdadm);
    const answer = here.outdater.ask('NODE2', 'r0');
    await settle();
    const [request] = here.said;
    assert.ok(request !== undefined);
    assert.deepEqual(request.type, 'start_outdate');
    assert.deepEqual(request.fields, {
      dop_res: 'r0',
      dest: 'node2',
      from_id: 'dopd',
      to_id: 'dopd',
      client_gen: '0',
    });
    there.outdater.hear({ type: request.type, from: 'node1', fields: request.fields });
    await settle();
    const [reply] = there.said;
    assert.ok(reply !== undefined && reply.type === 'outdate_rc' && reply.fields.dest === 'node1');
    here.outdater.hear({ type: reply.type, from: 'node2', fields: reply.fields });
    assert.equal(await answer, code, `drbdadm ${drbdadm}`);
    assert.deepEqual(there.ran, ['r0']);
  }
});

test('a peer that is dead, unknown or this node itself is unreachable, and nobody is asked', async () => {
  const { outdater, said } = node('node1');
  for (const peer of ['node3', 'node9', 'node1', 'Node1', ''])
    assert.equal(await outdater.ask(peer, 'r0'), PEER.unreachable, peer);
  assert.equal(await outdater.ask('node2', '--force'), PEER.unreachable);
  assert.deepEqual(said, []);
});

test('a resource of the other node whose name is none never becomes an argument', async () => {
  const { outdater, ran, said } = node('node2');
  for (const name of ['', '-f', 'r0;reboot', '$(id)', '../r0', 'r 0', 'x'.repeat(200)])
    outdater.hear({ type: 'start_outdate', from: 'node1', fields: { dop_res: name } });
  await settle();
  assert.deepEqual([ran, said], [[], []]);
});

test('two handlers for one resource are one question, and an answer for another resource is not theirs', async () => {
  const { outdater, said } = node('node1');
  const both = [outdater.ask('node2', 'r0'), outdater.ask('node2', 'r0')];
  await settle();
  assert.equal(said.length, 1);
  outdater.hear({ type: 'outdate_rc', from: 'node2', fields: { dop_res: 'r1', dop_value: '6' } });
  outdater.hear({ type: 'outdate_rc', from: 'node1', fields: { dop_res: 'r0', dop_value: '6' } });
  outdater.hear({ type: 'outdate_rc', from: 'node2', fields: { dop_res: 'r0', dop_value: '4' } });
  assert.deepEqual(await Promise.all(both), [PEER.outdated, PEER.outdated]);
});

test('a value that is no code of DRBD is none here either', async () => {
  const { outdater } = node('node1');
  const answer = outdater.ask('node2', 'r0');
  await settle();
  outdater.hear({ type: 'outdate_rc', from: 'node2', fields: { dop_res: 'r0', dop_value: '7000' } });
  assert.equal(await answer, PEER.unknown);
});

test('the handler ends with 5 when no daemon is there, or it does not answer in time', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'outdater-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'dopd', 'outdater');
  assert.equal(await askOutdater(path, 'node2', 'r0', 5000), PEER.unreachable);
  const asked: string[] = [];
  const socket = await openOutdaterSocket(path, (peer, resource) => {
    asked.push(`${peer} ${resource}`);
    return resource === 'r0' ? Promise.resolve(4) : new Promise(() => undefined);
  });
  t.after(() => socket.close());
  assert.equal(await askOutdater(path, 'NODE2', 'r0', 5000), PEER.outdated);
  assert.equal(await askOutdater(path, 'node2', 'r1', 100), PEER.unreachable);
  assert.deepEqual(asked, ['node2 r0', 'node2 r1']);
});
