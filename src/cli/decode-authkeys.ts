/** Keys for `heartbeat decode` (heartbeat-protocol.md 4.1). */
import type { AuthKey, AuthKeys } from '../config/types.js';

const METHODS: readonly AuthKey['method'][] = ['crc', 'md5', 'sha1', 'sha256', 'sha512'];

/** The keys of an authkeys file, or one sentence that says what is wrong with it. */
export function readAuthKeysText(text: string, file: string): AuthKeys | string {
  let activeIndex: number | undefined;
  const keys: AuthKey[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/);
    const [first = '', second = '', third = ''] = words;
    if (first === '' || first.startsWith('#')) continue;
    const where = `Line ${i + 1} of ${file}`;
    if (first.startsWith('a')) {
      if (!/^\d{1,2}$/.test(second)) return `${where} names no key index; write "auth 1".`;
      activeIndex = Number(second);
      continue;
    }
    const method = METHODS.find((known) => known === second);
    if (!/^\d{1,2}$/.test(first) || method === undefined) return `${where} is no key; write "1 sha1 KEY".`;
    keys.push({ index: Number(first), method, key: method === 'crc' ? '' : third });
  }
  if (!keys.some((key) => key.index === activeIndex)) {
    return `The active key of ${file} is missing; write "auth N" and a line "N sha1 KEY".`;
  }
  return { activeIndex: activeIndex ?? 0, keys };
}
