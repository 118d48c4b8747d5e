/** `npm run interop:sanity`: BasicSanityCheck of the original's package with the original and with this program. */
import { exitWithParent } from '../lab/lib/index.js';
import { labAbsent } from './support/mixed-cluster.js';
import { originalAbsent } from './support/original-node.js';
import { judgeSanityCheck, runSanityCheck, sanityTable } from './support/sanity-check.js';

const EXIT_ABSENT = 2;

exitWithParent();
const absent = originalAbsent() ?? labAbsent();
if (absent !== undefined) {
  process.stderr.write(`No check here: ${absent}\n`);
  process.exit(EXIT_ABSENT);
}
const [original, ours] = await Promise.all([runSanityCheck('original'), runSanityCheck('ours')]);
process.stdout.write(`${sanityTable(original, ours)}\n`);
const mine = judgeSanityCheck(ours);
const worse = [...judgeSanityCheck(original)].filter(([part, passed]) => passed && mine.get(part) !== true);
process.stdout.write(`${worse.length} parts fail that the original passes on this machine\n`);
process.exit(worse.length > 0 ? 1 : 0);
