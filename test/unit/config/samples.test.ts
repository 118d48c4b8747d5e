import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { INI_ROWS } from '../../../src/config/ini/keywords.js';
import { sampleSettings } from '../../../src/config/ini/sample.js';
import { repositoryRoot } from '../../support/root.js';
import { codes, judge } from './support.js';

const sample = (name: string): string => readFileSync(join(repositoryRoot(), 'etc', name), 'utf8');

/** The sample with its commented-out lines in force: those whose first word is not prose. */
function uncommented(text: string, pattern: RegExp): string {
  return text
    .split('\n')
    .map((line) => (pattern.test(line) ? line.slice(1) : line))
    .join('\n');
}

describe('the samples of etc/', () => {
  it('ha.cf and haresources are accepted as they stand', () => {
    const judged = judge({ haCf: sample('ha.cf'), haresources: sample('haresources') });
    assert.deepEqual(codes(judged, 'error'), []);
    assert.deepEqual(codes(judged, 'warning'), ['single-link']);
  });

  it('the examples of haresources are good lines', () => {
    const judged = judge({
      haCf: sample('ha.cf'),
      haresources: uncommented(sample('haresources'), /^#node\d /),
    });
    assert.deepEqual(codes(judged, 'error'), []);
    assert.equal(judged.config?.groups.length, 2);
  });

  it('authkeys refuses to start until a secret is set, and is good then', () => {
    assert.deepEqual(codes(judge({ authkeys: sample('authkeys') }), 'error'), ['no-auth-line']);
    const set = uncommented(sample('authkeys'), /^#(auth \d|1 sha1)/);
    assert.deepEqual(codes(judge({ authkeys: set }), 'error'), []);
  });

  it('heartbeat.ini is the text made from the table', () => {
    assert.equal(sample('heartbeat.ini'), sampleSettings());
  });

  it('heartbeat.ini with all keys uncommented comes to the defaults', () => {
    const all = uncommented(sample('heartbeat.ini'), /^;/);
    const judged = judge({ ini: all });
    assert.deepEqual(codes(judged, 'error'), []);
    // A deadline that is written wins over an agent's own, even where it is the default.
    assert.deepEqual(judged.config?.settings.writtenDeadlines, ['start', 'stop', 'status']);
    assert.deepEqual({ ...judged.config?.settings, writtenDeadlines: [] }, judge({}).config?.settings);
    for (const row of INI_ROWS) assert.match(all, new RegExp(`^${row.key} = `, 'm'));
  });
});
