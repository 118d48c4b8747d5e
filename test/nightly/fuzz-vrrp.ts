/** Ten million mutated adverts by default: `node dist/test/nightly/fuzz-vrrp.js [count] [seed]`. */
import { fuzzVrrp } from './vrrp-fuzzer.js';

const count = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? 1);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  process.stderr.write('Usage: node dist/test/nightly/fuzz-vrrp.js [count] [seed], both whole numbers.\n');
  process.exit(2);
}

const BATCH = 250_000;
let done = 0;
let whole = 0;
let authentic = 0;
try {
  for (let batch = 0; done < count; batch++) {
    const summary = fuzzVrrp(Math.min(BATCH, count - done), seed + batch);
    done += summary.packets;
    whole += summary.whole;
    authentic += summary.authentic;
    process.stdout.write(
      `${done} packets, ${whole} whole, ${authentic} authentic, last seed ${seed + batch}\n`,
    );
  }
  process.stdout.write(`No fault in ${done} packets.\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
