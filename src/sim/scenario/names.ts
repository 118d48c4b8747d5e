/** What a scenario may call by name: nodes, links and groups of the configuration, and how its values are written. */
import type { ClusterConfig } from '../../config/types.js';
import { newWitnesses } from '../../core/witness/state.js';
import type { SlotValue } from './pattern.js';

export interface Names {
  readonly nodes: readonly string[];
  /** Interfaces and serial devices that carry heartbeats. */
  readonly links: readonly string[];
  /** Ping hosts, or groups of them. Absent: none. */
  readonly witnesses?: readonly string[];
  readonly groups: ClusterConfig['groups'];
  /** Scripts that VRRP instances track; their "monitor" may be told to fail. Absent: none. */
  readonly checks?: readonly string[];
}

/** Names of the ping hosts of a configuration, and of groups of them. */
export function witnessNames(config: ClusterConfig): string[] {
  return newWitnesses(config).list.map(({ name }) => name);
}

export const NAMES_OF_NOTHING: Names = { nodes: [], links: [], groups: [] };

/** Seconds of a unit of `SECONDS`, which a clock is set by. */
const UNITS_S: Readonly<Record<string, number>> = { s: 1, '': 1, min: 60, h: 3600, d: 86_400 };

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, '': 1000, min: 60_000, h: 3_600_000 };

/** `10s`, `200ms`, `2min`, `1h`; a bare number is seconds. */
export function readTimeMs(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)(ms|s|min|h|)$/.exec(text);
  return found === null ? undefined : Number(found[1]) * (UNITS[found[2] ?? ''] ?? 1000);
}

/** The key of the group that a person means by its key, an address or a script of it. */
export function groupNamed(groups: Names['groups'], text: string): string | undefined {
  const all = groups.map((group) => ({ key: group.key, words: groupWords(group) }));
  return (all.find(({ key }) => key === text) ?? all.find(({ words }) => words.includes(text)))?.key;
}

function groupWords(group: Names['groups'][number]): string[] {
  return group.resources.flatMap(({ word, type, address }) =>
    address === undefined ? [word, type] : [word, address.address],
  );
}

/** The word of the resource that a person means: as in haresources, its address, or its type. */
export function resourceNamed(groups: Names['groups'], text: string): string | undefined {
  const all = groups.flatMap(({ resources }) => resources);
  const found =
    all.find(({ word }) => word === text) ??
    all.find(({ address }) => address?.address === text) ??
    all.find(({ type, address }) => address === undefined && type === text);
  return found?.word;
}

/** The name by which a story calls a group: its first script, else its address, else its key. */
export function groupTitle(groups: Names['groups'], key: string): string {
  const group = groups.find((one) => one.key === key);
  // A VRRP instance has a name of its own.
  if (group === undefined || group.node === `vrrp:${key}`) return key;
  const script = group.resources.find(({ address }) => address === undefined);
  const address = group.resources[0]?.address?.address;
  const title = script?.type ?? address ?? key;
  const alike = groups.filter(
    (one) => one !== group && one.resources.some(({ type, address: its }) => !its && type === title),
  );
  return alike.length > 0 ? (address ?? key) : title;
}

const oneOf = (text: string, known: readonly string[], what: string): SlotValue => {
  if (known.includes(text)) return { ok: true, value: text };
  return { ok: false, expected: `${what} (${known.join(', ') || 'there is none'})`, known };
};

const numberOf = (value: number | undefined, expected: string): SlotValue =>
  value === undefined || !Number.isFinite(value) ? { ok: false, expected } : { ok: true, value };

/** Reads a value of one kind; the kinds are the capitals of the patterns. */
export function readValue(names: Names, slot: string, text: string): SlotValue {
  switch (slot) {
    case 'NODE':
      return oneOf(text, names.nodes, 'a node');
    case 'LINK':
      return oneOf(text, names.links, 'a link');
    case 'WITNESS':
      return oneOf(text, names.witnesses ?? [], 'a ping host of ha.cf');
    case 'TIME':
      return numberOf(readTimeMs(text), 'a time such as 500ms, 10s or 2min');
    case 'SECONDS': {
      const found = /^([+-]?\d+)(s|min|h|d|)$/.exec(text);
      const seconds = found === null ? undefined : Number(found[1]) * (UNITS_S[found[2] ?? ''] ?? 1);
      return numberOf(seconds, 'a time with a sign, such as +1h, -30s or +2d');
    }
    case 'PERCENT': {
      const found = /^(\d+(?:\.\d+)?)%?$/.exec(text);
      const percent = found === null ? undefined : Number(found[1]);
      return numberOf(
        percent !== undefined && percent <= 100 ? percent / 100 : undefined,
        'a share such as 20%',
      );
    }
    case 'GROUP': {
      const key = groupNamed(names.groups, text);
      if (key !== undefined) return { ok: true, value: key };
      const known = names.groups.flatMap(groupWords);
      return { ok: false, expected: `a group (${titles(names)})`, known };
    }
    case 'RESOURCE': {
      const word = resourceNamed(names.groups, text) ?? names.checks?.find((name) => name === text);
      if (word !== undefined) return { ok: true, value: word };
      const known = names.groups.flatMap(groupWords);
      return { ok: false, expected: `a resource of haresources (${[...new Set(known)].join(', ')})`, known };
    }
    case 'SET':
      return oneOf(text, ['all', 'local', 'foreign'], 'a set of resources');
    case 'CODE':
      return /^[a-z][a-z0-9-]*$/.test(text)
        ? { ok: true, value: text }
        : { ok: false, expected: 'the code of a log line or event, such as group-running' };
    default:
      throw new RangeError(`the language has no kind of value ${slot}`);
  }
}

function titles(names: Names): string {
  return names.groups.map(({ key }) => groupTitle(names.groups, key)).join(', ') || 'there is none';
}
