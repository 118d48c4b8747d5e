/** `npm test`: installs and builds as needed, then runs the tests (test/run.ts). */
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/test/run.js');
