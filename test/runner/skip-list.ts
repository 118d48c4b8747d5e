/** test/ci-skips.txt: the tests that may be skipped where CI=true, one a line: name, TAB, reason. Pure. */

/** Names with their reasons. A line that has no reason is returned as a mistake, so that it gets one. */
export function parseSkipList(text: string): { allowed: ReadonlyMap<string, string>; mistakes: string[] } {
  const allowed = new Map<string, string>();
  const mistakes: string[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [name = '', reason = ''] = line.split('\t');
    if (name.trim() === '' || reason.trim() === '') {
      mistakes.push(`test/ci-skips.txt, line ${at + 1}: write the name of the test, a TAB and the reason.`);
    } else allowed.set(name.trim(), reason.trim());
  }
  return { allowed, mistakes };
}
