/** VRRP instances in `heartbeat status`: pure. What is wrong with them stands among the warnings. */
import type { VrrpInstanceSnapshot, VrrpSnapshot } from '../core/snapshot-types.js';
import { oneLine } from '../log/format.js';
import { type Cell, type Colour, duration, table } from './table.js';

const STATE_COLOUR: Readonly<Record<VrrpInstanceSnapshot['state'], Colour | undefined>> = {
  init: 'yellow',
  backup: undefined,
  master: 'green',
  fault: 'red',
  stopped: undefined,
};

/** One row for each instance, then the checks that they depend on. */
export function vrrpLines(vrrp: VrrpSnapshot, colours: boolean): string[] {
  const header = ['VRRP INSTANCE', 'STATE', 'SINCE', 'PRIORITY', 'ROUTER', 'MASTER', 'ADDRESSES'];
  const lines = [...table(header, vrrp.instances.map(row), colours)];
  if (vrrp.checks.length > 0) {
    const checks = vrrp.checks.map(({ name, good, value, detail }): (Cell | string)[] => {
      const word =
        value !== null ? String(value) : good === null ? 'not asked yet' : good ? 'good' : 'failed';
      const colour: Colour | undefined = good === false ? 'red' : undefined;
      return [name, { text: word, ...(colour === undefined ? {} : { colour }) }, oneLine(detail)];
    });
    lines.push('', ...table(['CHECK', 'RESULT', ''], checks, colours));
  }
  return lines;
}

function row(instance: VrrpInstanceSnapshot): (Cell | string)[] {
  const { priority, configuredPriority, state, master } = instance;
  const colour = STATE_COLOUR[state];
  const other =
    state === 'master' ? 'this node' : master === null ? '-' : `${master.address} (${master.priority})`;
  return [
    instance.name,
    { text: state, ...(colour === undefined ? {} : { colour }) },
    duration(instance.sinceMs),
    priority === configuredPriority ? String(priority) : `${priority} (of ${configuredPriority})`,
    `${instance.virtualRouterId} on ${instance.interface}, version ${instance.version}, ${instance.advertIntervalMs / 1000} s`,
    other,
    instance.addresses.join(' '),
  ];
}
