import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { sendVrrpMail } from '../../../src/actions/vrrp-mail.js';

const MAIL = {
  to: ['root@localhost', 'admin@example.org'],
  from: 'keepalived@localhost',
  server: '127.0.0.1',
  port: 25,
  connectTimeoutMs: 2000,
  heloName: 'node1',
} as const;

test('a mail goes to every address, with the subject and body of the change', async () => {
  const heard: string[] = [];
  let text = '';
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom: ({ address }, session, done) => {
      heard.push(`from ${address} helo ${session.hostNameAppearsAs}`);
      done();
    },
    onRcptTo: ({ address }, _session, done) => {
      heard.push(`to ${address}`);
      done();
    },
    onData: (stream, _session, done) => {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => done());
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  try {
    await sendVrrpMail({ ...MAIL, port }, '[node1] VRRP Instance VI_1 - Entering MASTER state', '=> master');
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  assert.deepEqual(heard, [
    'from keepalived@localhost helo node1',
    'to root@localhost',
    'to admin@example.org',
  ]);
  assert.match(text, /^Subject: \[node1\] VRRP Instance VI_1 - Entering MASTER state\r$/m);
  assert.match(text, /^X-Mailer: Keepalived\r$/m);
  assert.match(text, /^=> master\r$/m);
});

test('a server that is not there is named with its port and the subject', async () => {
  await assert.rejects(
    sendVrrpMail({ ...MAIL, port: 1 }, 'the subject', 'body'),
    /127\.0\.0\.1 port 1 did not take "the subject"/,
  );
});
