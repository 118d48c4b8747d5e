import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder that is removed when the test ends. */
export function temporaryFolder(t: { after(task: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a resource script below CONFIG_DIR/resource.d and returns its path. */
export function writeScript(configDir: string, name: string, body: string | Buffer, mode = 0o755): string {
  const folder = join(configDir, 'resource.d');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, body);
  chmodSync(path, mode);
  return path;
}

/** Waits until the condition holds; fails after `limitMs` with the sentence. */
export async function until(condition: () => boolean, sentence: string, limitMs = 10_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited in vain: ${sentence}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
