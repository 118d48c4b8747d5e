/** `heartbeat check`: says everything that is wrong or risky with the configuration; touches nothing. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LoadOptions, loadConfiguration } from '../config/load.js';
import { diskDiagnostics } from '../daemon/disk-check.js';
import { leaseDiagnostics, leaseLines, leaseOf } from '../daemon/lease-check.js';
import { type Paths, resolvePaths } from '../daemon/paths.js';
import { examineResources, resourceDiagnostics, resourceLines } from '../daemon/resource-check.js';
import { EXIT } from '../errors/exit-codes.js';
import { diagnosticText, verdictText } from './check-print.js';

const USAGE = `Usage: heartbeat check [--json] [--hostname NAME] [--facts FILE] [--config-dir DIR]
Judges ha.cf, haresources, authkeys and heartbeat.ini of DIR (default $HA_DIR or /etc/ha.d).
  --json            one JSON object instead of text
  --hostname NAME   as the node of this name (default: DIR/nodeinfo, else uname -n)
  --facts FILE      against the machine that this JSON file describes, instead of this one
Exit status: 0 heartbeat would start, 6 it would not, 2 wrong usage.
`;

interface Options extends LoadOptions {
  readonly paths: Paths;
  readonly json: boolean;
  readonly help: boolean;
}

/** Runs the command with its arguments (behind "check"); returns the exit status: 0, 6 or 2. */
export async function runCheck(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    process.stderr.write(`heartbeat check: ${options}\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  const { accepted, diagnostics, effective, groups, config, resources } = await judge(options);
  const lease = config === undefined ? null : leaseOf(config);
  const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  const text = options.json
    ? `${JSON.stringify({ accepted, diagnostics, effective, groups, resources, lease }, null, 2)}\n`
    : diagnostics.map((entry) => diagnosticText(entry, colours)).join('') +
      (config === undefined ? '' : `${[...resourceLines(resources), ...leaseLines(config)].join('\n')}\n`) +
      verdictText(accepted, diagnostics);
  await written(text);
  return accepted ? EXIT.ok : EXIT.configuration;
}

/** A configuration with everything that can be said of it: its text, what it names on this machine, its timing. */
export async function judge(options: LoadOptions & { readonly paths: Paths }) {
  const { accepted, diagnostics: judged, effective, groups, config } = await loadConfiguration(options);
  const timing = config === undefined ? [] : leaseDiagnostics(config, join(options.configDir, 'ha.cf'));
  // A described machine has no agents that could be looked at.
  const isHere = config !== undefined && options.factsFile === undefined;
  const resources = isHere ? await examineResources(config, options.paths) : [];
  const found = resourceDiagnostics(resources, join(options.configDir, 'haresources'));
  const disks = isHere ? await diskDiagnostics(config, join(options.configDir, 'heartbeat.ini')) : [];
  // Looking at the machine tells more of an absent script than its name does.
  const readers = judged.filter(({ code }) => !isHere || code !== 'script-missing');
  return {
    accepted,
    effective,
    groups,
    config,
    resources,
    diagnostics: [...readers, ...found, ...disks, ...timing],
  };
}

/** The options, or one sentence that says what is wrong with them. */
function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        hostname: { type: 'string' },
        facts: { type: 'string' },
        'config-dir': { type: 'string' },
        'state-dir': { type: 'string' },
        'run-dir': { type: 'string' },
      },
    });
    const given = values['config-dir'];
    const paths = resolvePaths(given === undefined ? {} : { configDir: given }, process.env);
    const { json, help, hostname, facts } = values;
    return {
      configDir: paths.configDir,
      paths,
      json,
      help,
      ...(hostname === undefined ? {} : { hostname }),
      ...(facts === undefined ? {} : { factsFile: facts }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Standard output may be a pipe: the caller exits only when all of it is out. */
function written(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}
