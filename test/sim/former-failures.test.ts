/** Plans that once broke a rule, as the shrinking left them: `test/fixtures/sim/`, a file each, named after what was wrong. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../../src/sim/search/plan.js';
import { runPlan, tellPlan } from '../../src/sim/search/run.js';
import { story } from './support/pair.js';

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/sim', import.meta.url));

describe('plans that once broke a rule', () => {
  for (const file of readdirSync(FOLDER).sort()) {
    it(`${file.replace('.json', '')} breaks none`, () => {
      const plan = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Plan;
      const { violations, sim } = runPlan(plan);
      assert.deepEqual(violations, [], `${tellPlan(plan).join('\n')}\n${story(sim)}`);
    });
  }
});
