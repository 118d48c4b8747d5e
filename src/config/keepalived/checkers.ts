/** Health checks of real servers: TCP_CHECK, HTTP_GET and the others (vrrp-lvs.md 3.6). */
import type { Checker, CheckerKind, CheckerTimes, CheckerUrl } from '../virtual-server-types.js';
import { COMMON_ROWS, type DraftChecker, fileCheckRows, miscRows, OWN_ROWS } from './checker-keywords.js';
import type { Draft } from './draft.js';
import { type DraftTimes, defined } from './server-times.js';
import { interpret, type Surrounding, tableOf, within } from './table.js';
import type { Statement } from './tree.js';

export const CHECKER_NAMES = [
  ...[
    'TCP_CHECK',
    'HTTP_GET',
    'SSL_GET',
    'SMTP_CHECK',
    'DNS_CHECK',
    'MISC_CHECK',
    'UDP_CHECK',
    'PING_CHECK',
    'FILE_CHECK',
  ],
] as const;

export interface Inherited {
  readonly times: DraftTimes;
  readonly virtualHost: string | undefined;
  readonly file: Draft;
  readonly where: Surrounding;
}

/** A check with everything that it takes from its real and virtual server; undefined after a diagnostic. */
export function readChecker(statement: Statement, inherited: Inherited): Checker | undefined {
  const name = CHECKER_NAMES.find((known) => known === statement.keyword.text.toUpperCase()) ?? 'TCP_CHECK';
  const own = rowsOf(name, inherited.file);
  const table = tableOf<DraftChecker>(COMMON_ROWS, own);
  const draft = emptyChecker(inherited);
  interpret(statement.block ?? [], table, draft, within(statement, table, inherited.where));
  const times = timesOf(name, { ...inherited.times, ...defined(draft.times) });
  const check = kindOf(name, draft, times, statement);
  if (check === undefined) return undefined;
  const { connectAddress, connectPort, bindAddress, alpha } = draft;
  return {
    check,
    ...defined({ connectAddress, connectPort, bindAddress, alpha }),
    times,
    line: statement.line,
  } as Checker;
}

function rowsOf(name: string, file: Draft) {
  if (name === 'FILE_CHECK') return fileCheckRows(file);
  return name === 'MISC_CHECK' ? miscRows(file) : (OWN_ROWS[name] ?? []);
}

function emptyChecker({ virtualHost }: Inherited): DraftChecker {
  return {
    times: {},
    connectAddress: undefined,
    connectPort: undefined,
    bindAddress: undefined,
    virtualHost,
    urls: [],
    httpVersion: '1.0',
    fastRecovery: false,
    helo: 'smtpchecker.keepalived.org',
    recordType: 'SOA',
    recordName: '.',
    command: undefined,
    timeoutMs: undefined,
    dynamic: false,
    file: undefined,
    weight: 0,
    payloadHex: undefined,
    requireReply: false,
    replyPattern: undefined,
    replyMinBytes: undefined,
    replyMaxBytes: undefined,
    alpha: undefined,
    user: undefined,
    group: undefined,
  };
}

/** Defaults of vrrp-lvs.md 3.5 and 3.6: they differ by kind of check. */
function timesOf(name: string, given: DraftTimes): CheckerTimes {
  const delayLoopMs = given.delayLoopMs ?? 60_000;
  const isHttp = name === 'HTTP_GET' || name === 'SSL_GET';
  return {
    connectTimeoutMs: given.connectTimeoutMs ?? 5000,
    retries: given.retries ?? (name === 'DNS_CHECK' ? 3 : name === 'MISC_CHECK' ? 0 : 1),
    delayBeforeRetryMs:
      given.delayBeforeRetryMs ?? (name === 'DNS_CHECK' ? delayLoopMs : isHttp ? 3000 : 1000),
    delayLoopMs,
    ...(given.warmupMs === undefined ? {} : { warmupMs: given.warmupMs }),
  };
}

function kindOf(
  name: string,
  draft: DraftChecker,
  times: CheckerTimes,
  statement: Statement,
): CheckerKind | undefined {
  switch (name) {
    case 'HTTP_GET':
    case 'SSL_GET':
      return {
        kind: name === 'HTTP_GET' ? 'http' : 'https',
        urls: urlsOf(draft, statement),
        httpVersion: draft.httpVersion,
        userAgent: 'KeepAliveClient',
        ...(draft.fastRecovery ? { fastRecovery: true } : {}),
      };
    case 'SMTP_CHECK':
      return { kind: 'smtp', heloName: draft.helo };
    case 'DNS_CHECK':
      return { kind: 'dns', recordType: draft.recordType, name: draft.recordName, mayBeEmpty: true };
    case 'UDP_CHECK': {
      const { payloadHex, requireReply, replyPattern, replyMinBytes, replyMaxBytes } = draft;
      const more = defined({ payloadHex, replyPattern, replyMinBytes, replyMaxBytes });
      return { kind: 'udp', requireReply, ...more } as CheckerKind;
    }
    case 'PING_CHECK':
      return { kind: 'ping' };
    case 'FILE_CHECK': {
      const { file, weight, dynamic } = draft;
      if (file === undefined) {
        statement.problems.error(statement, 'argument-missing', 'FILE_CHECK needs a track_file.');
        return undefined;
      }
      return { kind: 'file', path: file.path, weight, dynamic };
    }
    case 'MISC_CHECK': {
      const timeoutMs = draft.timeoutMs ?? times.delayLoopMs;
      if (draft.command !== undefined) {
        const { user, group } = draft;
        const account = user === undefined ? {} : defined({ user, group });
        return { kind: 'misc', command: { ...draft.command, ...account }, timeoutMs, dynamic: draft.dynamic };
      }
      statement.problems.error(statement, 'argument-missing', 'MISC_CHECK needs a misc_path.');
      return undefined;
    }
    default:
      return { kind: 'tcp' };
  }
}

function urlsOf(draft: DraftChecker, statement: Statement): CheckerUrl[] {
  if (draft.urls.length === 0) {
    const message = `${statement.keyword.text} names no url; "/" is asked for.`;
    statement.problems.warning(statement, 'default-taken', message, 'Write "url { path / }".');
    draft.urls.push({});
  }
  return draft.urls.map((url) => {
    const virtualHost = url.virtualHost ?? draft.virtualHost;
    return {
      path: url.path ?? '/',
      statusCodes: url.statusCodes ?? [],
      ...defined({ digest: url.digest, virtualHost, regex: url.regex, regexNegated: url.regexNegated }),
    } as CheckerUrl;
  });
}
