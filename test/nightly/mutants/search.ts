/** `search SEEDS`: the random search in one (changed) copy of the program until the first seed that fails. */
import { runSeed } from '../../../src/sim/search/run.js';

const FENCED_EVERY = 4;
const seeds = Number(process.argv[2]);
let answer = 'missed';
for (let seed = 1; seed <= seeds && answer === 'missed'; seed++) {
  const { violations, broken } = runSeed(seed, { fencing: seed % FENCED_EVERY === 0 });
  const sentence = (violations[0] ?? '').split('\n')[0] ?? '';
  if (violations.length > 0)
    answer = `caught at seed ${seed} by ${broken.join(', ')}: ${sentence.slice(0, 110)}`;
}
console.log(answer);
