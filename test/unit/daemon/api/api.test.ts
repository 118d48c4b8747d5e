import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { StatusSnapshot } from '../../../../src/core/snapshot-types.js';
import { authorize, type Lookup } from '../../../../src/daemon/api/authorization.js';
import { readClusterMessage } from '../../../../src/daemon/api/cluster-message.js';
import { FifoReader, openFifo } from '../../../../src/daemon/api/fifo.js';
import { encodeFrame, FrameReader } from '../../../../src/daemon/api/frame.js';
import { answerRequest } from '../../../../src/daemon/api/requests.js';
import { type ApiSources, openApiServer } from '../../../../src/daemon/api/server.js';
import { type Message, text, textOf } from '../../../../src/wire/message.js';
import { temporaryFolder, until } from '../../../support/scripts.js';

const message = (fields: Readonly<Record<string, string>>): Message => ({
  fields: Object.entries(fields).map(([name, value]) => text(name, value)),
});
const plain = (one: Message): Record<string, string> =>
  Object.fromEntries(one.fields.map((field) => [field.name, field.type === 0 ? field.value : '']));

/** As `cl_status` of the original writes it on a little-endian machine. */
const SIGNON = Buffer.from(
  'O\0\0\0\xcd\xab\0\0>>>\nt=hbapi-req\nreqtype=signon\ndest=node1\npid=84\nfrom_id=84\nuid=0\ngid=106\n<<<\n\0',
  'latin1',
);

const link = (name: string, status: 'up' | 'dead') => ({ name, status, heardAgeMs: null });
const node = (name: string, status: string, kind: 'normal' | 'ping' = 'normal') => ({
  name,
  kind,
  self: name === 'node1',
  status,
  generation: 1,
  deadtimeMs: 3000,
  statusAgeMs: 0,
  program: null,
  links: [link('eth0', 'up'), link('eth1', 'dead')],
});

const STATUS = {
  self: 'node1',
  communicationUp: true,
  resources: 'local',
  nodes: [node('node1', 'active'), node('router', 'ping', 'ping'), node('node2', 'dead')],
} as unknown as StatusSnapshot;

const facts = {
  status: STATUS,
  program: '4.0.0',
  keepaliveMs: 500,
  deadtimeMs: 3000,
  parameter: (name: string) => (name === 'deadtime' ? '3' : null),
  clients: new Set(['ipfail']),
};

const ask = (fields: Readonly<Record<string, string>>): Record<string, string>[] =>
  answerRequest(message({ t: 'hbapi-req', ...fields }), facts).map(plain);

test('frames of the original are read whatever the pieces they come in, and written the same way', () => {
  for (let cut = 0; cut <= SIGNON.length; cut++) {
    const reader = new FrameReader();
    const first = reader.push(SIGNON.subarray(0, cut));
    const second = reader.push(SIGNON.subarray(cut));
    assert.ok(Array.isArray(first) && Array.isArray(second));
    const [whole] = [...first, ...second];
    assert.ok(whole !== undefined);
    assert.equal(textOf(whole, 'reqtype'), 'signon');
    assert.deepEqual(encodeFrame(whole), SIGNON);
  }
});

test('a stream that is none of frames is given up', () => {
  const wrong = Buffer.from(SIGNON);
  wrong[4] = 0;
  assert.equal(typeof new FrameReader().push(wrong), 'string');
  const long = Buffer.from(SIGNON);
  long[2] = 0x7f;
  assert.equal(typeof new FrameReader().push(long), 'string');
  assert.equal(typeof new FrameReader().push(Buffer.from('\x04\0\0\0\xcd\xab\0\0abcd', 'latin1')), 'string');
});

test('lists come one entry an answer, in file order with ping nodes last, and their last one ends them', () => {
  const nodes = ask({ reqtype: 'nodelist' });
  assert.deepEqual(
    nodes.map(({ node: name, result }) => `${name} ${result}`),
    ['node1 ok/more', 'node2 ok/more', 'router OK'],
  );
  assert.deepEqual(
    ask({ reqtype: 'iflist', node: 'NODE2' }).map(({ ifname, st, result }) => `${ifname} ${st} ${result}`),
    ['eth0 up ok/more', 'eth1 dead OK'],
  );
});

test('single questions have the answers of the original', () => {
  const result = 'OK';
  const head = (reqtype: string) => ({ t: 'hbapi-resp', reqtype });
  const rows: [Record<string, string>, Record<string, string>][] = [
    [
      { reqtype: 'nodestatus', node: 'node2' },
      { st: 'dead', result },
    ],
    [
      { reqtype: 'nodetype', node: 'router' },
      { nodetype: 'ping', result },
    ],
    [
      { reqtype: 'nodeweight', node: 'node1' },
      { weight: '100', result },
    ],
    [
      { reqtype: 'nodesite', node: 'node1' },
      { site: '', result },
    ],
    [
      { reqtype: 'ifstatus', node: 'node2', ifname: 'eth1' },
      { st: 'dead', result },
    ],
    [
      { reqtype: 'getparm', pname: 'deadtime' },
      { pvalue: '3', result },
    ],
    [{ reqtype: 'getparm', pname: 'nothing' }, { result }],
    [{ reqtype: 'getrsc' }, { rsc_hold: 'local', result }],
    [{ reqtype: 'numnodes' }, { numnodes: '2', result }],
    [
      { reqtype: 'clientstatus', node: 'node1', cn: 'ipfail' },
      { subt: 'respond-cstatus', cs: 'online', result },
    ],
    [
      { reqtype: 'clientstatus', node: 'node2', cn: 'ipfail' },
      { subt: 'respond-cstatus', cs: 'offline', result },
    ],
    [
      { reqtype: 'nodestatus', node: 'nobody' },
      { result: 'badreq', info: 'EINVAL' },
    ],
    [{ reqtype: 'nonsense' }, { result: 'badreq', info: 'EBADREQ' }],
  ];
  for (const [request, answer] of rows)
    assert.deepEqual(ask(request), [{ ...head(request.reqtype ?? ''), ...answer }]);
  assert.deepEqual(ask({ reqtype: 'signoff' }), []);
});

test('who may sign on is decided by the kernel and apiauth, not by what the client says of itself', () => {
  const ids: Readonly<Record<string, number>> = {
    'user root': 0,
    'user hacluster': 103,
    'group haclient': 106,
  };
  const lookUp: Lookup = (kind, name) => ids[`${kind} ${name}`];
  const signon = (fields: Record<string, string>) =>
    message({ pid: '84', from_id: '84', uid: '7', gid: '7', ...fields });
  const verdict = (fields: Record<string, string>, uid: number, gid: number, configured = [] as const) =>
    authorize(
      signon({ uid: String(uid), gid: String(gid), ...fields }),
      { pid: 84, uid, gid },
      configured,
      lookUp,
    ).ok;
  assert.equal(verdict({}, 0, 0), true, 'root');
  assert.equal(verdict({}, 7, 106), true, 'the tools group');
  assert.equal(verdict({}, 7, 7), false, 'anybody else');
  assert.equal(verdict({ uid: '0' }, 7, 106), false, 'who lies about himself');
  assert.equal(verdict({ pid: '85', from_id: '85' }, 0, 0), false, 'another process');
  assert.equal(verdict({ from_id: 'ipfail' }, 103, 7), true);
  assert.equal(verdict({ from_id: 'ipfail' }, 0, 0), false, 'root is not named for ipfail');
  assert.equal(verdict({ from_id: 'unknown' }, 0, 0), false);
  const own = [{ client: 'default', users: ['root'], groups: [] }];
  const byDefault = authorize(
    signon({ uid: '0', gid: '0', from_id: 'unknown' }),
    { pid: 84, uid: 0, gid: 0 },
    own,
    lookUp,
  );
  assert.equal(byDefault.ok, true);
});

test('a process that signs on is answered, one that does not is refused', async (t) => {
  const path = join(temporaryFolder(t), 'register');
  const sources: ApiSources = {
    facts: async () => facts,
    apiauth: () => [{ client: 'anon', users: [String(process.getuid?.() ?? 0)], groups: [] }],
    clusterMessage: () => undefined,
  };
  const server = await openApiServer(path, sources);
  t.after(() => server.close());
  assert.equal(statSync(path).mode & 0o777, 0o777);
  const talk = async (...requests: Message[]): Promise<Record<string, string>[]> => {
    const socket = connect(path);
    const reader = new FrameReader();
    const got: Message[] = [];
    socket.on('data', (chunk: Buffer) => {
      const more = reader.push(chunk);
      if (Array.isArray(more)) got.push(...more);
    });
    for (const request of requests) socket.write(encodeFrame(request));
    await until(() => got.length === requests.length, 'an answer to each request');
    socket.destroy();
    return got.map(plain);
  };
  const own = { pid: String(process.pid), uid: String(process.getuid?.()), gid: String(process.getgid?.()) };
  const request = { t: 'hbapi-req', dest: 'node1', from_id: own.pid };
  const [welcome, resources] = await talk(
    message({ ...request, reqtype: 'signon', ...own }),
    message({ ...request, reqtype: 'getrsc' }),
  );
  assert.equal(welcome?.result, 'OK');
  assert.equal(welcome?.deadtime, 'bb8');
  assert.equal(resources?.rsc_hold, 'local');
  const [refused] = await talk(message({ ...request, reqtype: 'getrsc' }));
  assert.equal(refused?.result, 'badreq');
  const [liar] = await talk(message({ ...request, reqtype: 'signon', ...own, pid: '1', from_id: '1' }));
  assert.equal(liar?.result, 'badreq');
});

const STANDBY = Buffer.from('>>>\nt=ask_resources\nrsc_hold=local\ninfo=me\n<<<\n');

test('a message of the FIFO is found in whatever pieces it comes, and noise around it is skipped', () => {
  for (let cut = 0; cut <= STANDBY.length; cut++) {
    const reader = new FifoReader();
    const got = [
      ...reader.push(Buffer.from('noise\n')),
      ...reader.push(STANDBY.subarray(0, cut)),
      ...reader.push(STANDBY.subarray(cut)),
      ...reader.push(Buffer.from('<<<\nnoise\n')),
      ...reader.push(STANDBY),
    ];
    assert.equal(got.length, 2);
  }
  const endless = new FifoReader();
  assert.deepEqual(endless.push(Buffer.from(`>>>\n${'x=y\n'.repeat(40_000)}<<<\n`)), []);
  assert.equal(endless.push(STANDBY).length, 1);
});

function fifoIn(t: TestContext): { path: string; got: Message[] } {
  const path = join(temporaryFolder(t), 'fifo');
  const got: Message[] = [];
  const fifo = openFifo(path, (one) => got.push(one));
  assert.ok(typeof fifo !== 'string', String(fifo));
  t.after(() => fifo.close());
  return { path, got };
}

test('the FIFO is for its owner only, and goes on after each writer', async (t) => {
  const { path, got } = fifoIn(t);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const count of [1, 2, 3]) {
    writeFileSync(path, STANDBY);
    await until(() => got.length === count, `message ${count}`);
  }
});

test('a FIFO that an earlier run left is used, another file in its place is replaced', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'fifo');
  writeFileSync(path, 'a plain file');
  const first = openFifo(path, () => undefined);
  assert.ok(typeof first !== 'string');
  assert.equal(statSync(path).isFIFO(), true);
  first.close();
  chmodSync(path, 0o666);
  const second = openFifo(path, () => undefined);
  assert.ok(typeof second !== 'string');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  second.close();
  assert.equal(typeof openFifo(join(folder, 'no', 'fifo'), () => undefined), 'string');
});

test('messages become commands; what the daemon says itself nobody says through it', () => {
  const read = (fields: Record<string, string>, client?: string) =>
    readClusterMessage(message(fields), client);
  assert.deepEqual(read({ t: 'ask_resources', rsc_hold: 'foreign', info: 'me' }), {
    ok: true,
    command: { kind: 'standby', set: 'foreign' },
  });
  assert.deepEqual(read({ t: 'hb_takeover' }), { ok: true, command: { kind: 'takeover', set: 'all' } });
  assert.deepEqual(read({ t: 'my_type', word: 'x', seq: '7', src: 'somebody' }, 'mine'), {
    ok: true,
    command: { kind: 'broadcast', type: 'my_type', fields: { word: 'x', from_id: 'mine', to_id: 'mine' } },
  });
  for (const t of ['status', 'shutdone', 'resource', 'stonith', 'NS_ackmsg', 'addnode', '', 'a b'])
    assert.equal(read({ t }).ok, false, t);
  assert.equal(read({ t: 'ask_resources', info: 'done' }).ok, false);
});
