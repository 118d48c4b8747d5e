/** Tables for people: `heartbeat -D` (all directives) and `heartbeat -v` (the configuration in force). */
import { type Keyword, leadingInteger } from './ha-cf/keyword.js';
import { HA_CF_KEYWORDS } from './ha-cf/keywords.js';
import { wirePort } from './ha-cf/media-checks.js';
import type { ClusterConfig, Medium } from './types.js';

/**
 * The table of directives with default and description (heartbeat-admin.md 5.1, -D and -DW). Lines end with LF.
 */
export function printDirectives(format: 'text' | 'wiki' = 'text'): string {
  const rows = HA_CF_KEYWORDS.map((row): readonly [string, string, string] => [
    row.name,
    withUnit(row),
    `${row.sentence} Accepted: ${row.range}.`,
  ]);
  if (format === 'wiki') {
    const lines = rows.map(
      ([name, value, text]) => `||${name}||${value}||${text.replaceAll('||', '| |')}||\n`,
    );
    return `||'''Directive'''||'''Default'''||'''Description'''||\n${lines.join('')}`;
  }
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(...rows.map(([, value]) => value.length));
  return rows
    .map(([name, value, text]) => `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${text}\n`)
    .join('');
}

function withUnit(row: Keyword): string {
  return row.unit === '' || row.defaultText === '' ? row.defaultText : `${row.defaultText} ${row.unit}`;
}

/** Where an option of the table stands in ClusterConfig, as ha.cf writes it; the others are in `parameters`. */
const TIMES: Readonly<Record<string, (config: ClusterConfig) => string>> = {
  keepalive: (config) => `${config.keepaliveMs}ms`,
  deadtime: (config) => `${config.deadtimeMs}ms`,
  warntime: (config) => `${config.warntimeMs}ms`,
  initdead: (config) => `${config.initdeadMs}ms`,
  deadping: (config) => `${config.deadpingMs}ms`,
};

/** Rows that other rows stand for, or that are printed behind the table. */
const NOT_PRINTED: readonly string[] = ['nice_failback', 'env'];

/**
 * The configuration in force: `NAME TAB VALUE TAB # TAB DESCRIPTION` for every option, then the nodes, then the media
 * (heartbeat-admin.md 5.1). The text is itself a valid ha.cf that comes to the same. No secrets.
 */
export function printEffective(config: ClusterConfig): string {
  const lateBaud = config.media.some(
    (medium) => medium.kind === 'serial' && String(medium.baud) !== baudOf(config),
  );
  const options = HA_CF_KEYWORDS.filter(
    (row) => row.kind === 'scalar' && !NOT_PRINTED.includes(row.name),
  ).map((row) => {
    const value = row.name === 'baud' && lateBaud ? '' : optionValue(row, config);
    return `${row.name}\t${value}\t#\t${row.sentence}\n`;
  });
  const environment = Object.entries(config.environment ?? {}).map(
    ([name, value]) => `env\t${name}=${value}\n`,
  );
  const nodes = config.nodes.map((node) => `node\t${node}\n`);
  return [...options, ...environment, ...nodes, ...mediaLines(config, lateBaud)].join('');
}

function optionValue(row: Keyword, config: ClusterConfig): string {
  const time = TIMES[row.name];
  return time === undefined ? (config.parameters[row.name] ?? row.defaultText) : time(config);
}

function baudOf(config: ClusterConfig): string {
  return config.parameters.baud ?? '19200';
}

/** Media in order; where a medium has an older port than the one in force at the end, udpport lines go around it. */
function mediaLines(config: ClusterConfig, lateBaud: boolean): readonly string[] {
  const lines: string[] = [];
  const finalPort = config.parameters.udpport ?? '694';
  let portText = finalPort;
  for (const medium of config.media) {
    const followsPort = medium.kind === 'bcast' || medium.kind === 'ucast' || medium.kind === 'ucast6';
    if (followsPort && medium.port !== wirePort(leadingInteger(portText))) {
      portText = String(medium.port);
      lines.push(`udpport\t${portText}\n`);
    }
    lines.push(`${mediumLine(medium)}\n`);
  }
  if (portText !== finalPort) lines.push(`udpport\t${finalPort}\n`);
  if (lateBaud) lines.push(`baud\t${baudOf(config)}\n`);
  return lines;
}

/** A medium as a line of ha.cf. */
export function mediumLine(medium: Medium): string {
  switch (medium.kind) {
    case 'bcast':
    case 'serial':
      return `${medium.kind}\t${medium.device}`;
    case 'mcast':
      return `mcast\t${medium.device} ${medium.group} ${medium.port} ${medium.ttl} ${medium.loop ? 1 : 0}`;
    case 'mcast6':
      return `mcast6\t${medium.device} ${medium.group} ${medium.port} ${medium.hops} ${medium.loop ? 1 : 0}`;
    case 'ucast':
    case 'ucast6':
      return `${medium.kind}\t${medium.device} ${medium.peer}`;
    case 'ping':
    case 'ping6':
      return `${medium.kind}\t${medium.node}`;
    case 'ping_group':
      return `ping_group\t${medium.node} ${medium.addresses.join(' ')}`;
  }
}
