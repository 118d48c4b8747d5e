import { describe, it } from 'node:test';
import { runScriptOperation, type ScriptContext, type ScriptRequest } from '../../src/actions/scripts.js';
import { createCaptureKeeper } from '../../src/actions/scripts-capture.js';
import { scriptEnvironment } from '../../src/actions/scripts-environment.js';
import { sampleConfig } from '../support/configuration.js';
import { temporaryFolder, writeScript } from '../support/scripts.js';
import { type GoldenFolder, goldenFolders } from './support/golden.js';

const SHOWN_LINES = 3;
const SHOWN_LENGTH = 60;

/** Calls a real script as the folder's calls.txt says (`VERB [DEADLINE_MS]` a line) and tells what came of it. */
async function tell(folder: GoldenFolder, configDir: string): Promise<string> {
  const lines: string[] = [];
  let printed: string[] = [];
  const paths = { configDir, stateDir: configDir, runDir: configDir, programDir: `${configDir}/program` };
  const context: ScriptContext = {
    folders: { ...paths, initDir: `${configDir}/init.d` },
    environment: (own) => scriptEnvironment(sampleConfig(), paths, process.env, own),
    workingDirectory: configDir,
    statusDeadlineMs: 20_000,
    log: (level, _code, text) => lines.push(`  log ${level}: ${text}`),
    output: (line) => printed.push(line),
    captures: createCaptureKeeper(),
  };
  for (const call of folder.read('calls.txt').split('\n')) {
    if (call === '' || call.startsWith('#')) continue;
    const [verb = '', deadline = '20000'] = call.split(' ');
    lines.push(verb);
    printed = [];
    const request: ScriptRequest = {
      verb: verb as ScriptRequest['verb'],
      deadlineMs: Number(deadline),
      environment: {},
      resource: { word: 'thing', type: 'thing', args: [] },
    };
    const result = await runScriptOperation(request, context);
    const shown = printed.slice(0, SHOWN_LINES).map((line) => `  printed ${line.slice(0, SHOWN_LENGTH)}`);
    const last = printed.at(-1) ?? '';
    if (printed.length > SHOWN_LINES)
      shown.push(`  printed, in all ${printed.length} lines, at last ${last}`);
    lines.push(...shown, `  result ${JSON.stringify(result)}`);
  }
  const text = `${lines.join('\n')}\n`;
  return text.replaceAll(configDir, 'CONFIG').replaceAll(/within \d+ ms/g, 'within N ms');
}

describe('real scripts, well and badly behaved', () => {
  for (const folder of goldenFolders('scripts')) {
    it(folder.name.replaceAll('-', ' '), async (t) => {
      const configDir = temporaryFolder(t);
      if (folder.has('script')) writeScript(configDir, 'thing', folder.read('script'));
      folder.compare(await tell(folder, configDir));
    });
  }
});
