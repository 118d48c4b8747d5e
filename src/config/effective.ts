/** The configuration in force as plain values: for `heartbeat check --json`, scripts and tests. */
import { createHash } from 'node:crypto';
import type { HaCf } from './ha-cf/parse.js';
import { originalCall } from './haresources/words.js';
import type { AuthKeys, Medium, ResourceGroup } from './types.js';

/** Times in ms, other options as raw text, nodes and media in the order of the file. */
export type Effective = Readonly<Record<string, unknown>>;

/** Options that appear as `...Ms` numbers, under another name, or not at all. */
const NOT_RAW: readonly string[] = ['keepalive', 'deadtime', 'warntime', 'initdead', 'deadping', 'env'];

/** What a configuration comes to. The key itself never appears: only its SHA-256. */
export function effectiveOf(haCf: HaCf, authKeys: AuthKeys): Effective {
  const { draft, timing } = haCf;
  const raw: Record<string, string> = {};
  for (const [name, value] of Object.entries(parametersOf(haCf))) {
    if (!NOT_RAW.includes(name)) raw[name] = value;
  }
  const active = authKeys.keys.find((key) => key.index === authKeys.activeIndex);
  const secret = active === undefined || active.method === 'crc' ? undefined : active.key;
  return {
    ...timing,
    ...raw,
    nodes: draft.nodes.map((node) => node.name),
    media: draft.media.map(({ medium }) => ({ type: medium.kind, arg: mediumArgument(medium) })),
    signWith: authKeys.activeIndex,
    method: active?.method ?? null,
    keySha256: secret === undefined ? null : createHash('sha256').update(secret, 'latin1').digest('hex'),
  };
}

/** First word of a medium's line behind its type: interface, serial device or ping node. */
export function mediumArgument(medium: Medium): string {
  return 'device' in medium ? medium.device : medium.node;
}

/**
 * Scalar directives as raw text: those that are set, and those in force without being set (udpport, auto_failback,
 * and what no log destination comes to).
 */
export function parametersOf({ draft }: HaCf): Readonly<Record<string, string>> {
  const set: Record<string, string> = {};
  for (const [name, value] of draft.raw) set[name] = value.text;
  const facility = set.logfacility;
  const noFiles = set.logfile === undefined && set.debugfile === undefined;
  const noFacility = facility === undefined || facility === 'none';
  const logging: Record<string, string> = {};
  if (noFiles && noFacility && set.use_logd === undefined) logging.use_logd = 'yes';
  if (noFiles && !noFacility) {
    logging.logfile = '/dev/null';
    logging.debugfile = '/dev/null';
  }
  return { udpport: String(draft.udpport), auto_failback: draft.autoFailback, ...logging, ...set };
}

/** One line of haresources with the script calls that the original makes to take and to give the group. */
export interface GroupCalls {
  readonly node: string;
  readonly key: string;
  readonly line: number;
  readonly take: readonly (readonly string[])[];
  readonly give: readonly (readonly string[])[];
}

/** Resources start in the order of the line and stop in the reverse order. */
export function groupCalls(group: ResourceGroup): GroupCalls {
  const calls = group.resources.map((resource) => originalCall(resource.word));
  return {
    node: group.node,
    key: group.key,
    line: group.line,
    take: calls.map((call) => [...call, 'start']),
    give: [...calls].reverse().map((call) => [...call, 'stop']),
  };
}
