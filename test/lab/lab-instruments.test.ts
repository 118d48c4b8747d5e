import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLab, type Lab, type LabClient, type LabNode, labAbility, nowMs, until } from './lib/index.js';

const ability = labAbility();
const skip = ability.possible ? false : ability.reason;
const SHARED = '10.77.0.100';

async function answersAfter(
  client: LabClient,
  count: number,
): Promise<{ sentAtMs: number; tookMs: number }[]> {
  const sinceMs = nowMs();
  return until(
    async () => {
      const answered = (await client.log())
        .filter((entry) => entry.sentAtMs > sinceMs && entry.receivedAtMs !== undefined)
        .map((entry) => ({ sentAtMs: entry.sentAtMs, tookMs: (entry.receivedAtMs ?? 0) - entry.sentAtMs }));
      return answered.length >= count && answered;
    },
    { withinMs: 20_000, what: `${count} answers` },
  );
}

describe('the relay', { skip }, () => {
  let lab: Lab;
  let node1: LabNode;
  let client: LabClient;
  before(async () => {
    lab = await createLab({ nodes: ['node1'], links: ['eth0'] });
    node1 = lab.node('node1');
    client = await lab.client('udp://10.77.0.1', { timeoutMs: 1000 });
    await answersAfter(client, 1);
  });
  after(() => lab.destroy());

  it('passes everything when it has nothing to do', async () => {
    await lab.relay('node1', 'eth0', { delayMs: 0 });
    await answersAfter(client, 20);
    const page = 'x'.repeat(100_000);
    await node1.write('/tmp/page', page);
    const serve =
      "require('http').createServer((q,r)=>r.end(require('fs').readFileSync('/tmp/page'))).listen(80)";
    const server = node1.spawn(['node', '-e', serve]);
    const web = await lab.client('http://10.77.0.1/', { timeoutMs: 2000 });
    const entry = await until(() => web.newest(), { withinMs: 10_000, what: 'the page' });
    assert.equal(entry.status, 200);
    await web.stop();
    server.kill('SIGKILL');
  });

  it('delays each frame, one way or both', async () => {
    await lab.relay('node1', 'eth0', { direction: 'in', delayMs: 60 }, { direction: 'out', delayMs: 40 });
    for (const { tookMs } of await answersAfter(client, 20))
      assert.ok(tookMs >= 98, `answered after ${tookMs} ms`);
    await lab.heal();
  });

  it('lets frames overtake each other', async () => {
    await lab.relay('node1', 'eth0', { direction: 'in', reorderPercent: 40, reorderByMs: 50, seed: 1 });
    const answers = await answersAfter(client, 100);
    const arrivals = answers.map((one) => one.sentAtMs + one.tookMs);
    assert.ok(arrivals.some((atMs, index) => atMs < (arrivals[index - 1] ?? 0)));
    await lab.heal();
  });

  it('doubles frames', async () => {
    await lab.relay('node1', 'eth0', { direction: 'in', duplicatePercent: 100 });
    const count = async (machine: LabNode, name: string): Promise<number> =>
      Number(await machine.read(`/sys/class/net/eth0/statistics/${name}`));
    const [sentBefore, heardBefore] = [
      await count(lab.node('client'), 'tx_packets'),
      await count(node1, 'rx_packets'),
    ];
    await answersAfter(client, 100);
    const heard = (await count(node1, 'rx_packets')) - heardBefore;
    const sent = (await count(lab.node('client'), 'tx_packets')) - sentBefore;
    assert.ok(heard > sent * 1.8, `${heard} frames heard of ${sent} sent`);
    await lab.heal();
  });

  it('damages frames, which checksums find, or payloads behind the checksum', async () => {
    const csumErrors = async (): Promise<number> => {
      const [, numbers = ''] = (await node1.read('/proc/net/snmp'))
        .split('\n')
        .filter((line) => /^Udp:/.test(line));
      return Number(numbers.split(' ')[7]) + Number(numbers.split(' ')[3]);
    };
    const before = await csumErrors();
    await lab.relay('node1', 'eth0', { direction: 'in', corruptPercent: 50, seed: 2 });
    const found = async (): Promise<boolean> => (await csumErrors()) > before;
    await until(found, { withinMs: 20_000, what: 'a damaged datagram was found by its checksum' });
    await lab.relay('node1', 'eth0', {
      direction: 'in',
      corruptPercent: 50,
      corruptPassesChecksum: true,
      seed: 3,
    });
    const server = node1.spawn(['node', '-e', RECEIVER]);
    await until(() => server.output().includes('ready'), { withinMs: 10_000, what: 'the receiver is ready' });
    const sender = lab.node('client').spawn(['node', '-e', SENDER]);
    const damaged = (): boolean => server.output().includes('damaged') && server.output().includes('whole');
    await until(damaged, { withinMs: 20_000, what: 'damaged datagrams are delivered' });
    for (const one of [server, sender]) one.kill('SIGKILL');
    await lab.heal();
  });
});

const RECEIVER = `const s=require('dgram').createSocket('udp4');s.bind(9000,()=>console.log('ready'));
s.on('message',m=>console.log(String(m)==='abcdefgh'?'whole':'damaged'))`;
const SENDER = `const s=require('dgram').createSocket('udp4');setInterval(()=>s.send('abcdefgh',9000,'10.77.0.1'),5)`;

describe('the observer', { skip }, () => {
  let lab: Lab;
  before(async () => {
    lab = await createLab();
  });
  after(() => lab.destroy());

  it('sees one owner, a move without overlap, and two owners at once', async () => {
    const [node1, node2] = [lab.node('node1'), lab.node('node2')];
    const observer = await lab.observe([SHARED, '10.77.0.2']);
    const address = (node: LabNode, action: 'add' | 'del'): Promise<string> =>
      node.run(['ip', 'addr', action, `${SHARED}/24`, 'dev', 'eth0']);
    const ownedBy = (...names: string[]): Promise<unknown> =>
      until(async () => (await observer.ownersNow(SHARED)).join() === names.join(), {
        withinMs: 10_000,
        what: `${SHARED} is owned by ${names.join(' and ') || 'nobody'}`,
      });
    await ownedBy();
    await address(node1, 'add');
    await ownedBy('node1');
    await address(node1, 'del');
    await address(node2, 'add');
    await ownedBy('node2');
    assert.deepEqual(await observer.overlaps(SHARED), []);
    assert.deepEqual(await observer.owners(SHARED), ['node1', 'node2']);
    await address(node1, 'add');
    await ownedBy('node1', 'node2');
    const [overlap] = await observer.overlaps(SHARED);
    assert.deepEqual(overlap?.nodes, ['node1', 'node2']);
    assert.deepEqual(await observer.overlaps('10.77.0.2'), []);
    assert.deepEqual(await observer.owners('10.77.0.2'), ['node2']);
    await observer.stop();
  });

  it('judges by the question, so that a late answer makes no overlap', async () => {
    const [node1, node2] = [lab.node('node1'), lab.node('node2')];
    for (const node of [node1, node2])
      await node.exec(['ip', 'addr', 'flush', 'dev', 'eth0', 'to', `${SHARED}/32`]);
    await lab.relay('node1', 'eth0', { direction: 'out', delayMs: 150 });
    const observer = await lab.observe([SHARED]);
    const answering = (name: string) => async (): Promise<boolean> =>
      (await observer.answers()).some((answer) => answer.node === name);
    await node1.run(['ip', 'addr', 'add', `${SHARED}/24`, 'dev', 'eth0']);
    await until(answering('node1'), { withinMs: 10_000, what: 'node1 answers late' });
    await node1.run(['ip', 'addr', 'del', `${SHARED}/24`, 'dev', 'eth0']);
    await node2.run(['ip', 'addr', 'add', `${SHARED}/24`, 'dev', 'eth0']);
    await until(answering('node2'), { withinMs: 10_000, what: 'node2 answers' });
    const answers = await observer.answers();
    assert.deepEqual(await observer.overlaps(SHARED), [], JSON.stringify(answers.slice(-20)));
    await observer.stop();
    await lab.heal();
  });

  it('asks for IPv6 addresses in the same way', async () => {
    const shared = 'fd77::100';
    const observer = await lab.observe([shared, '10.77.0.1']);
    const owners = async (): Promise<boolean> => (await observer.ownersNow(shared)).join() === 'node1,node2';
    for (const name of ['node1', 'node2']) {
      await lab.node(name).run(['ip', 'addr', 'add', `${shared}/64`, 'dev', 'eth0', 'nodad']);
    }
    await until(owners, { withinMs: 10_000, what: 'both nodes own the address' });
    assert.deepEqual((await observer.overlaps(shared))[0]?.nodes, ['node1', 'node2']);
    assert.deepEqual(await observer.overlaps('10.77.0.1'), []);
    await observer.stop();
  });

  it('hears gratuitous ARP', async () => {
    const observer = await lab.observe([SHARED]);
    const announcing = lab.node('node1');
    const frame =
      `ffffffffffff0277000000010806000108000604000102770000000 10a4d00640000000000000a4d0064`.replace(
        ' ',
        '',
      );
    assert.equal(frame.length, 84);
    await announcing.run(['node', '-e', sendFrame(frame)]);
    const heard = await until(async () => (await observer.announcements())[0], {
      withinMs: 5000,
      what: 'an announcement',
    });
    assert.deepEqual([heard.address, heard.node], [SHARED, 'node1']);
    await observer.stop();
  });
});

/** A program that sends one Ethernet frame (hexadecimal) on eth0. */
function sendFrame(frame: string): string {
  const koffi = new URL(import.meta.resolve('koffi')).pathname;
  return `const k=require('${koffi.replace(/index\.js$/, 'index.cjs')}').load(null);
const s=k.func('int socket(int,int,int)')(17,3,0);const a=Buffer.alloc(20);a.writeUInt16LE(17);
a.writeInt32LE(k.func('unsigned int if_nametoindex(const char*)')('eth0'),4);
const f=Buffer.from('${frame}','hex');
if(k.func('int sendto(int,void*,size_t,int,void*,int)')(s,f,f.length,0,a,20)<0)process.exit(1)`;
}

describe('the serial cable', { skip }, () => {
  let lab: Lab;
  before(async () => {
    lab = await createLab({ links: ['eth0'] });
  });
  after(() => lab.destroy());

  /** Starts to read a line into a file; `stty` is not needed, the cable is raw. */
  async function reading(node: LabNode, device: string): Promise<() => Promise<string>> {
    node.spawn(['sh', '-c', `exec cat ${device} > /tmp/got`]);
    await until(() => node.procs().some((one) => one.command === `cat ${device}`), {
      withinMs: 5000,
      what: 'cat runs',
    });
    return () => node.read('/tmp/got');
  }

  it('carries bytes both ways, also after a power cycle, and none when it is pulled', async () => {
    const [node1, node2] = [lab.node('node1'), lab.node('node2')];
    const cable = await lab.serialCable('node1', 'node2');
    const write = (node: LabNode, text: string): Promise<string> =>
      node.run(['sh', '-c', `printf '%s' '${text}' > /dev/ttyS0`]);
    let got = await reading(node2, '/dev/ttyS0');
    await write(node1, 'there\r\n\u0003');
    await until(async () => (await got()) === 'there\r\n\u0003', {
      withinMs: 5000,
      what: 'node2 has the bytes',
    });
    await cable.disconnect();
    await write(node1, 'lost');
    await until(async () => (await write(node1, 'lost')) === '', { withinMs: 5000, what: 'written' });
    await cable.reconnect();
    await node2.powerOff();
    await write(node1, 'lost too');
    await node2.powerOn();
    got = await reading(node2, '/dev/ttyS0');
    await write(node1, 'back');
    await until(async () => (await got()) === 'back', {
      withinMs: 5000,
      what: 'node2 has only the new bytes',
    });
    const other = await reading(node1, '/dev/ttyS0');
    await write(node2, 'answer');
    await until(async () => (await other()) === 'answer', { withinMs: 5000, what: 'node1 has the answer' });
  });

  it('is not faster than its rate', async () => {
    const [node1, node2] = [lab.node('node1'), lab.node('node2')];
    await lab.serialCable('node1', 'node2', '/dev/ttyS1', { baud: 9600 });
    const got = await reading(node2, '/dev/ttyS1');
    const startMs = nowMs();
    await node1.run(['sh', '-c', `printf '%0480d' 7 > /dev/ttyS1`]);
    await until(async () => (await got()).length === 480, {
      withinMs: 20_000,
      what: '480 bytes',
      everyMs: 5,
    });
    assert.ok(nowMs() - startMs > 450, `480 bytes took ${nowMs() - startMs} ms`);
  });
});
