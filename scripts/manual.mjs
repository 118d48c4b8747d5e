/** `npm run manual`: writes the manual and the completion, made from the tables of the program, into build/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const { manualFiles } = await import('../dist/src/manual/files.js');
for (const [name, text] of Object.entries(manualFiles())) {
  const path = join(root, 'build', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
