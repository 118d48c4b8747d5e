/** Runs `heartbeat decode` in this process, with key files in a temporary folder. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { runDecode } from '../../../src/cli/decode.js';
import { negative, positive } from './vectors.js';

export const folder = mkdtempSync(join(tmpdir(), 'heartbeat-decode-'));
after(() => rmSync(folder, { recursive: true }));

export function keyFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
export const SECRET = keyFile('authkeys', 'auth 1\n1 sha1 secretkey\n2 md5 newkey\n3 crc\n');

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

export async function run(argv: readonly string[], input: readonly (string | Uint8Array)[]): Promise<Run> {
  let out = '';
  let errors = '';
  const code = await runDecode(
    argv,
    (async function* () {
      yield* input;
    })(),
    { write: (text: string) => (out += text) },
    { write: (text: string) => (errors += text) },
  );
  return { code, out, errors };
}

/** The objects printed for that input. */
export async function decode(input: string | Uint8Array, keys = SECRET): Promise<Record<string, unknown>[]> {
  const { code, out, errors } = await run(['--json', '--authkeys', keys], [input]);
  assert.equal(errors, '');
  assert.equal(code, 0);
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function hexOf(id: string): string {
  const vector = [...positive, ...negative].find((candidate) => candidate.id === id);
  assert.ok(vector, id);
  return vector.hex;
}
