import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { type Mail, sendMail } from '../../../src/actions/notification/mail.js';
import { createMailQueue } from '../../../src/actions/notification/mail-queue.js';
import type { Settings } from '../../../src/config/types.js';
import { createNotifier } from '../../../src/daemon/runner/notify.js';
import { sampleConfig } from '../../support/configuration.js';

const PASSWORD = 'a-very-secret-word';

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly user: string;
  readonly encrypted: boolean;
}

async function withServer(
  options: SMTPServerOptions,
  story: (port: number, received: readonly Received[]) => Promise<void>,
): Promise<void> {
  const received: Received[] = [];
  const server = new SMTPServer({
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === PASSWORD ? done(null, { user: username }) : done(new Error('wrong password')),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(parts).toString('utf8'),
          user: String(session.user ?? ''),
          encrypted: session.secure,
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  try {
    await story(typeof address === 'object' && address !== null ? address.port : 0, received);
  } finally {
    await new Promise<void>((resolve) => server.close(resolve));
  }
}

async function withFolder(story: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-notify-'));
  try {
    await story(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function notifierOf(settings: Partial<Settings>, pausesMs: readonly number[] = [5]) {
  const lines: string[] = [];
  const base = sampleConfig({});
  const config = { ...base, settings: { ...base.settings, ...settings } };
  const notifier = createNotifier({
    config: () => config,
    log: (_level, _code, text) => lines.push(text),
    sendMail,
    pausesMs,
  });
  return { notifier, lines, config };
}

const TAKEOVER = {
  kind: 'event',
  code: 'group-takeover',
  text: 'Taking over resource group web: node2 is dead.',
  about: { group: 'web', node: 'node2', from: 'node2', to: 'node1' },
  wallMs: 1_700_000_000_000,
} as const;

async function until(condition: () => boolean): Promise<void> {
  const limitMs = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < limitMs, 'it never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('an event is one mail, with login, encrypted where the server offers it', async () => {
  await withFolder(async (folder) => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    await withServer({ authOptional: false }, async (port, received) => {
      const { notifier, lines } = notifierOf({
        mailServer: '127.0.0.1',
        mailPort: port,
        mailUser: 'cluster',
        mailPasswordFile: passwordFile,
        mailTo: 'root@example.org, ops@example.org',
      });
      notifier.note(TAKEOVER);
      notifier.note({ ...TAKEOVER, code: 'group-stopped' });
      await until(() => received.length > 0);
      await notifier.drain();
      assert.equal(received.length, 1, 'what nobody has to know is no mail');
      const [mail] = received;
      assert.equal(mail?.user, 'cluster');
      assert.equal(mail?.encrypted, true);
      assert.deepEqual(mail?.to, ['root@example.org', 'ops@example.org']);
      assert.match(mail?.text ?? '', /Subject: \[heartbeat\] node\d: takeover web/);
      assert.match(mail?.text ?? '', /Taking over resource group web: node2 is dead\./);
      assert.match(mail?.text ?? '', /Before: node2\r\nNow: node1/);
      assert.deepEqual(lines, []);
    });
  });
});

test('a server that refuses is asked again, and the mail arrives once', async () => {
  let refusals = 2;
  const options: SMTPServerOptions = {
    disabledCommands: ['STARTTLS', 'AUTH'],
    onMailFrom(_address, _session, done) {
      refusals -= 1;
      const busy = Object.assign(new Error('try again later'), { responseCode: 451 });
      done(refusals >= 0 ? busy : null);
    },
  };
  await withServer(options, async (port, received) => {
    const { notifier, lines } = notifierOf(
      { mailServer: '127.0.0.1', mailPort: port, mailTo: 'root@example.org' },
      [5, 5, 5],
    );
    notifier.note(TAKEOVER);
    await until(() => received.length > 0);
    await notifier.drain();
    assert.equal(received.length, 1);
    assert.equal(lines.length, 2);
    assert.match(
      lines[0] ?? '',
      /was not sent \(next try in 1 s\): 127\.0\.0\.1 port \d+: .*try again later/,
    );
  });
});

test('a wrong password is said without the password, and the mail is given up in the end', async () => {
  await withFolder(async (folder) => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'not-the-right-one\n', { mode: 0o600 });
    await withServer({ authOptional: false }, async (port, received) => {
      const { notifier, lines } = notifierOf({
        mailServer: '127.0.0.1',
        mailPort: port,
        mailUser: 'cluster',
        mailPasswordFile: passwordFile,
        mailTo: 'root@example.org',
      });
      notifier.note(TAKEOVER);
      await until(() => lines.some((line) => line.includes('given up')));
      assert.equal(received.length, 0);
      assert.equal(lines.length, 2);
      for (const line of lines) assert.doesNotMatch(line, /not-the-right-one/);
    });
  });
});

test('no server there: said with its address; a password never goes unencrypted to another machine', async () => {
  const mail: Mail = { from: 'a@example.org', to: ['b@example.org'], subject: 's', body: 'b' };
  const server = { port: 1, tls: 'auto', connectTimeoutMs: 2000 } as const;
  await assert.rejects(
    sendMail({ ...server, host: '127.0.0.1' }, mail),
    /127\.0\.0\.1 port 1: .*ECONNREFUSED/,
  );
  await withFolder(async (folder) => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD);
    await withServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true }, async (port, received) => {
      // The same machine under a name that does not say so.
      const remote = { ...server, host: '127.1', port, user: 'cluster', passwordFile };
      const local = { ...remote, host: '127.0.0.1' };
      await assert.rejects(sendMail(remote, mail), /127\.1 port/);
      await sendMail(local, mail);
      await assert.rejects(sendMail({ ...local, tls: 'starttls' }, mail), /127\.0\.0\.1 port/);
      await assert.rejects(sendMail({ ...local, passwordFile: join(folder, 'none') }, mail), /password file/);
      assert.equal(received.length, 1);
    });
  });
});

test('beyond the bound of an hour events are only logged, and the last mail says so', async () => {
  const sent: Mail[] = [];
  const problems: string[] = [];
  let nowMs = 0;
  const queue = createMailQueue({
    send: (mail) => Promise.resolve(void sent.push(mail)),
    perHour: () => 3,
    nowMs: () => nowMs,
    problem: (sentence) => problems.push(sentence),
  });
  const mail = { from: 'a', to: ['b'], subject: 's', body: 'b' };
  for (let count = 0; count < 50; count++) queue.add(mail);
  await queue.drain(1000);
  assert.equal(sent.length, 3);
  assert.match(sent[2]?.body ?? '', /further events are only in the log/);
  assert.equal(problems.length, 1);
  nowMs = 3_600_001;
  queue.add(mail);
  await queue.drain(1000);
  assert.equal(sent.length, 4);
});

test('the script runs once per event, in order, one at a time, and one that hangs is ended', async () => {
  await withFolder(async (folder) => {
    const script = join(folder, 'tell');
    const heard = join(folder, 'heard');
    writeFileSync(heard, '');
    writeFileSync(
      script,
      `#!/bin/sh
echo "begin $*" >> ${heard}
echo "$HB_EVENT/$HB_NODE/$HB_GROUP/$HB_OLD/$HB_NEW/$HB_TEXT" >> ${heard}
[ "$1" = fencing ] && sleep 60
echo end >> ${heard}
`,
    );
    chmodSync(script, 0o755);
    const { notifier, lines } = notifierOf({ notifyScript: script, notifyDeadlineMs: 1500 });
    notifier.note(TAKEOVER);
    notifier.note({ ...TAKEOVER, code: 'fencing', about: { node: 'node2', from: 'dead', to: 'fencing' } });
    notifier.note({
      ...TAKEOVER,
      code: 'group-running',
      text: 'group web\u0007 runs\nhere',
      about: { group: 'web', from: 'stopped', to: 'running', failback: true },
    });
    await until(() => readFileSync(heard, 'utf8').split('end\n').length === 3);
    assert.deepEqual(readFileSync(heard, 'utf8').split('\n'), [
      'begin takeover node2 web node2 node1',
      'takeover/node2/web/node2/node1/Taking over resource group web: node2 is dead.',
      'end',
      'begin fencing node2 - dead fencing',
      'fencing/node2/-/dead/fencing/Taking over resource group web: node2 is dead.',
      'begin failback - web stopped running',
      'failback/-/web/stopped/running/group web  runs here',
      'end',
      '',
    ]);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /tell for the event fencing did not end within 1500 ms/);
  });
});

test('a peer that becomes active is told; its other states are not', async () => {
  await withServer({ disabledCommands: ['STARTTLS', 'AUTH'] }, async (port, received) => {
    const { notifier } = notifierOf({ mailServer: '127.0.0.1', mailPort: port, mailTo: 'root@example.org' });
    for (const status of ['up', 'active']) {
      const text = `Status update for node node2: status ${status}`;
      notifier.noteLine({ kind: 'log', level: 'info', code: 'peer-status', text, wallMs: 1_700_000_000_000 });
    }
    await until(() => received.length > 0);
    await notifier.drain();
    assert.equal(received.length, 1);
    assert.match(received[0]?.text ?? '', /Subject: \[heartbeat\] node\d: peer-back node2/);
  });
});
