/** `npm run demo`: installs and builds as needed, then runs the demonstration (test/lab/demo). */
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/test/lab/demo/main.js');
