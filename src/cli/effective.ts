/** `heartbeat -v` and `heartbeat -D`: what is in force, and what may be written (heartbeat-admin.md 5.1). */
import { HA_CF_KEYWORDS, haCfKeyword } from '../config/ha-cf/keywords.js';
import type { ClusterConfig, Medium } from '../config/types.js';
import type { Output } from './output.js';

/** `NAME TAB VALUE TAB # TAB DESCRIPTION` for each parameter, then the nodes, then the media. */
export function printEffective(config: ClusterConfig, output: Output): void {
  for (const [name, value] of Object.entries(config.parameters)) {
    const sentence = haCfKeyword(name)?.sentence;
    output.out(sentence === undefined ? `${name}\t${value}` : `${name}\t${value}\t#\t${sentence}`);
  }
  for (const node of config.nodes) output.out(`node\t${node}`);
  for (const medium of config.media) output.out(`${medium.kind}\t${mediumWords(medium)}`);
}

function mediumWords(medium: Medium): string {
  switch (medium.kind) {
    case 'bcast':
      return `${medium.device} port ${medium.port}`;
    case 'mcast':
      return `${medium.device} ${medium.group} ${medium.port} ${medium.ttl} ${medium.loop ? 1 : 0}`;
    case 'mcast6':
      return `${medium.device} ${medium.group} ${medium.port} ${medium.hops} ${medium.loop ? 1 : 0}`;
    case 'ucast':
    case 'ucast6':
      return `${medium.device} ${medium.peer} port ${medium.port}`;
    case 'serial':
      return `${medium.device} ${medium.baud} baud`;
    case 'ping':
    case 'ping6':
      return medium.node;
    case 'ping_group':
      return `${medium.node} ${medium.addresses.join(' ')}`;
  }
}

/** The table of directives with default and description: columns parted by tabs, or a table for a wiki. */
export function printDirectives(wiki: boolean, output: Output): void {
  for (const row of HA_CF_KEYWORDS) {
    const value = row.defaultText === '' ? '-' : row.defaultText;
    const cells = [row.name, `${row.argument} (${row.range})`, value, row.sentence];
    output.out(wiki ? `||${cells.join('||')}||` : cells.join('\t'));
  }
}
