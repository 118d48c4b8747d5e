import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEventList, eventFile, readEvents } from '../../../src/daemon/runner/events.js';
import { temporaryFolder } from '../../support/scripts.js';

const event = (number: number) => ({ code: 'x', text: `event ${number}`, wallMs: number });
const texts = (events: readonly { readonly text: string }[]) => events.map(({ text }) => text);

test('the journal outlives a restart, subject and all, and only root may read it', async (t) => {
  const folder = temporaryFolder(t);
  const first = createEventList(folder, assert.fail);
  first.add({ ...event(1), about: { group: 'web', to: 'running' } });
  first.add(event(2));
  await first.drain();
  const second = createEventList(folder, assert.fail);
  assert.deepEqual(second.last(10), [{ ...event(1), about: { group: 'web', to: 'running' } }, event(2)]);
  assert.equal(statSync(eventFile(folder)).mode & 0o777, 0o600);
});

test('a line that a crash cut off costs that line alone', async (t) => {
  const folder = temporaryFolder(t);
  const first = createEventList(folder, assert.fail);
  first.add(event(1));
  await first.drain();
  appendFileSync(eventFile(folder), '{"code":"x","text":"half');
  const second = createEventList(folder, assert.fail);
  second.add(event(2));
  await second.drain();
  assert.deepEqual(texts(createEventList(folder, assert.fail).last(10)), ['event 1', 'event 2']);
  for (const line of ['null', '[]', '{"code":1}', '\u0000']) appendFileSync(eventFile(folder), `${line}\n`);
  assert.deepEqual(texts(readEvents(eventFile(folder)).events), ['event 1', 'event 2']);
});

test('neither the memory nor the file grows without a bound', async (t) => {
  const folder = temporaryFolder(t);
  const journal = createEventList(folder, assert.fail, 10);
  for (let number = 1; number <= 100; number++) {
    journal.add(event(number));
    if (number % 7 === 0) await journal.drain();
  }
  await journal.drain();
  assert.deepEqual(texts(journal.last(500)), texts(Array.from({ length: 10 }, (_, at) => event(91 + at))));
  assert.ok(readFileSync(eventFile(folder), 'utf8').split('\n').length <= 21);
  assert.deepEqual(texts(createEventList(folder, assert.fail, 10).last(500)), texts(journal.last(500)));
});

test('a journal that cannot be written stays in memory, and that is said', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(eventFile(folder));
  const said: string[] = [];
  const journal = createEventList(folder, (sentence) => said.push(sentence));
  journal.add(event(1));
  await journal.drain();
  assert.deepEqual(texts(journal.last(5)), ['event 1']);
  assert.match(said.join(), /^The event journal cannot be written: .*\.$/);
  assert.equal(createEventList(join(folder, 'absent'), assert.fail).last(1).length, 0);
});
