/** keepalived.conf of several machines as the cast of a simulation: instances of IPv4, without what is outside VRRP. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadKeepalived } from '../config/keepalived/load.js';
import { addressLiteral, type Machine } from '../config/machine-facts.js';
import type { AuthKeys, Diagnostic, ResourceGroup } from '../config/types.js';
import { vrrpOnlyConfig } from '../config/vrrp-only.js';
import type { VrrpConfig, VrrpInstance } from '../config/vrrp-types.js';
import type { LoadedCast } from './simulate-cast.js';

/** Nothing is signed where there are no nodes; a key has to be there all the same. */
const NO_KEYS: AuthKeys = { activeIndex: 0, keys: [{ index: 0, method: 'crc', key: '' }] };

/** @param files keepalived.conf of each machine, by the machine's name */
export function loadVrrpCast(files: ReadonlyMap<string, string>): LoadedCast {
  if (files.size < 2)
    return problem(
      '',
      'A simulation of VRRP needs the files of two machines.',
      'Say --keepalived NAME=FILE twice.',
    );
  const notes: string[] = [];
  const machines: { readonly name: string; readonly vrrp: VrrpConfig }[] = [];
  for (const [name, file] of files) {
    const { config, diagnostics } = loadKeepalived(file, anyMachine(name), name, true);
    if (config === undefined)
      return { ok: false, diagnostics: diagnostics.filter(({ severity }) => severity === 'error') };
    notes.push(...warnings(diagnostics));
    machines.push({ name, vrrp: playable(config, notes) });
  }
  const instances = machines.flatMap(({ vrrp }) => vrrp.instances);
  const apart = differentInterfaces(machines);
  if (apart !== undefined) return apart;
  if (instances.length === 0) {
    const [file = ''] = files.values();
    return problem(
      file,
      'There is no vrrp_instance with IPv4 addresses to be played.',
      'Look at the file with keepalived -t.',
    );
  }
  const links = new Set<string>();
  for (const instance of instances) for (const name of devicesOf(instance)) links.add(name);
  for (const { vrrp } of machines)
    for (const { tracking } of vrrp.syncGroups) for (const { name } of tracking.interfaces) links.add(name);
  const checks = machines.flatMap(({ vrrp }) => checksOf(vrrp));
  return {
    ok: true,
    cast: {
      nodes: machines.map(({ name, vrrp }) => ({ config: vrrpOnlyConfig(vrrp, name), authKeys: NO_KEYS })),
      names: {
        nodes: machines.map(({ name }) => name),
        links: [...links],
        groups: groupsOf(instances),
        checks: [...new Set(checks)],
      },
    },
    notes: [...new Set(notes)],
  };
}

/** The instances that heartbeat.ini names beside resource groups, or what is wrong with their file. */
export type ClusterVrrp =
  | { readonly ok: true; readonly vrrp?: VrrpConfig; readonly checks: readonly string[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * @param file what [vrrp] config says; '': nothing
 * @param folders where a keepalived.conf of the simulation's own is looked for first
 * @param links heartbeats go over all of them, so an instance elsewhere is not played
 */
export function clusterVrrp(
  file: string,
  folders: readonly string[],
  hostname: string,
  links: readonly string[],
  notes: string[],
): ClusterVrrp {
  if (file === '') return { ok: true, checks: [] };
  const own = folders.map((folder) => join(folder, basename(file))).find((path) => existsSync(path));
  const { config, diagnostics } = loadKeepalived(own ?? file, anyMachine(hostname), hostname, true);
  if (config === undefined)
    return { ok: false, diagnostics: diagnostics.filter(({ severity }) => severity === 'error') };
  const whole = playable(config, notes);
  const elsewhere = whole.instances.filter((one) => devicesOf(one).some((name) => !links.includes(name)));
  const names = elsewhere.map(({ name }) => name);
  if (names.length > 0)
    notes.push(`${config.file}: ${names.join(', ')} is not played: its interfaces carry no heartbeats.`);
  const syncGroups = whole.syncGroups.map((group) => ({
    ...group,
    members: group.members.filter((member) => !names.includes(member)),
  }));
  const instances = whole.instances.filter((one) => !elsewhere.includes(one));
  return { ok: true, vrrp: { ...whole, instances, syncGroups }, checks: checksOf(whole) };
}

function devicesOf({ interface: own, addresses, excludedAddresses, tracking }: VrrpInstance): string[] {
  const placed = [...addresses, ...excludedAddresses].map(({ device }) => device);
  return [own, ...placed, ...tracking.interfaces.map(({ name }) => name)];
}

const checksOf = ({ scripts, processes }: VrrpConfig): string[] =>
  [...scripts, ...processes].map(({ name }) => name);

function problem(file: string, message: string, hint: string): LoadedCast {
  return {
    ok: false,
    diagnostics: [{ file, line: 0, column: 0, severity: 'error', code: 'simulation', message, hint }],
  };
}

function warnings(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics
    .filter(({ severity }) => severity === 'warning')
    .map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

/** Without IPv6, and without virtual servers: what of the file is played. */
function playable(config: VrrpConfig, notes: string[]): VrrpConfig {
  const left = config.instances.filter(({ family }) => family === 6).map(({ name }) => name);
  if (left.length > 0) notes.push(`${config.file}: IPv6 is not played: ${left.join(', ')} is left out.`);
  const { director: _director, virtualServerGroups: _groups, ...rest } = config;
  const syncGroups = config.syncGroups.map((group) => ({
    ...group,
    members: group.members.filter((member) => !left.includes(member)),
  }));
  if (config.virtualServers.length > 0) notes.push(`${config.file}: virtual servers are not played.`);
  return {
    ...rest,
    virtualServers: [],
    syncGroups,
    instances: config.instances.filter(({ family }) => family === 4),
  };
}

/** A network is known by the name of its interface: two machines that name it otherwise would never meet. */
function differentInterfaces(
  machines: readonly { readonly name: string; readonly vrrp: VrrpConfig }[],
): LoadedCast | undefined {
  const [first, ...others] = machines;
  for (const { name, vrrp } of others) {
    for (const instance of vrrp.instances) {
      const same = first?.vrrp.instances.find((one) => one.name === instance.name);
      if (same === undefined || same.interface === instance.interface) continue;
      const message = `${instance.name} is on ${same.interface} of ${first?.name ?? ''} and on ${instance.interface} of ${name}: the simulation takes interfaces of one name for one network.`;
      return problem(vrrp.file, message, 'Name them alike in copies of the files.');
    }
  }
  return undefined;
}

/** Each instance as a group that can be called in a scenario, with the addresses that all machines agree upon. */
export function groupsOf(instances: readonly VrrpInstance[]): ResourceGroup[] {
  const groups = new Map<string, ResourceGroup>();
  for (const { name, addresses, line } of instances) {
    const known = groups.get(name);
    const resources = addresses
      .filter(({ address }) => known?.resources.some(({ word }) => word === address) ?? true)
      .map((address) => ({ word: address.address, type: 'IPaddr', args: [address.address], address }));
    groups.set(name, { key: name, node: `vrrp:${name}`, line, resources });
  }
  return [...groups.values()];
}

/** A machine that has every interface, account and program. */
function anyMachine(hostname: string): Machine {
  return {
    hostname,
    interfaceAddresses: () => ['192.0.2.1/24', '2001:db8::1/64'],
    interfaceNames: [],
    deviceKind: () => 'absent',
    hasUser: () => true,
    hasGroup: () => true,
    isExecutable: () => true,
    stonithTypes: [],
    resolve: (name, family) => addressLiteral(name, family),
    servicePort: () => undefined,
    serviceOfPort: () => undefined,
    readText: () => undefined,
    hasResourceScript: () => undefined,
  };
}
