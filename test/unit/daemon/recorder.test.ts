import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serialize } from 'node:v8';
import { runReplay } from '../../../src/cli/replay.js';
import type { Input } from '../../../src/core/input.js';
import { createState } from '../../../src/core/state.js';
import { step } from '../../../src/core/step.js';
import { LoopRecorder } from '../../../src/daemon/loop/recorder.js';
import { resolvePaths } from '../../../src/daemon/paths.js';
import type { Recorded, SegmentHead } from '../../../src/daemon/recorder/format.js';
import { createRecorder, recorderFiles } from '../../../src/daemon/runner/recorder.js';
import { sampleConfig, scriptGroup } from '../../support/configuration.js';
import { until } from '../../support/scripts.js';

const SECRET = 'the-password-of-the-switch';

/** A core that boots and ticks for a while, recorded; the messages to the runner. */
function recordedRun(): { heads: SegmentHead[]; inputs: Recorded[] } {
  const heads: SegmentHead[] = [];
  const inputs: Recorded[] = [];
  const recorder = new LoopRecorder(
    {
      pendingBytes: 0,
      runners: 1,
      send(message) {
        if (message.kind === 'recorderSegment') heads.push(message.head);
        else inputs.push(...message.inputs);
      },
    },
    true,
  );
  const stonith = [{ type: 'external/ipmi', parameters: `node2 10.0.1.2 admin ${SECRET} lan`, line: 1 }];
  const state = createState(sampleConfig({ groups: [scriptGroup('web')], stonith }), {
    program: '4.0.0',
    generation: 7,
    uuid: '1'.repeat(32),
    nonce: '0'.repeat(16),
    seed: 1,
    peerGenerations: {},
  });
  for (let turn = 0; turn < 300; turn++) {
    const moment = { nowMs: 1000 + turn * 100.25, wallS: 1_700_000_000 + Math.floor(turn / 10) };
    const input: Input = { kind: turn === 0 ? 'boot' : 'tick', ...moment };
    recorder.before(state, input);
    recorder.after(step(state, input));
    recorder.settle();
  }
  recorder.flush();
  return { heads, inputs };
}

describe('the flight recorder', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hb-recorder-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function replay(file: string): Promise<{ code: number; out: string }> {
    const lines: string[] = [];
    const write = (text: string): void => void lines.push(text);
    const paths = resolvePaths({ stateDir: folder }, {});
    const code = await runReplay([file], paths, { out: write, err: write, terminal: false });
    return { code, out: lines.join('\n') };
  }

  it('holds no secret, and plays again with identical effects, also when the last line was cut off', async () => {
    const { heads, inputs } = recordedRun();
    assert.equal(heads.length, 1);
    assert.equal(inputs.length, 300);
    const [head] = heads;
    assert.ok(head);
    const recorder = createRecorder(
      folder,
      () => ({ maxBytes: 10_000_000, maxAgeMs: 3_600_000 }),
      assert.fail,
    );
    recorder.begin(head);
    recorder.add(inputs);
    recorder.close();
    const file = join(folder, 'recorder', `${String(head.wallMs).padStart(15, '0')}.jsonl`);
    const written = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
    await until(() => written().length === 302, 'it is written');
    appendFileSync(file, JSON.stringify(inputs[5]).slice(0, 30));
    const first = JSON.parse(written()[0] ?? '') as SegmentHead;
    assert.equal(Buffer.from(first.image, 'base64').includes(SECRET), false);
    assert.equal(readFileSync(file, 'utf8').includes(SECRET), false);
    const { code, out } = await replay(file);
    assert.equal(code, 0, out);
    assert.match(out, /1 recordings, 300 inputs, \d+ effects: identical to what the node did\.$/);
  });

  it('a turn that asks for something else is told, with exit status 1', async () => {
    const { heads, inputs } = recordedRun();
    const file = join(folder, 'other.jsonl');
    const changed = inputs.map((line, at) => (at === 40 ? [line[0], line[1], line[2], '12345678'] : line));
    writeFileSync(file, [...heads, ...changed].map((line) => JSON.stringify(line)).join('\n'));
    const { code, out } = await replay(file);
    assert.equal(code, 1);
    assert.match(out, /DIFFERENT after tick/);
    assert.match(out, /1 turns asked for something else than on the node\.$/);
  });

  it('a file that is no recording is named', async () => {
    const file = join(folder, 'none.jsonl');
    writeFileSync(file, '{"a":1}\n');
    const { code, out } = await replay(file);
    assert.equal(code, 1);
    assert.match(out, /none\.jsonl is no recording: its first line is not the head of one\./);
    assert.equal((await replay(join(folder, 'absent'))).code, 2);
  });

  it('all files together stay within their bound: the oldest goes', async () => {
    const [head] = recordedRun().heads;
    assert.ok(head);
    const problems: string[] = [];
    const recorder = createRecorder(
      folder,
      () => ({ maxBytes: 25_000, maxAgeMs: 3_600_000 }),
      (sentence) => problems.push(sentence),
    );
    const nowMs = Date.now();
    const row: Recorded = [1, 2, { kind: 'linkHealth', link: 'x'.repeat(9000), up: true, reason: '' }, '0'];
    const small = { ...head, image: serialize(null).toString('base64') };
    for (let at = 0; at < 6; at++) {
      recorder.begin({ ...small, wallMs: nowMs + at });
      recorder.add([row]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    recorder.close();
    const files = recorderFiles(join(folder, 'recorder'));
    assert.ok(files.length <= 4, files.join(' '));
    assert.match(files.at(-1) ?? '', new RegExp(`${nowMs + 5}\\.jsonl$`));
    assert.deepEqual(problems, []);
  });
});
