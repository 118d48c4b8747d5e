/** VRRP instances on the page. Pure. */
import type { StatusSnapshot, VrrpInstanceSnapshot } from '../../core/snapshot-types.js';
import { duration } from '../../log/words.js';
import { badge, html, type Markup, tableOf } from './html.js';

const KIND = { init: 'busy', backup: 'quiet', master: 'good', fault: 'bad', stopped: 'quiet' } as const;

/** Empty where no instance is configured. */
export function vrrpSection({ vrrp }: StatusSnapshot): Markup {
  if (vrrp === undefined || vrrp.instances.length === 0) return html``;
  return html`<h2>VRRP</h2>${tableOf(
    'VRRP',
    ['Instance', 'State', 'Priority', 'Router', 'Master', 'Addresses'],
    vrrp.instances.map(row),
  )}`;
}

function row(instance: VrrpInstanceSnapshot): (Markup | string)[] {
  const { state, priority, configuredPriority, master } = instance;
  return [
    instance.name,
    html`${badge(KIND[state], state)}<br><span class="dim">for ${duration(instance.sinceMs)}</span>${instance.faults.length === 0 ? undefined : html`<br><span class="bad">${instance.faults.join('; ')}</span>`}`,
    priority === configuredPriority ? String(priority) : `${priority} (of ${configuredPriority})`,
    `${instance.virtualRouterId} on ${instance.interface}, version ${instance.version}, ${instance.advertIntervalMs / 1000} s`,
    state === 'master' ? 'this node' : master === null ? '-' : `${master.address} (${master.priority})`,
    instance.addresses.join(', '),
  ];
}
