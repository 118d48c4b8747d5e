/** Keywords of the health checks (vrrp-lvs.md 3.6). */
import { shown } from '../problems.js';
import type { CheckerUrl } from '../virtual-server-types.js';
import type { VrrpCommand, VrrpTrackFile } from '../vrrp-types.js';
import { UDP_ROWS } from './checker-udp.js';
import type { Draft, Writable } from './draft.js';
import { type DraftTimes, timeRows } from './server-times.js';
import { interpret, type Row, type Table, tableOf, unsupported, within } from './table.js';
import { command, first, flag, integer, ipAddress, oneOf, seconds } from './values.js';

export interface DraftChecker {
  readonly times: DraftTimes;
  connectAddress: string | undefined;
  connectPort: number | undefined;
  bindAddress: string | undefined;
  virtualHost: string | undefined;
  readonly urls: Writable<CheckerUrl>[];
  httpVersion: '1.0' | '1.0C' | '1.1';
  fastRecovery: boolean;
  helo: string;
  recordType: string;
  recordName: string;
  command: VrrpCommand | undefined;
  timeoutMs: number | undefined;
  dynamic: boolean;
  file: VrrpTrackFile | undefined;
  weight: number;
  payloadHex: string | undefined;
  requireReply: boolean;
  replyPattern: string | undefined;
  replyMinBytes: number | undefined;
  replyMaxBytes: number | undefined;
  alpha: boolean | undefined;
  user: string | undefined;
  group: string | undefined;
}

export const COMMON_ROWS: readonly Row<DraftChecker>[] = [
  ...timeRows<DraftChecker>(),
  {
    name: 'connect_ip',
    arguments: 'ADDRESS',
    sentence: 'Address that is checked.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'an address');
      if (word !== undefined) draft.connectAddress = ipAddress(word, statement.problems, 'connect_ip');
    },
  },
  {
    name: 'connect_port',
    arguments: 'PORT',
    sentence: 'Port that is checked.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.connectPort = integer(statement, { min: 1, max: 65_535 });
    },
  },
  {
    name: 'bindto',
    arguments: 'ADDRESS',
    sentence: 'Source address of the check.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'an address');
      if (word !== undefined) draft.bindAddress = ipAddress(word, statement.problems, 'bindto');
    },
  },
  {
    name: 'alpha',
    arguments: '[on|off]',
    sentence: 'The server counts as failed until this check was good once.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.alpha = flag(statement);
    },
  },
  ...['bind_port', 'bind_if', 'fwmark'].map((name) =>
    unsupported<DraftChecker>(name, 'checks leave by the route and the port that the kernel chooses.'),
  ),
  unsupported<DraftChecker>('log_all_failures', 'every failed attempt is in the log with debug 1 (-D).'),
];

const URL_TABLE: Table<Writable<CheckerUrl>> = tableOf<Writable<CheckerUrl>>([
  {
    name: 'path',
    arguments: 'PATH',
    sentence: 'What is asked for.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.path = first(statement, 'a path')?.text;
    },
  },
  {
    name: 'digest',
    arguments: 'MD5',
    sentence: 'Digest that the body must have.',
    maxArguments: 1,
    read: (statement, draft) => {
      const word = first(statement, 'a digest');
      if (word === undefined) return;
      if (/^[0-9a-f]{32}$/i.test(word.text)) draft.digest = word.text.toLowerCase();
      else
        statement.problems.error(
          word,
          'digest-invalid',
          'digest needs 32 hexadecimal digits (MD5 of the body).',
        );
    },
  },
  {
    name: 'status_code',
    arguments: 'CODE|FROM-TO...',
    sentence: 'Answers that count as good; 200-299 when nothing is said.',
    read: (statement, draft) => {
      draft.statusCodes = statement.args.flatMap((word) => {
        const [, from = '', to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(word.text) ?? [];
        if (from !== '') return [{ from: Number(from), to: Number(to) }];
        const message = `status_code ${shown(word.text)}: no code of three digits and no range.`;
        statement.problems.error(word, 'number-invalid', message);
        return [];
      });
    },
  },
  {
    name: 'virtualhost',
    arguments: 'NAME',
    sentence: 'Host name in the request.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.virtualHost = first(statement, 'a host name')?.text;
    },
  },
  ...(['regex', 'regex_no_match'] as const).map(
    (name): Row<Writable<CheckerUrl>> => ({
      name,
      arguments: '"EXPRESSION"',
      sentence: name === 'regex' ? 'What the body must contain.' : 'regex must not match.',
      read: (statement, draft) => {
        if (name === 'regex_no_match') {
          draft.regexNegated = true;
          return;
        }
        const word = first(statement, 'an expression');
        if (word === undefined) return;
        try {
          new RegExp(word.text);
          draft.regex = word.text;
        } catch {
          statement.problems.error(
            word,
            'regex-invalid',
            `regex ${shown(word.text)} is no regular expression.`,
          );
        }
      },
    }),
  ),
  ...['regex_options', 'regex_min_offset', 'regex_max_offset', 'regex_stack', 'tls_compliant'].map((name) =>
    unsupported<Writable<CheckerUrl>>(name, 'it has no effect here.'),
  ),
]);

const HTTP_ROWS: readonly Row<DraftChecker>[] = [
  {
    name: 'url',
    arguments: '{ path ... }',
    sentence: 'A page that is asked for.',
    block: true,
    read: (statement, draft) => {
      const url: Writable<CheckerUrl> = {};
      interpret(statement.block ?? [], URL_TABLE, url, within(statement, URL_TABLE, undefined));
      draft.urls.push(url);
    },
  },
  {
    name: 'virtualhost',
    arguments: 'NAME',
    sentence: 'Host name in the requests.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.virtualHost = first(statement, 'a host name')?.text;
    },
  },
  {
    name: 'http_protocol',
    arguments: '1.0|1.0C|1.1',
    sentence: 'Version of the requests.',
    maxArguments: 1,
    read: (statement, draft) => {
      const version = oneOf(statement, ['1.0', '1.0C', '1.1', '1.1K']);
      draft.httpVersion = version === '1.1K' ? '1.1' : (version ?? '1.0');
    },
  },
  {
    name: 'fast_recovery',
    arguments: '[on|off]',
    sentence: 'A server that is not known to be good is asked for all urls without a pause.',
    maxArguments: 1,
    read: (statement, draft) => {
      draft.fastRecovery = flag(statement);
    },
  },
  {
    name: 'enable_sni',
    arguments: '[on|off]',
    sentence: 'The virtualhost is told when TLS begins; here it always is.',
    maxArguments: 1,
    read: () => undefined,
  },
  unsupported<DraftChecker>('tls_compliant', 'a connection that ends without a goodbye is good here.'),
];

export const OWN_ROWS: Readonly<Record<string, readonly Row<DraftChecker>[]>> = {
  HTTP_GET: HTTP_ROWS,
  SSL_GET: HTTP_ROWS,
  SMTP_CHECK: [
    {
      name: 'helo_name',
      arguments: 'NAME',
      sentence: 'Name given to the server.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.helo = first(statement, 'a name')?.text ?? draft.helo;
      },
    },
  ],
  DNS_CHECK: [
    {
      name: 'type',
      arguments: 'TYPE',
      sentence: 'Type of the record asked for.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.recordType =
          oneOf(statement, ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA']) ?? draft.recordType;
      },
    },
    {
      name: 'name',
      arguments: 'NAME',
      sentence: 'Name asked for.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.recordName = first(statement, 'a name')?.text ?? draft.recordName;
      },
    },
  ],
  UDP_CHECK: UDP_ROWS,
};

export function miscRows(file: Draft): readonly Row<DraftChecker>[] {
  return [
    {
      name: 'misc_path',
      arguments: '"COMMAND"',
      sentence: 'Program that checks; exit status 0 is good.',
      maxArguments: 3,
      read: (statement, draft) => {
        draft.command = command(statement);
        if (draft.command !== undefined) file.commands.push({ command: draft.command, at: statement });
      },
    },
    {
      name: 'misc_timeout',
      arguments: 'SECONDS',
      sentence: 'How long it may take.',
      maxArguments: 1,
      read: (statement, draft) => {
        draft.timeoutMs = seconds(statement, { minMs: 1, maxMs: 86_400_000 });
      },
    },
    {
      name: 'misc_dynamic',
      arguments: '',
      sentence: 'Exit status 2 to 255 sets the weight to two less.',
      read: (statement, draft) => {
        draft.dynamic = flag(statement);
      },
    },
    {
      name: 'user',
      arguments: 'USER [GROUP]',
      sentence: 'Account that the program runs as.',
      maxArguments: 2,
      read: (statement, draft) => {
        draft.user = first(statement, 'an account')?.text;
        draft.group = statement.args[1]?.text;
      },
    },
  ];
}

export function fileCheckRows(file: Draft): readonly Row<DraftChecker>[] {
  return [
    {
      name: 'track_file',
      arguments: 'NAME',
      sentence: 'A vrrp_track_file (track_file) block above, which names the file.',
      maxArguments: 1,
      read: (statement, draft) => {
        const word = first(statement, 'the name of a track_file block');
        if (word === undefined) return;
        draft.file = file.files.find(({ name }) => name === word.text);
        if (draft.file !== undefined) {
          const { weight, reverse } = draft.file;
          if (draft.weight === 0) draft.weight = reverse ? -weight : weight;
          return;
        }
        const message = `track_file ${shown(word.text)}: there is no such track_file block above.`;
        statement.problems.error(word, 'file-unknown', message);
      },
    },
    {
      name: 'weight',
      arguments: '-2147483647..2147483647 [reverse]',
      sentence: 'The number in the file is multiplied with it.',
      maxArguments: 2,
      read: (statement, draft) => {
        const weight = integer(statement, { min: -2_147_483_647, max: 2_147_483_647 }) ?? 0;
        draft.weight = statement.args[1]?.text === 'reverse' ? -weight : weight;
      },
    },
    {
      name: 'dynamic',
      arguments: '',
      sentence: 'The product is added to the weight of the real server.',
      read: (statement, draft) => {
        draft.dynamic = flag(statement);
      },
    },
  ];
}
