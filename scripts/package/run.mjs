/** Runs a program to its end; throws a sentence with what it said when it fails. Returns its standard output. */
import { spawnSync } from 'node:child_process';

export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  if (done.error?.code === 'ENOENT') {
    const from = { 'dpkg-deb': 'dpkg', strip: 'binutils' }[command] ?? command;
    throw new Error(`${command} is absent: install the package ${from}.`);
  }
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} gave ${done.status ?? done.signal}: ${done.stderr}${done.stdout}`);
  }
  return done.stdout;
}
