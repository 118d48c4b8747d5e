/** Texts and machines for the tests of the configuration. */
import { readFileSync } from 'node:fs';
import { type MachineFacts, machineOf } from '../../../src/config/machine-facts.js';
import { type Configuration, parseConfiguration } from '../../../src/config/parse.js';
import type { SourceFile } from '../../../src/config/source.js';
import type { Diagnostic } from '../../../src/config/types.js';
import { fixture } from '../../support/root.js';

export const corpusFacts = JSON.parse(readFileSync(fixture('corpus', 'facts.json'), 'utf8')) as MachineFacts;

export const GOOD_HA_CF = `logfile /var/log/ha-log
keepalive 1
deadtime 10
initdead 20
bcast eth0
auto_failback on
node node1 node2
`;

export interface Texts {
  readonly haCf?: string | Uint8Array;
  readonly haresources?: string | Uint8Array;
  readonly authkeys?: string | Uint8Array;
  readonly ini?: string | Uint8Array;
  readonly mode?: number;
  readonly hostname?: string;
  readonly facts?: MachineFacts;
}

/** Judges texts; those left out are good ones, `null` facts of the corpus apply. */
export function judge(texts: Texts): Configuration {
  return parseConfiguration(
    {
      haCf: source('ha.cf', texts.haCf ?? GOOD_HA_CF),
      haresources: source('haresources', texts.haresources ?? ''),
      authkeys: source('authkeys', texts.authkeys ?? 'auth 1\n1 sha1 secret\n', texts.mode ?? 0o600),
      heartbeatIni:
        texts.ini === undefined
          ? { state: 'missing', path: 'heartbeat.ini' }
          : source('heartbeat.ini', texts.ini),
    },
    machineOf({ ...corpusFacts, ...texts.facts }),
    texts.hostname ?? 'node1',
  );
}

function source(path: string, text: string | Uint8Array, mode = 0o644): SourceFile {
  return { state: 'read', path, bytes: typeof text === 'string' ? Buffer.from(text) : text, mode };
}

/** The one diagnostic with this code; fails when there is none or more than one. */
export function only(judged: Configuration, code: string): Diagnostic {
  const found = judged.diagnostics.filter((entry) => entry.code === code);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(
      `${found.length} diagnostics "${code}" in ${JSON.stringify(judged.diagnostics, null, 1)}`,
    );
  }
  return first;
}

/** Codes of all diagnostics of a severity, sorted. */
export function codes(judged: Configuration, severity: Diagnostic['severity']): readonly string[] {
  return judged.diagnostics
    .filter((entry) => entry.severity === severity)
    .map((entry) => entry.code)
    .sort();
}
