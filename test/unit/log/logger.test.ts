import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { classicLine, jsonLine } from '../../../src/log/format.js';
import { createDaemonLog } from '../../../src/log/logger.js';
import { temporaryFolder, until } from '../../support/scripts.js';

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

test('a line has the form of the original and cannot be forged with a newline', () => {
  const wallMs = new Date(2026, 10, 21, 2, 3, 15).getTime();
  const record = { level: 'info', code: 'x', text: 'a\nb', wallMs, pid: 13 } as const;
  assert.equal(classicLine(record, 'node1'), 'Nov 21 02:03:15 node1 heartbeat: [13]: info: a b');
  assert.match(classicLine({ ...record, level: 'warn' }, 'n'), /\[13\]: WARN: /);
  assert.equal(JSON.parse(jsonLine(record, 'node1')).text, 'a\nb');
});

test('the log file has everything but debug, the debug file has everything', async (t) => {
  const folder = temporaryFolder(t);
  const [logfile, debugfile] = [join(folder, 'log'), join(folder, 'debug')];
  const sent: string[] = [];
  const log = await createDaemonLog({
    node: 'node1',
    targets: { logfile, debugfile, facility: 'local0', debug: 1 },
    format: 'classic',
    terminal: false,
    syslog: (facility, severity, text) => {
      sent.push(`${facility} ${severity} ${text}`);
      return true;
    },
  });
  log.log('info', 'a', 'one');
  log.log('debug', 'b', 'two');
  log.output('web: three');
  await log.close();
  assert.match(read(logfile), /^.{15} node1 heartbeat: \[\d+\]: info: one\n$/);
  assert.deepEqual(read(debugfile).match(/one|two|three/g), ['one', 'two', 'three']);
  assert.deepEqual(sent, ['local0 6 info: one']);
});

test('a log file that was renamed is opened anew without a signal, at once after reopen', async (t) => {
  const logfile = join(temporaryFolder(t), 'log');
  const log = await createDaemonLog({
    node: 'n',
    targets: { logfile, debug: 0 },
    format: 'json',
    terminal: false,
  });
  log.log('info', 'a', 'before');
  await until(() => read(logfile).includes('before'), 'the first line is in the file');
  renameSync(logfile, `${logfile}.1`);
  log.reopen();
  log.log('info', 'a', 'after');
  await until(() => read(logfile).includes('after'), 'the new file has the next line');
  assert.doesNotMatch(read(`${logfile}.1`), /after/);
  await log.close();
});

test('a full disk is said once through syslog and stops nothing', async () => {
  const said: string[] = [];
  const log = await createDaemonLog({
    node: 'n',
    targets: { logfile: '/dev/full', debug: 0 },
    format: 'classic',
    terminal: false,
    syslog: (_facility, _severity, text) => said.push(text) > 0,
  });
  log.log('info', 'a', 'one');
  await until(() => said.length === 1, 'the trouble is said');
  log.log('info', 'a', 'two');
  await log.close();
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /ERROR: Cannot write the log file \/dev\/full \(1 lines lost\): ENOSPC/);
});

test('with neither file nor facility the system log takes the lines, as "daemon"', async () => {
  const sent: string[] = [];
  const log = await createDaemonLog({
    node: 'n',
    targets: { debug: 0 },
    format: 'classic',
    terminal: false,
    syslog: (facility, _severity, text) => sent.push(`${facility} ${text}`) > 0,
  });
  log.log('notice', 'a', 'one');
  await log.close();
  assert.deepEqual(sent, ['daemon notice: one']);
});
