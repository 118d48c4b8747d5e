/** One number for what a turn asked for: a recording and its replay are compared by it. */
import type { Effect } from './effect.js';

/** FNV-1a over the effects as JSON, in their order; 8 hex digits. No effects: "0". */
export function effectsDigest(effects: readonly Effect[]): string {
  if (effects.length === 0) return '0';
  const text = JSON.stringify(effects);
  let word = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    word = Math.imul(word ^ text.charCodeAt(index), 0x01000193);
  }
  return (word >>> 0).toString(16).padStart(8, '0');
}
