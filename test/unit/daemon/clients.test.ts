import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clients, createClients } from '../../../src/daemon/runner/clients.js';
import { temporaryFolder, until, writeScript } from '../../support/scripts.js';

const TIMES = { restartMs: 20, quickMs: 10_000, endMs: 2000, lookMs: 20 };

interface Bench {
  readonly folder: string;
  readonly clients: Clients;
  readonly logged: string[];
  readonly failures: string[];
  /** A runner that takes the place of the first. */
  another(): Clients;
}

function bench(t: TestContext, times: Partial<typeof TIMES> = {}): Bench {
  const folder = temporaryFolder(t);
  const logged: string[] = [];
  const failures: string[] = [];
  const all: Clients[] = [];
  const make = (): Clients => {
    const clients = createClients({
      runDir: folder,
      environment: () => ({ PATH: '/usr/bin:/bin', FOLDER: folder }),
      workingDirectory: folder,
      log: (level, _code, text) => logged.push(`${level}: ${text}`),
      failed: (reason) => failures.push(reason),
      times: { ...TIMES, ...times },
    });
    all.push(clients);
    return clients;
  };
  t.after(() => Promise.all(all.map((clients) => clients.stop())));
  return { folder, clients: make(), logged, failures, another: make };
}

const lineOf = (command: string) => ({ user: userInfo().username, command, line: 1 });

/** Lines that the script has appended to the file. */
function marks(folder: string, file = 'marks'): string[] {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('a client that ends is started again, with its arguments as the shell reads them', async (t) => {
  const { folder, clients, logged } = bench(t);
  const script = writeScript(
    folder,
    'client',
    'echo "$2" >> $FOLDER/marks\n[ -e $FOLDER/stay ] && exec sleep 60\nexit 3',
  );
  clients.start([lineOf(`${script} -x 'two words'`)], []);
  await until(() => marks(folder).length >= 3, 'it was started three times');
  writeFileSync(join(folder, 'stay'), '');
  assert.deepEqual([...new Set(marks(folder))], ['two words']);
  assert.ok(logged.some((line) => /^warn: Managed .* exited with return code 3\.$/.test(line)));
  assert.ok(logged.some((line) => line.startsWith('error: Respawning client "')));
});

test('exit status 100 says that it does not want to be started again', async (t) => {
  const { folder, clients, logged } = bench(t);
  const script = writeScript(folder, 'client', 'echo x >> $FOLDER/marks\nexit 100');
  clients.start([lineOf(script)], []);
  await until(() => clients.states()[0]?.state === 'ended', 'it is over');
  assert.equal(marks(folder).length, 1);
  assert.ok(logged.every((line) => !line.startsWith('error')));
});

test('the eleventh quick end in a row is the last', async (t) => {
  const { folder, clients, logged } = bench(t);
  const script = writeScript(folder, 'client', 'echo x >> $FOLDER/marks');
  clients.start([lineOf(script)], []);
  await until(() => clients.states()[0]?.state === 'ended', 'it is given up');
  assert.equal(marks(folder).length, 11);
  assert.ok(logged.some((line) => line.endsWith('"respawning too fast"')));
});

test('a client that lives long enough is started again for ever', async (t) => {
  const { folder, clients } = bench(t, { quickMs: 0 });
  const script = writeScript(folder, 'client', 'echo x >> $FOLDER/marks');
  clients.start([lineOf(script)], []);
  await until(() => marks(folder).length > 13, 'it was started more often than quick ends are borne');
});

test('at the end clients get SIGTERM in reverse order, and those that stay are killed', async (t) => {
  const { folder, clients } = bench(t, { endMs: 300 });
  const polite = (name: string) =>
    writeScript(
      folder,
      name,
      `trap "echo ${name} >> $FOLDER/ends; exit 0" TERM\necho x >> $FOLDER/marks\nwhile :; do sleep 0.05; done`,
    );
  const deaf = writeScript(
    folder,
    'deaf',
    'trap "" TERM\necho x >> $FOLDER/marks\nwhile :; do sleep 0.05; done',
  );
  clients.start([lineOf(polite('first')), lineOf(deaf), lineOf(polite('second'))], []);
  await until(() => marks(folder).length === 3, 'all run');
  const pids = clients.states().map(({ pid }) => pid);
  await clients.stop();
  assert.deepEqual(marks(folder, 'ends'), ['second', 'first']);
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}/fd/0`)), 'none is left');
});

test('a runner that takes the place of a dead one does not start what runs already, and notices its end', async (t) => {
  const { folder, clients, another } = bench(t);
  const script = writeScript(folder, 'client', 'echo x >> $FOLDER/marks\nexec sleep 60');
  clients.start([lineOf(script)], []);
  await until(() => marks(folder).length === 1, 'it runs');
  const pid = clients.states()[0]?.pid ?? 0;
  const next = another();
  next.start([lineOf(script)], []);
  assert.equal(next.states()[0]?.pid, pid);
  process.kill(pid, 'SIGKILL');
  await until(() => marks(folder).length > 1, 'it is started again');
});

test('the failure of a failfast client is reported, its orderly end is not', async (t) => {
  const { folder, clients, failures } = bench(t);
  const script = writeScript(folder, 'guard', 'exit $(cat $FOLDER/code)');
  writeFileSync(join(folder, 'code'), '100');
  clients.start([lineOf(script)], ['guard']);
  await until(() => clients.states()[0]?.state === 'ended', 'it has ended');
  assert.deepEqual(failures, []);
  await clients.stop();
  writeFileSync(join(folder, 'code'), '2');
  clients.start([lineOf(script)], ['guard']);
  await until(() => failures.length === 1, 'it is reported');
  assert.match(failures[0] ?? '', /guard" exited with return code 2/);
});

test('an account that does not exist is a sentence, and no process', (t) => {
  const { clients, logged } = bench(t);
  clients.start([{ user: 'nobody-of-that-name', command: '/bin/true', line: 1 }], []);
  assert.match(logged.join(), /is not started: there is no user nobody-of-that-name/);
  assert.equal(clients.states()[0]?.state, 'ended');
});
