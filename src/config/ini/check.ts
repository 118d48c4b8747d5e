/** `[check NAME]` of heartbeat.ini: a health check that is asked together with the monitor of a resource. */
import type { HealthCheck } from '../types.js';
import { choiceOf, countOf, fileOf, type IniRow, textOf, timeOf } from './row.js';

const section = 'check';

const TYPES = ['tcp', 'http', 'smtp', 'dns', 'udp', 'ping', 'script'] as const;

/** The row of every field of a check. */
export const CHECK_ROWS: {
  readonly [Field in keyof Omit<HealthCheck, 'name' | 'statusCodes'>]: IniRow<HealthCheck[Field]>;
} = {
  resource: textOf({
    section,
    key: 'resource',
    sentence:
      'Name or whole word of the script in haresources that [check NAME] belongs to: it works if its own monitor and all its checks say so. Give it a [monitor] interval.',
  }),
  type: choiceOf({
    section,
    key: 'type',
    choices: TYPES,
    defaultValue: 'tcp',
    sentence:
      'What is asked: http has a url (http or https), script a program, the others an address and a port.',
  }),
  url: textOf({
    section,
    key: 'url',
    sentence:
      'Page that http asks for, as http://ADDRESS:PORT/PATH or https://...; certificates are not judged.',
  }),
  address: textOf({
    section,
    key: 'address',
    sentence: 'Address that is asked; empty: 127.0.0.1.',
  }),
  port: countOf({
    section,
    key: 'port',
    min: 0,
    max: 65_535,
    defaultValue: 0,
    sentence: 'Port that is asked; 0: 25 for smtp, 53 for dns.',
  }),
  status: textOf({
    section,
    key: 'status',
    sentence: 'HTTP status codes that are good, such as 200 or 200-399; empty: 200-299.',
  }),
  match: textOf({
    section,
    key: 'match',
    sentence: 'Regular expression that the page has to match; empty: none.',
  }),
  digest: textOf({
    section,
    key: 'digest',
    sentence: 'MD5 digest that the page has to have, 32 hexadecimal digits; empty: none.',
  }),
  query: textOf({
    section,
    key: 'query',
    sentence: 'Name that dns asks for, with its type if that is not A, as in "example.org MX".',
  }),
  script: fileOf({
    section,
    key: 'script',
    sentence: 'Program of a script check: exit status 0 is good.',
  }),
  connectTimeoutMs: timeOf({
    section,
    key: 'connect_timeout',
    minMs: 100,
    maxMs: 3_600_000,
    defaultMs: 5000,
    sentence: 'Time for the connection, and again for each answer; for a script its whole time.',
  }),
  retries: countOf({
    section,
    key: 'retries',
    min: 0,
    max: 100,
    defaultValue: 0,
    sentence: 'How often a failed check is tried again before it counts, within the timeout of the monitor.',
  }),
  delayMs: timeOf({
    section,
    key: 'delay',
    minMs: 0,
    maxMs: 3_600_000,
    defaultMs: 1000,
    sentence: 'Pause before such a retry.',
  }),
};

/** A check from what its section says; what it does not say comes from `[check]`, then from the defaults. */
export function healthCheck(
  name: string,
  own: ReadonlyMap<IniRow<unknown>, unknown>,
  base: ReadonlyMap<IniRow<unknown>, unknown>,
): HealthCheck {
  const fields = Object.entries(CHECK_ROWS).map(([field, row]): [string, unknown] => {
    const known: IniRow<unknown> = row;
    return [field, own.get(known) ?? base.get(known) ?? known.defaultValue];
  });
  // CHECK_ROWS has a row of the right type for every field, which the compiler checks there.
  const check = { name, statusCodes: [], ...Object.fromEntries(fields) } as unknown as HealthCheck;
  return Object.freeze({ ...check, statusCodes: statusRanges(check.status) ?? [] });
}

/** What is wrong with a check as a whole, and what to write; undefined: nothing. */
export function checkProblem(
  check: HealthCheck,
): { readonly what: string; readonly hint: string } | undefined {
  const of = `[check ${check.name}]`;
  if (check.resource === '')
    return { what: `${of} names no resource.`, hint: 'Write "resource = " and a script of haresources.' };
  switch (check.type) {
    case 'http':
      return httpProblem(check, of);
    case 'script':
      return check.script === ''
        ? { what: `${of} names no program.`, hint: 'Write "script = /path/of/program".' }
        : undefined;
    case 'dns':
      return check.query === ''
        ? { what: `${of} asks for no name.`, hint: 'Write "query = NAME".' }
        : undefined;
    case 'tcp':
    case 'udp':
      return check.port === 0 ? { what: `${of} names no port.`, hint: 'Write "port = NUMBER".' } : undefined;
    default:
      return undefined;
  }
}

function httpProblem(check: HealthCheck, of: string): { what: string; hint: string } | undefined {
  if (!/^https?:$/.test(URL.canParse(check.url) ? new URL(check.url).protocol : ''))
    return { what: `${of} has no url that can be asked.`, hint: 'Write "url = http://127.0.0.1:80/".' };
  if (statusRanges(check.status) === undefined)
    return { what: `${of}: "${check.status}" is no HTTP status.`, hint: 'Write for example 200 or 200-399.' };
  if (check.digest !== '' && !/^[0-9a-f]{32}$/i.test(check.digest))
    return { what: `${of}: the digest is none.`, hint: 'Write the 32 digits that md5sum prints.' };
  try {
    new RegExp(check.match, 's');
  } catch {
    return { what: `${of}: the pattern to match is none.`, hint: 'Mind brackets and backslashes.' };
  }
  return undefined;
}

/** "200 204 300-399" as ranges; undefined: something else. */
export function statusRanges(text: string): readonly { from: number; to: number }[] | undefined {
  const ranges: { from: number; to: number }[] = [];
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const [, from = '', to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(word) ?? [];
    if (from === '' || Number(to) < Number(from)) return undefined;
    ranges.push({ from: Number(from), to: Number(to) });
  }
  return ranges;
}
