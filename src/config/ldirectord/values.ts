/** Values of ldirectord.cf: places, numbers, switches (ldirectord(8)). Undefined: it is none. */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIpv6 } from '../address.js';

const PORTS: Readonly<Record<string, number>> = {
  ...{
    ftp: 21,
    smtp: 25,
    domain: 53,
    dns: 53,
    http: 80,
    pop3: 110,
    pop: 110,
    nntp: 119,
    imap2: 143,
    imap: 143,
  },
  ...{ ldap: 389, https: 443, submission: 587, imaps: 993, pop3s: 995, 'ms-sql-s': 1433, mysql: 3306 },
  ...{ sip: 5060, postgresql: 5432, 'http-alt': 8080 },
};

export interface Place {
  readonly address: string;
  /** 0: none was written. */
  readonly port: number;
}

/** "10.0.0.1:80", "10.0.0.1:http", "[fd00::1]:80"; the port may be absent. */
export function placeOf(text: string): Place | undefined {
  const [, six, four, portWord] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::([\w-]+))?$/i.exec(text) ?? [];
  const port = portWord === undefined ? 0 : portOf(portWord);
  if (port === undefined) return undefined;
  if (six !== undefined) return isIPv6(six) ? { address: canonicalIpv6(six), port } : undefined;
  return four !== undefined && isIPv4(four) ? { address: four, port } : undefined;
}

/** A number (0: every port) or the name of a well-known service. */
export function portOf(word: string): number | undefined {
  if (!/^\d+$/.test(word)) return PORTS[word.toLowerCase()];
  const port = Number(word);
  return port <= 65_535 ? port : undefined;
}

/** The addresses of "10.0.0.2->10.0.0.9:80" (at most 256), or of one place. */
export function placesOf(text: string): Place[] | undefined {
  const [, from, to] = /^(.+)->(.+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    const place = placeOf(text);
    return place === undefined ? undefined : [place];
  }
  const first = placeOf(from);
  const last = placeOf(to);
  const [head, low] = split(first?.address);
  const [lastHead, high] = split(last?.address);
  if (last === undefined || head !== lastHead || low > high) return undefined;
  return Array.from({ length: high - low + 1 }, (_, at) => ({
    address: `${head}${low + at}`,
    port: last.port,
  }));
}

function split(address: string | undefined): [head: string, last: number] {
  const [, head = '', last = ''] = /^(\d+\.\d+\.\d+\.)(\d+)$/.exec(address ?? '') ?? [];
  return [head, last === '' ? Number.NaN : Number(last)];
}

export function yesNo(text: string): boolean | undefined {
  if (/^(?:yes|on|true)$/i.test(text)) return true;
  return /^(?:no|off|false)$/i.test(text) ? false : undefined;
}

/** The words of a value; a text in quotes is one word, commas separate as blanks do. */
export function wordsOf(value: string): string[] {
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s,"]+)/g)].map(
    ([, quoted, plain]) => quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
  );
}
