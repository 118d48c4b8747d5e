import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { readFencingRecord, writeFencingRecord } from '../../../src/daemon/runner/fencing-record.js';

it('the record of fencings is read as it was written; a damaged one counts as empty', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-record-'));
  try {
    assert.deepEqual(readFencingRecord(folder), {});
    const record = { node2: { shotsS: [1_700_000_000, 1_700_000_100], blocked: true } };
    writeFencingRecord(folder, record);
    assert.deepEqual(readFencingRecord(folder), record);
    const timed = { node2: { ...record.node2, offsetS: 1_699_000_000 } };
    writeFencingRecord(folder, timed, 'this boot');
    assert.deepEqual(readFencingRecord(folder, 'this boot'), timed);
    assert.deepEqual(readFencingRecord(folder, 'the next one'), record);
    for (const text of ['', '[]', 'null', '{"node2": {"shotsS": "x"}}', '{"node2": 1}', '{']) {
      writeFileSync(join(folder, 'fencing_record'), text);
      assert.deepEqual(readFencingRecord(folder), {}, text);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
