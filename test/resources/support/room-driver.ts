/** The process inside a room: one JSON question a line on standard input, one JSON answer a line on standard output. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runScriptOperation, type ScriptContext, type ScriptRequest } from '../../../src/actions/scripts.js';
import { createCaptureKeeper } from '../../../src/actions/scripts-capture.js';
import { scriptEnvironment } from '../../../src/actions/scripts-environment.js';
import { readResource } from '../../../src/config/haresources/words.js';
import { Problems } from '../../../src/config/problems.js';
import { sampleConfig } from '../../support/configuration.js';
import { repositoryRoot } from '../../support/root.js';
import { ROOM } from './room.js';

interface Question {
  readonly shell?: string;
  readonly verb?: ScriptRequest['verb'];
  readonly word?: string;
}

const configDir = join(ROOM, 'ha.d');
const paths = { configDir, stateDir: ROOM, runDir: ROOM, programDir: repositoryRoot() };
const context: ScriptContext = {
  folders: { ...paths, initDir: join(ROOM, 'init.d') },
  environment: (own) => {
    const base = scriptEnvironment(sampleConfig(), paths, process.env, own);
    return { ...base, PATH: `${join(ROOM, 'bin')}:${base.PATH}` };
  },
  workingDirectory: ROOM,
  statusDeadlineMs: 20_000,
  log: () => undefined,
  output: (line) => process.env.ROOM_VERBOSE === undefined || process.stderr.write(`${line}\n`),
  captures: createCaptureKeeper(),
};

async function answer({ shell, verb, word }: Question): Promise<unknown> {
  if (shell !== undefined) {
    const run = spawnSync('sh', ['-c', shell], { encoding: 'utf8', cwd: ROOM });
    return { code: run.status ?? 1, output: `${run.stdout}${run.stderr}`.trim() };
  }
  if (verb === undefined || word === undefined) return { code: 1, output: 'no such question' };
  const resource = readResource({ text: word, line: 1, column: 1 }, false, new Problems('haresources'));
  return await runScriptOperation({ verb, deadlineMs: 60_000, environment: {}, resource }, context);
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
