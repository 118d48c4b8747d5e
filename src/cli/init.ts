/** `heartbeat init`: asks, or takes flags, and writes a sound configuration for a pair of nodes. */
import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import { judge } from './check.js';
import { diagnosticText } from './check-print.js';
import {
  answers,
  findInterfaces,
  findSerialDevices,
  findWatchdog,
  type Interface,
  interfaceFor,
  measure,
} from './init-machine.js';
import {
  authkeysText,
  deadtimeFor,
  haCfText,
  haresourcesText,
  missingForSafety,
  nextSteps,
  type Plan,
} from './init-plan.js';
import { type NewFile, writeFiles } from './init-write.js';
import type { Output } from './output.js';

const USAGE = `usage: heartbeat init [--peer NAME --address IP[/PREFIX[/INTERFACE]]] [further flags]
Writes ha.cf, haresources and authkeys for two nodes, this one and NAME, into the configuration directory. What is not
given is asked for, if there is a terminal.
  --peer NAME            the other node, as "uname -n" prints it there
  --peer-address IP      where it is reached now, to measure the way (may be repeated; otherwise NAME is looked up)
  --address IP/PREFIX    the address that moves between the nodes
  --service NAME         a service that moves with it (a script, ocf:..., systemd:...; may be repeated)
  --link INTERFACE       an interface for heartbeats (may be repeated; otherwise two with a cable are taken)
  --serial DEVICE        a null-modem cable to the other node
  --deadtime SECONDS     silence after which a node counts as dead (otherwise from the measurement)
  --auto-failback on|off whether services go back by themselves (otherwise off)
  --force                replace files that are there; copies are kept
Exit status: 0 written, 1 not written, 2 wrong usage, 6 the result would be no good configuration.`;

type Flags = Exclude<ReturnType<typeof readFlags>, string>;
/** Asks a person; absent: there is no terminal. */
type Ask = (question: string, fallback: string) => Promise<string>;

/** A sentence that ends the command, with its exit status. */
class Stop extends Error {
  constructor(
    readonly sentence: string,
    readonly code: number,
  ) {
    super(sentence);
  }
}

/** Runs the command; returns the exit status. */
export async function runInit(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const flags = readFlags(argv);
  if (typeof flags === 'string') {
    output.err(`heartbeat init: ${flags}`);
    output.err(USAGE);
    return EXIT.usage;
  }
  if (flags.help === true) {
    output.out(USAGE);
    return EXIT.ok;
  }
  const terminal =
    process.stdin.isTTY === true
      ? createInterface({ input: process.stdin, output: process.stdout })
      : undefined;
  const ask: Ask | undefined =
    terminal === undefined
      ? undefined
      : async (question, fallback) =>
          (await terminal.question(`${question}${fallback === '' ? '' : ` [${fallback}]`}: `)).trim() ||
          fallback;
  try {
    const plan = await makePlan(flags, ask, output);
    return await writePlan(plan, flags.force === true, paths, output);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    output.err(`heartbeat init: ${error.sentence}`);
    return error.code;
  } finally {
    terminal?.close();
  }
}

function readFlags(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        peer: { type: 'string' },
        'peer-address': { type: 'string', multiple: true },
        address: { type: 'string' },
        service: { type: 'string', multiple: true },
        link: { type: 'string', multiple: true },
        serial: { type: 'string', multiple: true },
        deadtime: { type: 'string' },
        'auto-failback': { type: 'string' },
        force: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function makePlan(flags: Flags, ask: Ask | undefined, output: Output): Promise<Plan> {
  const self = hostname().toLowerCase();
  const failback = flags['auto-failback'] ?? 'off';
  if (failback !== 'on' && failback !== 'off') throw new Stop('--auto-failback is on or off.', EXIT.usage);
  const interfaces = findInterfaces();
  const peer = await peerName(flags.peer, self, ask);
  const resources = await resourceWords(flags, interfaces, ask, output);
  const links = await linksFor(flags, interfaces, ask, output);
  const measured = await measuredTo(flags['peer-address'], peer, output);
  const proposed = deadtimeFor(measured);
  const given =
    flags.deadtime ??
    (ask === undefined
      ? undefined
      : await ask('Silence after which a node counts as dead, in seconds', String(proposed.seconds)));
  const deadtimeS = given === undefined ? proposed.seconds : Number(given);
  if (!Number.isInteger(deadtimeS) || deadtimeS < 3 || deadtimeS > 3600)
    throw new Stop(`A deadtime of ${given} is not possible: write whole seconds from 3 to 3600.`, EXIT.usage);
  const deadtimeReason =
    deadtimeS === proposed.seconds
      ? proposed.reason
      : `as wanted; proposed were ${proposed.seconds} s (${proposed.reason})`;
  return {
    self,
    peer,
    ...links,
    resources,
    deadtimeS,
    deadtimeReason,
    autoFailback: failback,
    key: randomBytes(32).toString('hex'),
  };
}

async function peerName(given: string | undefined, self: string, ask: Ask | undefined): Promise<string> {
  const name = (
    given ??
    (await ask?.(`This node is ${self}. Name of the other node, as "uname -n" prints it there`, '')) ??
    ''
  ).toLowerCase();
  if (name === '')
    throw new Stop(
      'the name of the other node is not known: give --peer NAME and --address IP/PREFIX, or run this in a terminal, where it asks.',
      EXIT.usage,
    );
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name))
    throw new Stop(`"${name}" is no node name: write what "uname -n" prints there.`, EXIT.usage);
  if (name === self) throw new Stop(`${name} is this node: --peer names the other one.`, EXIT.usage);
  return name;
}

async function resourceWords(
  flags: Flags,
  interfaces: readonly Interface[],
  ask: Ask | undefined,
  output: Output,
): Promise<readonly string[]> {
  const given =
    flags.address ?? (await ask?.('Address that moves between the nodes, such as 192.0.2.10/24', '')) ?? '';
  const [ip = '', bits, device, ...more] = given.split('/');
  if (!isIPv4(ip) || more.length > 0)
    throw new Stop(
      `"${given}" is no address to move: write --address IP/PREFIX, for example 192.0.2.10/24.`,
      EXIT.usage,
    );
  if (bits !== undefined && !/^(?:[1-9]|[12]\d|3[0-2])$/.test(bits))
    throw new Stop(`"${bits}" in ${given} is no prefix: write a number from 1 to 32.`, EXIT.usage);
  const home = device === undefined ? interfaceFor(ip, interfaces) : { name: device, prefix: 24 };
  if (home === undefined) {
    const known =
      interfaces.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`).join(', ') ||
      'no interface with an address';
    throw new Stop(
      `${ip} is in the network of no interface here (${known}): write --address ${ip}/PREFIX/INTERFACE.`,
      EXIT.usage,
    );
  }
  if (interfaces.some(({ addresses }) => addresses.some((own) => own.split('/')[0] === ip)))
    throw new Stop(`${ip} is this machine's own address: take one that no machine has.`, EXIT.other);
  if (flags.force !== true && (await answers(ip)))
    throw new Stop(
      `somebody answers for ${ip} already: take an address that no machine has, or give --force if heartbeat serves it now.`,
      EXIT.other,
    );
  const asked =
    flags.service === undefined && flags.address === undefined
      ? await ask?.('Services that move with it, separated by blanks', '')
      : undefined;
  const services = flags.service ?? asked?.split(/\s+/).filter((word) => word !== '') ?? [];
  if (services.length === 0)
    output.out('No service is named: only the address will move. Add services to haresources later.');
  const bad = services.find((word) => /[\s#\\'"]/.test(word));
  if (bad !== undefined)
    throw new Stop(
      `"${bad}" is no word of haresources: give each service a --service of its own.`,
      EXIT.usage,
    );
  return [`${ip}/${bits ?? home.prefix}/${home.name}`, ...services];
}

async function linksFor(
  flags: Flags,
  interfaces: readonly Interface[],
  ask: Ask | undefined,
  output: Output,
): Promise<Pick<Plan, 'interfaces' | 'serialDevices'>> {
  for (const { name, addresses, carrier } of interfaces)
    output.out(`Found ${name}: ${addresses.join(', ')}${carrier ? '' : ', no cable or other end down'}.`);
  const proposed = interfaces
    .filter(({ carrier }) => carrier)
    .slice(0, 2)
    .map(({ name }) => name);
  const serials = findSerialDevices();
  if (serials.length > 0) output.out(`Found serial lines: ${serials.join(', ')}.`);
  let names = flags.link;
  let devices = flags.serial;
  if (ask !== undefined && names === undefined)
    names = (await ask('Interfaces for heartbeats, two if possible', proposed.join(' ')))
      .split(/\s+/)
      .filter((word) => word !== '');
  if (ask !== undefined && devices === undefined && serials.length > 0) {
    const answer = await ask('Serial line to the other node, "none" if there is no cable', 'none');
    devices = answer === 'none' ? [] : [answer];
  }
  const links = { interfaces: names ?? proposed, serialDevices: devices ?? [] };
  const strange = links.interfaces.find((name) => !/^[A-Za-z0-9][\w.-]{0,14}$/.test(name));
  if (strange !== undefined) throw new Stop(`"${strange}" is no interface.`, EXIT.usage);
  if (links.interfaces.length + links.serialDevices.length === 0)
    throw new Stop(
      'no interface with an address and a cable was found: give --link INTERFACE or --serial DEVICE.',
      EXIT.other,
    );
  return links;
}

async function measuredTo(given: readonly string[] | undefined, peer: string, output: Output) {
  const addresses =
    given ??
    (await lookup(peer, { family: 4 }).then(
      ({ address }) => [address],
      () => [],
    ));
  const wrong = addresses.find((address) => !isIPv4(address));
  if (wrong !== undefined) throw new Stop(`--peer-address ${wrong} is no IPv4 address.`, EXIT.usage);
  if (addresses.length === 0) return undefined;
  output.out(`Measuring the way to ${peer} (${addresses.join(', ')}).`);
  return await measure(addresses);
}

async function writePlan(plan: Plan, force: boolean, paths: Paths, output: Output): Promise<number> {
  const files: readonly NewFile[] = [
    { name: 'ha.cf', text: haCfText(plan), mode: 0o644 },
    { name: 'haresources', text: haresourcesText(plan), mode: 0o644 },
    { name: 'authkeys', text: authkeysText(plan), mode: 0o600 },
  ];
  if (!(await isGood(files, plan, paths, output))) return EXIT.configuration;
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const written = writeFiles(paths.configDir, files, force, stamp);
  if (!written.ok) throw new Stop(written.sentence, EXIT.other);
  for (const copy of written.backups) output.out(`Kept ${copy}.`);
  output.out(`Written: ${files.map(({ name }) => join(paths.configDir, name)).join(', ')}.`);
  output.out(`deadtime ${plan.deadtimeS} s: ${plan.deadtimeReason}.`);
  output.out('');
  for (const sentence of missingForSafety(plan, { watchdog: findWatchdog() }))
    output.out(`Missing for safety: ${sentence}`);
  output.out('');
  for (const line of nextSteps(plan, paths.configDir)) output.out(line);
  return EXIT.ok;
}

/** Judges the texts as `heartbeat check` would, before they are put in place. */
async function isGood(files: readonly NewFile[], plan: Plan, paths: Paths, output: Output): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-init-'));
  try {
    for (const { name, text, mode } of files) writeFileSync(join(folder, name), text, { mode });
    const judged = await judge({ configDir: folder, hostname: plan.self, paths });
    const other = await judge({ configDir: folder, hostname: plan.peer, paths });
    const said = judged.diagnostics.filter(
      ({ severity, code }) => severity !== 'info' && code !== 'single-link',
    );
    for (const one of said)
      output.err(diagnosticText(one, false).replaceAll(folder, paths.configDir).trimEnd());
    if (judged.accepted && other.accepted) return true;
    output.err('heartbeat init: with this the configuration would be refused; nothing was written.');
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
