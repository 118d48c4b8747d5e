import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from '../support/root.js';
import {
  createLab,
  type Lab,
  type LabClient,
  type LabNode,
  labAbility,
  Sleeper,
  until,
} from './lib/index.js';
import { foreignNamespaces, inhabitants } from './support/namespaces.js';

const ability = labAbility();
const skip = ability.possible ? false : ability.reason;
/** A program that sends one datagram to the client host. */
const SEND_ONE = `const socket = require('dgram').createSocket('udp4');
socket.send('x', 9, '10.77.0.241', () => socket.close())`;
const SHARED = '10.77.0.100';

/** Waits until the client's questions are answered (or not) from now on, whatever is still under way. */
async function untilAnswers(client: LabClient, answers: boolean): Promise<void> {
  const answeredNow = async (): Promise<boolean> => {
    const recent = (await client.log()).slice(-20, -1);
    return recent.length === 19 && recent.every((entry) => (entry.receivedAtMs !== undefined) === answers);
  };
  await until(answeredNow, { withinMs: 10_000, what: `the client is ${answers ? '' : 'not '}answered` });
}

async function counter(node: LabNode, name: string): Promise<number> {
  return Number(await node.read(`/sys/class/net/eth0/statistics/${name}`));
}

describe('the life of a lab', { skip }, () => {
  it('leaves no process, mount or namespace behind', async () => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const lab = await createLab();
    const pids = [lab.hubPid, ...['node1', 'node2', 'client'].map((name) => lab.node(name).pid)];
    const namespaces = foreignNamespaces(pids);
    assert.equal(namespaces.size, 20, 'the hub and each machine have five namespaces of their own');
    assert.ok(inhabitants(namespaces).length >= 4);
    await lab.destroy();
    assert.deepEqual(inhabitants(namespaces), []);
    assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), mounts);
  });

  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
    it(`is over when its test program ends by ${signal}`, async () => {
      const script = fileURLToPath(new URL('./support/abandoned-driver.js', import.meta.url));
      const driver = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(createInterface({ input: driver.stdout }), 'line')) as [string];
      const namespaces = foreignNamespaces(JSON.parse(line) as number[]);
      assert.ok(inhabitants(namespaces).length >= 6);
      driver.kill(signal);
      const nobody = (): boolean => inhabitants(namespaces).length === 0;
      await until(nobody, { withinMs: 10_000, what: 'the lab has gone with its test program' });
    });
  }

  it('goes although its processes are stopped', async () => {
    const lab = await createLab({ nodes: ['node1'] });
    const node = lab.node('node1');
    const daemon = node.spawn(['sleep', '1000']);
    await until(() => node.procs().length > 0, { withinMs: 5000, what: 'the daemon runs' });
    await node.pause();
    const namespaces = foreignNamespaces([lab.hubPid, node.pid]);
    await lab.destroy();
    assert.deepEqual(inhabitants(namespaces), []);
    assert.equal((await daemon.ended).code, 137);
  });

  it('is not begun with a mistake in its options', async () => {
    await assert.rejects(createLab({ nodes: ['node1', 'node1'] }), /two machines have the name node1/);
    await assert.rejects(
      createLab({ clientLinks: ['eth9'] }),
      /client is plugged into eth9, which is no link/,
    );
    await assert.rejects(createLab({ nodes: ['not a name'] }), /not a name is no host name/);
  });

  it('two labs work side by side with the same addresses', async () => {
    const labs = await Promise.all([createLab({ nodes: ['alpha'] }), createLab({ nodes: ['beta'] })]);
    try {
      for (const [index, name] of ['alpha', 'beta'].entries()) {
        const client = await labs[index]?.client('udp://10.77.0.1');
        const entry = await until(() => client?.newest(), { withinMs: 10_000, what: `${name} answers` });
        assert.equal(entry.from, name);
      }
    } finally {
      await Promise.all(labs.map((lab) => lab.destroy()));
    }
  });

  it('works in a user namespace, as an ordinary user builds it', async (t) => {
    let lab: Lab;
    try {
      lab = await createLab({ privilege: 'user' });
    } catch (error) {
      t.skip(`no user namespaces here: ${error instanceof Error ? error.message : ''}`);
      return;
    }
    try {
      const client = await lab.client('udp://10.77.0.2');
      const entry = await until(() => client.newest(), { withinMs: 10_000, what: 'node2 answers' });
      assert.equal(entry.from, 'node2');
      assert.equal((await lab.node('node1').run(['hostname'])).trim(), 'node1');
    } finally {
      await lab.destroy();
    }
  });
});

describe('a machine of the lab', { skip }, () => {
  let lab: Lab;
  let node1: LabNode;
  before(async () => {
    lab = await createLab();
    node1 = lab.node('node1');
  });
  after(() => lab.destroy());

  it('has only harmless devices', async () => {
    const devices = (await node1.run(['ls', '/dev'])).trim().split('\n');
    const wanted = 'fd full null ptmx pts random shm stderr stdin stdout urandom zero'.split(' ');
    assert.deepEqual(devices.sort(), wanted);
  });

  it('cannot reach the magic of the host', async () => {
    const { code } = await node1.exec([
      'sh',
      '-c',
      'test ! -e /proc/sysrq-trigger || test -c /proc/sysrq-trigger',
    ]);
    assert.equal(code, 0);
  });

  it('sees the checkout and Node.js, and cannot write to the host', async () => {
    const root = repositoryRoot();
    assert.equal((await node1.run(['node', '-p', '"I run"'])).trim(), 'I run');
    assert.equal((await node1.exec(['test', '-f', `${root}/package.json`])).code, 0);
    for (const folder of [root, '/usr']) {
      const touched = await node1.exec(['touch', `${folder}/heartbeat-lab-was-here`]);
      assert.notEqual(touched.code, 0, folder);
    }
  });

  it('knows its name, its addresses and the other machines', async () => {
    assert.equal((await node1.run(['hostname'])).trim(), 'node1');
    const addresses = (await node1.addresses()).map(
      (one) => `${one.device} ${one.address}/${one.prefixLength}`,
    );
    for (const wanted of ['eth0 10.77.0.1/24', 'eth1 10.78.0.1/24'])
      assert.ok(addresses.includes(wanted), wanted);
    assert.match(await node1.read('/etc/hosts'), /10\.77\.0\.2 node2/);
  });

  it('gives exit status, output and input of a command', async () => {
    const result = await node1.exec(['sh', '-c', 'cat; echo bad >&2; exit 3'], { input: 'good' });
    assert.deepEqual(result, { code: 3, stdout: 'good', stderr: 'bad\n' });
  });

  it('ends a command at its deadline', async () => {
    const result = await node1.exec(['sleep', '1000'], { timeoutMs: 50 });
    assert.notEqual(result.code, 0);
    await until(() => node1.procs().length === 0, { withinMs: 5000, what: 'the command has ended' });
  });

  it('does not wait for a daemon that keeps the output of the command open', async () => {
    const result = await node1.exec(['sh', '-c', 'sleep 1000 & echo started'], { timeoutMs: 20_000 });
    assert.deepEqual([result.code, result.stdout], [0, 'started\n']);
    await node1.exec(['sh', '-c', 'kill -s KILL -- -1']);
  });

  it('stops all its processes and lets them go on', async () => {
    const daemon = node1.spawn(['sh', '-c', 'while :; do sleep 0.1; done']);
    const states = (): string =>
      node1
        .procs()
        .map((one) => one.state)
        .join('');
    await until(() => states() !== '', { withinMs: 5000, what: 'the daemon runs' });
    await node1.pause();
    await until(() => /^T+$/.test(states()), { withinMs: 5000, what: 'all processes are stopped' });
    await node1.resume();
    await until(() => !states().includes('T'), { withinMs: 5000, what: 'no process is stopped' });
    assert.ok(daemon.kill('SIGKILL'));
    assert.equal((await daemon.ended).code, 137);
  });

  it('keeps its disk over a power cut and nothing else', async () => {
    await node1.write('/etc/ha.d/authkeys', 'auth 1\n', 0o600);
    await node1.write('/run/forgotten', 'x');
    await node1.run(['ip', 'addr', 'add', `${SHARED}/24`, 'dev', 'eth0']);
    node1.spawn(['sleep', '1000']);
    const ended: string[] = [];
    node1.onEnd((end) => ended.push(end.reason));
    const namespaces = foreignNamespaces([node1.pid]);
    await node1.powerOff();
    assert.deepEqual(ended, ['power-off']);
    assert.deepEqual(inhabitants(namespaces), []);
    await node1.write('/etc/ha.d/ha.cf', 'node node1\n');
    await node1.powerOn();
    assert.equal((await node1.run(['stat', '-c', '%a', '/etc/ha.d/authkeys'])).trim(), '600');
    assert.equal(await node1.read('/etc/ha.d/ha.cf'), 'node node1\n');
    await assert.rejects(node1.read('/run/forgotten'), /forgotten/);
    assert.ok(!(await node1.addresses()).some((one) => one.address === SHARED));
  });

  it('says how it ended when a process inside reboots or halts it', async () => {
    for (const [reason, magic] of [
      ['reboot', 0x01234567],
      ['halt', 0xcdef0123],
    ] as const) {
      const end = new Promise<string>((resolve) => node1.onEnd((one) => resolve(one.reason)));
      const koffi = `${repositoryRoot()}/node_modules/koffi`;
      const call = `require('${koffi}').load(null).func('int reboot(int)')(${magic | 0})`;
      await node1.exec(['node', '-e', call]);
      assert.equal(await end, reason);
      await node1.powerOn();
    }
  });
});

describe('the noise figure', () => {
  it('is the worst oversleep of a thread, and starts anew on request', async () => {
    const sleeper = new Sleeper();
    await until(() => sleeper.worstMs() > 0, { withinMs: 10_000, what: 'the thread has slept' });
    sleeper.reset();
    await sleeper.stop();
    assert.ok(sleeper.worstMs() < 10_000);
  });
});

describe('the network of the lab', { skip }, () => {
  let lab: Lab;
  let node1: LabNode;
  let client: LabClient;
  before(async () => {
    lab = await createLab();
    node1 = lab.node('node1');
    client = await lab.client('udp://10.77.0.1');
    await untilAnswers(client, true);
  });
  after(() => lab.destroy());

  it('a power cut is silence for the client, whoever caused it', async () => {
    for (const cause of ['lab', 'init'] as const) {
      const end = new Promise<string>((resolve) => node1.onEnd((one) => resolve(one.reason)));
      if (cause === 'lab') await node1.powerOff();
      else process.kill(node1.pid, 'SIGKILL');
      assert.equal(await end, cause === 'lab' ? 'power-off' : 'killed');
      await untilAnswers(client, false);
      await node1.powerOn();
      await untilAnswers(client, true);
    }
  });

  it('a cut cable takes the carrier, a silent one does not', async () => {
    for (const [fault, carrier] of [
      ['cut', '0'],
      ['silence', '1'],
    ] as const) {
      await lab[fault]('node1', 'eth0');
      await untilAnswers(client, false);
      assert.equal((await node1.exec(['cat', '/sys/class/net/eth0/carrier'])).stdout.trim(), carrier);
      assert.equal((await node1.exec(['cat', '/sys/class/net/eth1/carrier'])).stdout.trim(), '1');
      await lab.heal('node1', 'eth0');
      await untilAnswers(client, true);
    }
  });

  it('a fault stays over a power cycle until it is healed', async () => {
    await lab.silence('node1');
    await node1.powerOff();
    await node1.powerOn();
    await untilAnswers(client, false);
    await lab.heal();
    await untilAnswers(client, true);
  });
});

for (const withoutFilter of [false, true]) {
  describe(`loss ${withoutFilter ? 'by the relay' : 'by filter rules'}`, { skip }, () => {
    let lab: Lab;
    let node1: LabNode;
    let client: LabClient;
    before(async () => {
      lab = await createLab({ withoutFilter });
      node1 = lab.node('node1');
      client = await lab.client('udp://10.77.0.1');
      await untilAnswers(client, true);
    });
    after(() => lab.destroy());

    it('loses about the share that was asked for', async (t) => {
      const { by } = await lab.loss('node1', 'eth0', { percent: 50, direction: 'in' });
      if (by === 'relay' && !withoutFilter)
        t.diagnostic('no filter rules for bridges here: the relay loses instead');
      const before = await client.answered();
      const enough = async (): Promise<boolean> => (await client.answered()).asked - before.asked > 300;
      await until(enough, { withinMs: 30_000, what: '300 questions', everyMs: 100 });
      const now = await client.answered();
      const share = (now.answered - before.answered) / (now.asked - before.asked);
      assert.ok(share > 0.3 && share < 0.7, `${share} of the questions were answered`);
      await lab.heal();
      await untilAnswers(client, true);
    });

    it('one way: the node hears and is not heard, or is not heard and hears', async () => {
      await lab.loss('node1', 'eth0', { percent: 100, direction: 'out' });
      await untilAnswers(client, false);
      const heard = await counter(node1, 'rx_packets');
      const hears = async (): Promise<boolean> => (await counter(node1, 'rx_packets')) > heard;
      await until(hears, { withinMs: 10_000, what: 'the node receives' });
      await lab.loss('node1', 'eth0', { percent: 0, direction: 'out' });
      await untilAnswers(client, true);
      await lab.loss('node1', 'eth0', { percent: 100, direction: 'in' });
      await untilAnswers(client, false);
      const deaf = await counter(node1, 'rx_packets');
      const sent = await counter(node1, 'tx_packets');
      await node1.exec(['ip', 'neigh', 'flush', 'all']);
      await node1.exec(['node', '-e', SEND_ONE]);
      assert.equal(await counter(node1, 'rx_packets'), deaf);
      assert.ok((await counter(node1, 'tx_packets')) > sent);
      await lab.heal();
      await untilAnswers(client, true);
    });
  });
}
