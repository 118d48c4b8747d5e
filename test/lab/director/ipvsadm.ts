/**
 * An ipvsadm without a kernel: keeps the table in the file IPVSADM_TABLE, which has the saving form, and notes every
 * call in IPVSADM_TABLE.calls. It obeys the commands that the director uses and refuses what the real one would.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const file = process.env.IPVSADM_TABLE ?? '/run/ipvsadm.table';
const args = process.argv.slice(2);

interface Service {
  options: string;
  readonly destinations: Map<string, string>;
}

const table = new Map<string, Service>();
if (existsSync(file)) for (const line of readFileSync(file, 'utf8').split('\n')) obey(line, true);

switch (args[0]) {
  case '-S':
    note(args.join(' '));
    process.stdout.write(saved());
    break;
  case '-L':
    process.stdout.write(listed());
    break;
  case '-R': {
    const input = readFileSync(0, 'utf8').trim();
    note(`-R\n${input}`);
    for (const line of input.split('\n')) obey(line, false);
    save();
    break;
  }
  case '-C':
    note('-C');
    table.clear();
    save();
    break;
  default:
    note(args.join(' '));
}

function note(text: string): void {
  appendFileSync(`${file}.calls`, `${text}\n`);
}

function obey(line: string, isReading: boolean): void {
  const [, verb = '', name = '', rest = ''] =
    /^(-[AEDaed]) (-[tu] \S+|--sctp-service \S+|-f \d+(?: -6)?) ?(.*)$/.exec(line) ?? [];
  if (verb === '') {
    if (line.trim() !== '') refuse(`unexpected line: ${line}`);
    return;
  }
  const service = table.get(name);
  const [, endpoint = '', options = ''] = /^-r (\S+) ?(.*)$/.exec(rest) ?? [];
  if (verb === '-A' && service !== undefined) refuse('Service already exists');
  if (verb !== '-A' && service === undefined) refuse('Service not defined');
  if (verb === '-a' && service?.destinations.has(endpoint) === true) refuse('Destination already exists');
  if ('-e-d'.includes(verb) && service?.destinations.has(endpoint) !== true) refuse('No such destination');
  if (!isReading && /9999/.test(endpoint)) refuse('Memory allocation problem');
  switch (verb) {
    case '-A':
      table.set(name, { options: rest, destinations: new Map() });
      break;
    case '-E':
      if (service !== undefined) service.options = rest;
      break;
    case '-D':
      table.delete(name);
      break;
    case '-d':
      service?.destinations.delete(endpoint);
      break;
    default:
      // As the real one, which does not save the thresholds.
      service?.destinations.set(endpoint, options.replace(/ -[xy] \d+/g, ''));
  }
}

function refuse(why: string): never {
  save();
  process.stderr.write(`${why}\n`);
  process.exit(255);
}

function saved(): string {
  return [...table]
    .flatMap(([name, { options, destinations }]) => [
      `-A ${name} ${options}\n`,
      ...[...destinations].map(([endpoint, words]) => `-a ${name} -r ${endpoint} ${words}\n`),
    ])
    .join('');
}

function listed(): string {
  const header = 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n';
  return (
    header +
    [...table]
      .flatMap(([name, { destinations }]) => [
        `${name.replace('-t', 'TCP ').replace('-u', 'UDP ').replace('-f', 'FWM ')} rr\n`,
        ...[...destinations.keys()].map((endpoint) => `  -> ${endpoint}  Route   1      3          4\n`),
      ])
      .join('')
  );
}

function save(): void {
  writeFileSync(`${file}.new`, saved());
  renameSync(`${file}.new`, file);
}
