import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { temporaryFolder } from '../support/scripts.js';
import { RESOURCE_SCRIPTS } from './support/namespace.js';

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

/** A mail server on loopback that refuses the recipient nobody@. */
async function mailServer(t: TestContext): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(address, _session, done) {
      done(address.address.startsWith('nobody@') ? new Error('no such person') : null);
    },
    onData(stream, session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((one) => one.address),
          text,
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, received };
}

/** Calls MailTo where only the programs of a folder are in the PATH: without sendmail and mail unless put there. */
function caller(t: TestContext, ini: string) {
  const folder = temporaryFolder(t);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of [
    'basename',
    'dirname',
    'readlink',
    'mkdir',
    'tr',
    'cksum',
    'cut',
    'uname',
    'date',
    'timeout',
    'rm',
    'cat',
  ])
    symlinkSync(join('/usr/bin', name), join(bin, name));
  symlinkSync(process.execPath, join(bin, 'node'));
  writeFileSync(join(folder, 'heartbeat.ini'), ini);
  const call = (...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      const env = { PATH: bin, HA_DIR: folder, HA_RUN_DIR: folder };
      execFile('/bin/sh', [join(RESOURCE_SCRIPTS, 'MailTo'), ...args], { env }, (error, stdout, stderr) =>
        resolve(`${error?.code ?? 0} ${stdout}${stderr}`.trim()),
      );
    });
  const program = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  return { folder, call, program };
}

test('MailTo gives one mail for the start and one for the stop to the mail server of heartbeat.ini', async (t) => {
  const { port, received } = await mailServer(t);
  const { call } = caller(t, `[mail]\nserver = 127.0.0.1\nport = ${port}\nfrom = cluster@example.org\n`);
  const words = ['root@example.org,second@example.org', 'Web service'];
  assert.equal(await call(...words, 'status'), `3 MailTo ${words[0]} is not running`);
  assert.equal(await call(...words, 'stop'), '0');
  assert.equal(received.length, 0);
  assert.equal(await call(...words, 'start'), '0');
  assert.equal(await call(...words, 'start'), '0');
  assert.equal(await call(...words, 'status'), `0 MailTo ${words[0]} is running`);
  assert.equal(await call(...words, 'stop'), '0');
  assert.equal(await call(...words, 'stop'), '0');
  assert.equal(received.length, 2);
  const [first, second] = received;
  assert.equal(first?.from, 'cluster@example.org');
  assert.deepEqual(first?.to, ['root@example.org', 'second@example.org']);
  assert.match(first?.text ?? '', /^Subject: Web service is started on \S+ at /m);
  assert.match(second?.text ?? '', /^Subject: Web service is stopped on /m);
});

test("MailTo says that a mail could not be sent, with the server's words, and fails nothing", async (t) => {
  const { port } = await mailServer(t);
  const refused = caller(t, `[mail]\nserver = 127.0.0.1\nport = ${port}\n`);
  const answer = await refused.call('nobody@example.org', 'start');
  assert.match(
    answer,
    /^0 MailTo: WARN: the mail "Resource is started on .*" to nobody@example\.org was not sent\./,
  );
  assert.match(answer, /no such person/);
  assert.match(await refused.call('nobody@example.org', 'status'), /^0 .*is running/);
  const closed = caller(t, '[mail]\nserver = 127.0.0.1\nport = 1\n');
  assert.match(await closed.call('root@example.org', 'start'), /^0 [\s\S]*was not sent[\s\S]*ECONNREFUSED/);
  assert.match(await closed.call('-t', 'start'), /^1 .*is no mail address/);
});

test('MailTo gives the mail to sendmail where that is installed', async (t) => {
  const { folder, call, program } = caller(t, '');
  program('sendmail', `{ echo "$@"; cat; } >${folder}/sent`);
  assert.equal(await call('root@example.org', 'Web', 'start'), '0');
  const sent = readFileSync(join(folder, 'sent'), 'utf8');
  assert.match(sent, /^-i -- root@example\.org\nTo: root@example\.org\nSubject: Web is started on /);
});
