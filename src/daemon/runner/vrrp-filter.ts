/** Keeps the packet filter of no_accept and vrrp_strict as the configuration in force wants it, by nft(8). */
import type { ScriptEnd } from '../../actions/scripts-process.js';
import { deafInstances, filterRules, filterTable } from '../../actions/vrrp-filter.js';
import type { VrrpCommand, VrrpConfig } from '../../config/vrrp-types.js';
import type { LogLevel } from '../../core/effect.js';
import { endWords } from './command.js';

const DEADLINE_MS = 10_000;

export interface VrrpFilterParts {
  readonly log: (level: LogLevel, code: string, text: string) => void;
  /** Runs a program as root; each line that it says goes to `said`. Never rejects. */
  readonly run: (
    command: VrrpCommand,
    deadlineMs: number,
    said: (line: string) => void,
  ) => Promise<ScriptEnd>;
}

export interface VrrpFilter {
  /** Resolves when the filter of this configuration is in force, or when it has been said why it is not. In order. */
  use(config: VrrpConfig | undefined): Promise<void>;
}

export function createVrrpFilter({ log, run }: VrrpFilterParts): VrrpFilter {
  let table: string | undefined;
  let applied = '';
  let last: Promise<void> = Promise.resolve();

  const apply = async (config: VrrpConfig | undefined): Promise<void> => {
    const wanted = filterRules(config, undefined) ?? '';
    if (wanted === applied) return;
    const rules = filterRules(config, table);
    if (rules === undefined) return;
    const said: string[] = [];
    const end = await run({ words: ['nft', rules], user: '0', group: '0' }, DEADLINE_MS, (line) =>
      said.push(line),
    );
    const names = config === undefined ? '' : deafInstances(config).join(', ');
    if (end.kind === 'exit' && end.code === 0) {
      applied = wanted;
      table = wanted === '' || config === undefined ? undefined : filterTable(config);
      const text =
        table === undefined
          ? 'VRRP: the packet filter of no_accept is removed.'
          : `VRRP: packets to the addresses of ${names} are dropped by the nft table ${table} (no_accept or vrrp_strict).`;
      log('info', 'vrrp-filter', text);
      return;
    }
    const why = `nft ${endWords(end, DEADLINE_MS)}${said[0] === undefined ? '' : ` (${said[0]})`}`;
    const text =
      wanted === ''
        ? `VRRP: the packet filter of no_accept could not be removed: ${why}. Remove the table ${table ?? ''} by hand.`
        : `VRRP: this machine takes packets to the addresses of ${names} although no_accept or vrrp_strict forbids it: ${why}. Install nft (package nftables), or drop them with a filter of your own.`;
    log('error', 'vrrp-filter', text);
  };

  return {
    use(config) {
      last = last.then(() => apply(config));
      return last;
    },
  };
}
