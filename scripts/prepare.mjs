/**
 * What `npm test` and `npm run demo` do first: install the packages when package-lock.json changed since the last
 * install, and build when a source is newer than the last build. Plain JavaScript without a dependency, since it runs
 * before there is any.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const LOCK_FILE = join(root, 'package-lock.json');
const INSTALL_STAMP = join(root, 'node_modules', '.heartbeat-installed');
const BUILD_STAMP = join(root, 'dist', '.heartbeat-built');
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const OLDEST_NODE = 20;

/** Installs and builds as needed; ends this process with a sentence when that fails. */
export async function prepare() {
  checkMachine();
  const lock = readFileSync(LOCK_FILE, 'utf8');
  const wanted = createHash('sha256').update(`${process.platform} ${process.arch}\n${lock}`).digest('hex');
  if (!isInstalled(lock, wanted)) {
    say('installing the packages (npm ci --include=dev)');
    const npm = process.env.npm_execpath;
    const command = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
    const code = await run([...command, 'ci', '--include=dev']);
    if (code !== 0) fail(`"npm ci --include=dev" ended with ${code}; its own message is above.`);
  }
  if (!hasStamp(wanted)) writeFileSync(INSTALL_STAMP, `${wanted}\n`);
  if (isBuilt()) return;
  say('building (tsc)');
  const begunS = Date.now() / 1000;
  const code = await run([process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root]);
  if (code !== 0) {
    rmSync(BUILD_STAMP, { force: true });
    fail('the build failed; the compiler says above which line.');
  }
  mkdirSync(dirname(BUILD_STAMP), { recursive: true });
  writeFileSync(BUILD_STAMP, '');
  // A file saved while the compiler ran is newer than this.
  utimesSync(BUILD_STAMP, begunS, begunS);
}

function checkMachine() {
  if (process.platform !== 'linux') fail(`this program runs on Linux; this machine runs ${process.platform}.`);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    fail(`Node.js ${OLDEST_NODE} or newer is needed (package nodejs); this is ${process.version}.`);
  }
}

function hasStamp(wanted) {
  return existsSync(INSTALL_STAMP) && readFileSync(INSTALL_STAMP, 'utf8').trim() === wanted;
}

function isInstalled(lock, wanted) {
  if (existsSync(INSTALL_STAMP)) return hasStamp(wanted);
  // Somebody ran npm ci by hand: npm leaves a list of what it installed.
  const listed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(listed)) return false;
  const installed = JSON.parse(readFileSync(listed, 'utf8')).packages;
  return Object.entries(JSON.parse(lock).packages).every(
    ([name, entry]) => name === '' || entry.optional === true || installed[name]?.integrity === entry.integrity,
  );
}

function isBuilt() {
  if (!existsSync(BUILD_STAMP)) return false;
  const builtMs = statSync(BUILD_STAMP).mtimeMs;
  if (['tsconfig.json', 'package.json'].some((name) => statSync(join(root, name)).mtimeMs >= builtMs)) return false;
  if (statSync(INSTALL_STAMP).mtimeMs >= builtMs) return false;
  return ['src', 'test'].every((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true }).every((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      if (!entry.isDirectory() && !entry.name.endsWith('.ts')) return true;
      if (!entry.isDirectory()) return statSync(path).mtimeMs < builtMs && existsSync(compiled(path));
      return true;
    }),
  );
}

/** Where the compiler puts a source. */
function compiled(path) {
  return join(root, 'dist', path.slice(root.length + 1).replace(/\.ts$/, '.js'));
}

/** Runs a command in the checkout with our terminal; a signal to us ends it first. Gives its exit code. */
function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
      const handler = () => {
        child.kill(signal);
        process.exit(code);
      };
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    const end = (code) => {
      for (const remove of handlers) remove();
      resolve(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      end(127);
    });
    child.on('exit', (code, signal) => end(code ?? signal));
  });
}

function say(text) {
  process.stderr.write(`heartbeat: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
