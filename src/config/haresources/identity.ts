/**
 * A group is named by its first resource word. The original looks that word up as a regular expression in all lines,
 * so some words name the wrong group there (heartbeat-admin.md 2.3).
 */
import { type Problems, shown } from '../problems.js';
import type { ReadGroup } from './parse.js';

/** Reports keys that are not unique or that the original cannot find. */
export function checkIdentity(groups: readonly ReadGroup[], problems: Problems): void {
  for (const [index, { group, keyPlace }] of groups.entries()) {
    if (group.key === '') continue;
    const earlier = groups.slice(0, index).find((other) => other.group.key === group.key);
    if (earlier !== undefined) {
      const message = `The first resource ${shown(group.key)} begins line ${earlier.group.line} already, and it names the group; this line is not used.`;
      const hint = 'Join the two lines, or begin this one with a resource of its own.';
      problems.warning(keyPlace, 'duplicate-group', message, hint);
      continue;
    }
    if (/[*$[^\\]/.test(group.key)) {
      const message = `${shown(group.key)} holds a character of regular expressions: the original never starts this group.`;
      problems.warning(keyPlace, 'group-pattern', message, 'Begin the line with another resource.');
    }
    for (const other of groups) {
      if (other.group.key === group.key) continue;
      const match = other.group.resources.find((resource) => matchesKey(group.key, resource.word));
      if (match === undefined) continue;
      const same = match.word === group.key ? 'is also a resource' : `also matches ${shown(match.word)}`;
      const message = `The group's name ${shown(group.key)} ${same} of line ${other.group.line}: the original mixes the two groups up.`;
      problems.warning(
        keyPlace,
        'group-overlap',
        message,
        'Begin the line with a resource that stands nowhere else.',
      );
    }
  }
}

/** Whether the original's pattern search for `key` hits this word: a dot stands for any character. */
function matchesKey(key: string, word: string): boolean {
  if (key.length !== word.length) return false;
  for (let i = 0; i < key.length; i++) {
    if (key[i] !== word[i] && key[i] !== '.') return false;
  }
  return true;
}
