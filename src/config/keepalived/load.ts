/** Reads keepalived.conf. Keywords that it does not know are errors: nothing is passed over in silence. */

import { readSource } from '../load.js';
import type { Machine } from '../machine-facts.js';
import { Problems, shown, WHOLE_FILE } from '../problems.js';
import { utf8 } from '../source.js';
import type { Diagnostic } from '../types.js';
import { defaultVrrpGlobal, NO_NOTIFY, NO_TRACKING, VRRP_GROUP_4, vrrpConfig } from '../vrrp-defaults.js';
import type { VrrpConfig, VrrpGlobal, VrrpInstance, VrrpScript, VrrpSyncGroup } from '../vrrp-types.js';
import { type KeepalivedLine, readBlocks } from './blocks.js';
import { commandOf, readInstance } from './instance.js';

export interface LoadedKeepalived {
  /** Absent when a diagnostic is an error. */
  readonly config?: VrrpConfig;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is absent or unreadable is an error; never throws. */
export function loadKeepalived(file: string, machine: Pick<Machine, 'hostname'>): LoadedKeepalived {
  const source = readSource(file);
  const problems = new Problems(source.path);
  if (source.state !== 'read') {
    const why = source.state === 'missing' ? 'there is no such file' : source.reason;
    problems.error(WHOLE_FILE, 'file-unreadable', `The configuration cannot be read: ${why}.`);
    return { diagnostics: problems.list };
  }
  const lines = readBlocks(utf8(source.bytes), (place, code, message) =>
    problems.error(place, code, message),
  );
  const config = readConfig(lines, source.path, machine.hostname, problems);
  return { diagnostics: problems.list, ...(problems.errors > 0 ? {} : { config }) };
}

function readConfig(
  lines: readonly KeepalivedLine[],
  file: string,
  hostname: string,
  problems: Problems,
): VrrpConfig {
  let global = defaultVrrpGlobal(hostname);
  let version: 2 | 3 = 2;
  let group4 = VRRP_GROUP_4;
  const scripts: VrrpScript[] = [];
  const groups: VrrpSyncGroup[] = [];
  const blocks: KeepalivedLine[] = [];
  for (const line of lines) {
    const [keyword = '', name = ''] = line.words;
    if (keyword === 'global_defs') {
      global = readGlobal(line, global, problems);
      const option = (word: string): string | undefined =>
        line.block?.find(({ words }) => words[0] === word)?.words[1];
      version = option('vrrp_version') === '3' ? 3 : 2;
      group4 = option('vrrp_mcast_group4') ?? group4;
    } else if (keyword === 'vrrp_script') scripts.push(readScript(line));
    else if (keyword === 'vrrp_instance') blocks.push(line);
    else if (keyword === 'vrrp_sync_group') {
      const members = line.block?.find(({ words }) => words[0] === 'group')?.block ?? [];
      groups.push({
        name,
        members: members.map(({ words }) => words[0] ?? ''),
        tracking: NO_TRACKING,
        trackingWeight: false,
        notify: NO_NOTIFY,
        line: line.line,
      });
    } else problems.error(line, 'not-read', `${shown(keyword)} is not understood by this version.`);
  }
  const weightOf = (name: string): number => scripts.find((script) => script.name === name)?.weight ?? 0;
  const instances: VrrpInstance[] = blocks.flatMap((line) => {
    const instance = readInstance(line, { version, group4 }, weightOf, problems);
    return instance === undefined ? [] : [instance];
  });
  return vrrpConfig({ file, global, instances, scripts, syncGroups: groups });
}

const READ_ELSEWHERE = ['vrrp_version', 'vrrp_mcast_group4'];

function readGlobal(line: KeepalivedLine, before: VrrpGlobal, problems: Problems): VrrpGlobal {
  let global = before;
  let to: readonly string[] = [];
  const mail = { from: '', server: '', port: 25, connectTimeoutMs: 30_000, heloName: before.routerId };
  for (const one of line.block ?? []) {
    const [keyword = '', value = '', port] = one.words;
    if (keyword === 'router_id') global = { ...global, routerId: value };
    else if (keyword === 'script_user') global = { ...global, scriptUser: value };
    else if (keyword === 'enable_script_security') global = { ...global, scriptSecurity: true };
    else if (keyword === 'notification_email') to = (one.block ?? []).map(({ words }) => words[0] ?? '');
    else if (keyword === 'notification_email_from') mail.from = value;
    else if (keyword === 'smtp_server') Object.assign(mail, { server: value, port: Number(port ?? 25) });
    else if (keyword === 'smtp_connect_timeout') mail.connectTimeoutMs = Number(value) * 1000;
    else if (!READ_ELSEWHERE.includes(keyword))
      problems.error(one, 'not-read', `${shown(keyword)} in global_defs is not understood by this version.`);
  }
  return to.length > 0 && mail.server !== '' ? { ...global, mail: { ...mail, to } } : global;
}

function readScript(line: KeepalivedLine): VrrpScript {
  const option = (word: string): KeepalivedLine | undefined =>
    line.block?.find(({ words }) => words[0] === word);
  const number = (word: string, otherwise: number): number => Number(option(word)?.words[1] ?? otherwise);
  const intervalMs = number('interval', 1) * 1000;
  return {
    name: line.words[1] ?? '',
    command: commandOf(option('script')?.words.slice(1) ?? []),
    intervalMs,
    timeoutMs: number('timeout', intervalMs / 1000) * 1000,
    weight: number('weight', 0),
    reverse: option('weight')?.words.includes('reverse') ?? false,
    rise: number('rise', 1),
    fall: number('fall', 1),
    initFail: option('init_fail') !== undefined,
    line: line.line,
  };
}
