/** The six rules of the house (README, "Six rules"), and a few more that keep it tidy. Each checker is tried on a wrong example. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repositoryRoot } from '../../support/root.js';
import { wrongDirections } from './support/rooms.js';
import {
  foreignCalls,
  impurities,
  LINES_MAX,
  LOOP_EXCEPTIONS,
  leftovers,
  longFiles,
  loopBlockers,
  machinePaths,
  stepCallers,
  unitlessNumbers,
} from './support/rules.js';
import { projectSources, projectTexts, type SourceFile, sourceFile } from './support/source.js';

const LOOP_ENTRY = 'src/daemon/loop/main.ts';
const sources = projectSources('src');
const all = [...sources, ...projectSources('test')];

interface Rule {
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly check: (files: readonly SourceFile[]) => readonly string[];
  /** Path, text and number of violations. */
  readonly wrong: readonly (readonly [path: string, text: string])[];
  readonly violations: number;
}

const RULES: readonly Rule[] = [
  {
    name: 'rooms import in one direction',
    files: sources,
    check: wrongDirections,
    wrong: [
      ['src/core/a.ts', "import { b } from '../links/b.js';\nimport type { C } from '../config/c.js';\n"],
      ['src/core/d.ts', "import {\n  type C,\n  c,\n} from '../config/c.js';\n"],
      ['src/wire/e.ts', "export type { F } from '../daemon/f.js';\nconst g = import('../core/g.js');\n"],
      ['src/attic/h.ts', ''],
    ],
    violations: 5,
  },
  {
    name: 'core, wire and sim have no clock, chance, environment, file, timer or child, and are synchronous',
    files: sources,
    check: impurities,
    wrong: [
      ['src/core/a.ts', "import { readFileSync } from 'node:fs';\nconst now = Date.now();\n"],
      ['src/wire/b.ts', "import { createHmac } from 'node:crypto';\nexport const c = randomBytes(8);\n"],
      ['src/sim/d.ts', '// Date.now() in a comment\nsetTimeout(f, 1);\nconst e = process.env;\n'],
    ],
    violations: 5,
  },
  {
    name: 'the daemon calls the step of the core in one place',
    files: sources,
    check: (files) => stepCallers(files, 'src/daemon/'),
    wrong: [['src/daemon/a.ts', "import { step } from '../core/step.js';\nstep(s, i);\nstep(s, j);\n"]],
    violations: 1,
  },
  {
    name: 'the simulator calls the step of the core in one place',
    files: sources,
    check: (files) => stepCallers(files, 'src/sim/'),
    wrong: [['src/sim/a.ts', 'export const never = 1;\n']],
    violations: 1,
  },
  {
    name: 'the loop process loads neither files nor child processes, but for the listed exceptions',
    files: sources,
    check: (files) => loopBlockers(files, LOOP_ENTRY, LOOP_EXCEPTIONS),
    wrong: [
      [LOOP_ENTRY, "import { a } from '../a.js';\nimport type { X } from 'node:fs';\n"],
      ['src/daemon/a.ts', "import { spawn } from 'node:child_process';\n"],
      ['src/daemon/b.ts', "import { readFileSync } from 'node:fs';\n"],
    ],
    violations: 1,
  },
  {
    name: 'only src/system calls the kernel through FFI',
    files: all,
    check: foreignCalls,
    wrong: [
      ['src/links/a.ts', "import koffi from 'koffi';\n"],
      ['src/system/b.ts', "import koffi from 'koffi';\n"],
    ],
    violations: 1,
  },
  {
    name: `every file has less than ${LINES_MAX} lines`,
    files: all,
    check: longFiles,
    wrong: [['src/core/a.ts', 'x;\n'.repeat(LINES_MAX)]],
    violations: 1,
  },
  {
    name: 'nothing is left for later, and no type is any',
    files: all,
    check: leftovers,
    wrong: [['src/core/a.ts', `// ${'TO'}DO: think\nconst a = b ${'as'} any;\nlet c: ${'any'};\n`]],
    violations: 3,
  },
  {
    name: 'durations carry their unit in their name',
    files: all,
    check: unitlessNumbers,
    wrong: [['src/core/a.ts', 'interface A { readonly timeout: number; readonly delayMs: number }\n']],
    violations: 1,
  },
];

for (const rule of RULES) {
  test(`tidy: ${rule.name}`, () => {
    assert.deepEqual(rule.check(rule.files), []);
    const wrong = rule.check(rule.wrong.map(([path, text]) => sourceFile(path, text)));
    assert.equal(wrong.length, rule.violations, `the checker finds the wrong example: ${wrong.join('; ')}`);
  });
}

test('tidy: every exception of the loop process is in use', () => {
  for (const exception of LOOP_EXCEPTIONS) {
    const others = LOOP_EXCEPTIONS.filter((one) => one !== exception);
    assert.equal(loopBlockers(sources, LOOP_ENTRY, others).length, 1, `${exception.file} does not need it`);
  }
});

test('tidy: no file holds a path of one machine', () => {
  const texts = projectTexts(
    'src',
    'test',
    'bin',
    'etc',
    'resource.d',
    'scripts',
    'docs',
    '.ci',
    'README.md',
  );
  assert.deepEqual(machinePaths(texts, repositoryRoot()), []);
  const wrong = [{ path: 'a', text: `cd ${repositoryRoot()}/dist\ncd /${'home'}/somebody\n` }];
  assert.equal(machinePaths(wrong, repositoryRoot()).length, 2);
});
