/** Ten million datagrams by default: `node dist/test/nightly/fuzz-wire.js [count] [seed]`. */
import { type FuzzSummary, fuzzWire } from './wire-fuzzer.js';

const count = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? 1);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  process.stderr.write('Usage: node dist/test/nightly/fuzz-wire.js [count] [seed], both whole numbers.\n');
  process.exit(2);
}

const BATCH = 250_000;
let done = 0;
let accepted = 0;
try {
  for (let batch = 0; done < count; batch++) {
    const summary: FuzzSummary = fuzzWire(Math.min(BATCH, count - done), seed + batch);
    done += summary.datagrams;
    accepted += summary.accepted;
    process.stdout.write(`${done} datagrams, ${accepted} accepted, last seed ${seed + batch}\n`);
  }
  process.stdout.write(`No fault in ${done} datagrams.\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
