/** The rehearsal of a loop process: a story that passes through everything a takeover needs, and comes to an end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { step } from '../../../src/core/step.js';
import { rehearsal } from '../../../src/daemon/loop/rehearsal.js';

const TURNS_MAX = 4000;

test('a rehearsal ends by itself, after a handover, a takeover, a failback and an orderly end', () => {
  const said = new Set<string>();
  let turns = 0;
  const story = rehearsal((state, input) => {
    const effects = step(state, input);
    for (const effect of effects) if (effect.kind === 'log') said.add(effect.code);
    return effects;
  });
  while (story.next().done !== true) turns += 1;
  assert.ok(turns < TURNS_MAX, `${turns} turns`);
  for (const code of ['standby-taken', 'peer-dead', 'peer-restart', 'takeover', 'shutdown-complete'])
    assert.ok(said.has(code), code);
});

test('a rehearsal gives the process back after each turn of a core', () => {
  let since = 0;
  const story = rehearsal((state, input) => {
    since += 1;
    return step(state, input);
  });
  // The beginnings of a run and an order of an operator are turns of their own.
  for (let next = story.next(); next.done !== true; next = story.next()) {
    assert.ok(since <= 5, `${since} turns at once`);
    since = 0;
  }
});
