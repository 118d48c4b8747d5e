/** Keys of heartbeat.ini about the status page. */
import { isIP } from 'node:net';
import { type IniRow, textOf } from './row.js';

export interface ListenAddress {
  readonly host: string;
  /** 1024..65535 */
  readonly port: number;
}

const EXAMPLE = '127.0.0.1:8694';
const FORM = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})$/;
const PORT_MIN = 1024;
const PORT_MAX = 65_535;

/** `ADDRESS:PORT`, an IPv6 address in brackets; undefined when it is none. */
export function listenAddress(text: string): ListenAddress | undefined {
  const [, six, four, digits = ''] = FORM.exec(text) ?? [];
  const host = six ?? four ?? '';
  const port = Number(digits);
  const family = six === undefined ? 4 : 6;
  if (isIP(host) !== family || port < PORT_MIN || port > PORT_MAX) return undefined;
  return { host, port };
}

const listen: IniRow<string> = {
  section: 'status',
  key: 'listen',
  argument: 'ADDRESS:PORT',
  unit: '',
  range: `an address of this machine and a port from ${PORT_MIN}, as in ${EXAMPLE} or [::1]:8694; empty: none`,
  defaultText: '',
  defaultValue: '',
  sentence: `Where the status page, /status.json and /metrics are served, read-only, by a process without rights, for instance ${EXAMPLE}.`,
  read: (text) =>
    text === '' || listenAddress(text) !== undefined
      ? { value: text }
      : { hint: `Write an address and a port from ${PORT_MIN} to ${PORT_MAX}, as in ${EXAMPLE}.` },
};

export const STATUS_ROWS = {
  statusListen: listen,
  statusUser: {
    ...textOf({
      section: 'status',
      key: 'user',
      sentence: 'User without rights as whom the process runs that serves the page.',
    }),
    argument: 'USER',
    range: 'a user of this machine, but not root',
    defaultText: 'nobody',
    defaultValue: 'nobody',
    read: (text: string) =>
      text === '' || text === 'root' || /^0+$/.test(text)
        ? { hint: 'Write a user that has no rights, as in nobody.' }
        : { value: text },
  },
  statusNames: textOf({
    section: 'status',
    key: 'names',
    sentence:
      'Names by which browsers may ask for the page, separated by blanks, besides addresses, localhost and the name of this node.',
  }),
};
