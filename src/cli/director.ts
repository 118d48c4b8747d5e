/** `heartbeat director FILE start|stop|status|monitor`: an ldirectord.cf as a resource, without the Perl program. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { compiledFile, type Paths, pathEnvironment } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';

const USAGE = 'usage: heartbeat director FILE start|stop|status|monitor   (FILE: an ldirectord.cf)';
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 60_000;
const POLL_MS = 50;
/** Of the original's status. */
const NOT_RUNNING = 3;

/** A bare name is looked for where ldirectord looks: the configuration directory, then its conf folder. */
function placeOf(file: string, paths: Paths): string {
  return isAbsolute(file) ? file : join(paths.configDir, file);
}

export async function runDirector(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const [file, verb, ...more] = argv;
  if (file === undefined || verb === undefined || more.length > 0) {
    output.err(USAGE);
    return EXIT.usage;
  }
  const folder = join(paths.runDir, 'directors');
  const pidFile = join(folder, `${file.replaceAll(/[^\w.,@-]/g, '_')}.pid`);
  const pid = runningPid(pidFile);
  switch (verb) {
    case 'status':
    case 'monitor':
      output.out(
        pid === undefined ? 'ldirectord is stopped (not running)' : `ldirectord is running [pid ${pid}]`,
      );
      return pid === undefined ? NOT_RUNNING : EXIT.ok;
    case 'start':
      if (pid !== undefined) return EXIT.ok;
      mkdirSync(folder, { recursive: true, mode: 0o750 });
      return await start(placeOf(file, paths), pidFile, paths, output);
    case 'stop':
      return pid === undefined ? EXIT.ok : await stop(pid, pidFile, output);
    default:
      output.err(USAGE);
      return EXIT.usage;
  }
}

/** Starts the process and waits until it says that it works, or what is wrong. */
function start(file: string, pidFile: string, paths: Paths, output: Output): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [compiledFile('daemon', 'director', 'standalone.js'), file, pidFile],
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
        cwd: '/',
        env: { ...process.env, ...pathEnvironment(paths) },
      },
    );
    let said = '';
    const end = (code: number, sentence?: string): void => {
      clearTimeout(timer);
      for (const line of said.split('\n'))
        if (line !== '' && line !== 'ready') output.err(`ldirectord: ${line}`);
      if (sentence !== undefined) output.err(`ldirectord: ERROR: ${sentence}`);
      child.stdout.destroy();
      child.unref();
      resolve(code);
    };
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      end(EXIT.other, `${file}: the director was not ready within ${START_LIMIT_MS / 1000} s.`);
    }, START_LIMIT_MS);
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      said += text;
      if (said.split('\n').includes('ready')) end(EXIT.ok);
    });
    child.once('error', (error) => end(EXIT.other, `the director cannot be started: ${error.message}.`));
    child.once('exit', (code) => end(code ?? EXIT.other));
  });
}

async function stop(pid: number, pidFile: string, output: Output): Promise<number> {
  process.kill(pid, 'SIGTERM');
  const limitMs = performance.now() + STOP_LIMIT_MS;
  while (runningPid(pidFile) === pid && performance.now() < limitMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (runningPid(pidFile) !== pid) return EXIT.ok;
  output.err(
    `ldirectord: ERROR: the director (process ${pid}) did not end within ${STOP_LIMIT_MS / 1000} s.`,
  );
  return EXIT.other;
}

/** The process of the pid file, if it is a director. */
function runningPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'latin1').trim());
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return Number.isSafeInteger(pid) && /standalone\.js|heartbeat: ldirectord/.test(command)
      ? pid
      : undefined;
  } catch {
    return undefined;
  }
}
