/** Suggestions for misspelt words. */

/** Edit distance of Levenshtein: insertions, deletions and replacements of one character. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, removed, inserted));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The known word nearest to `word`, letter case aside; the first of equals; undefined when none is known. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.slice(0, 100).toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Like `nearest`, but only a word so near that a slip of the finger is likely: a third of its letters at most. */
export function likelyMeant(word: string, known: readonly string[]): string | undefined {
  const best = nearest(word, known);
  if (best === undefined) return undefined;
  const limit = Math.max(1, Math.floor(Math.max(word.length, best.length) / 3));
  return editDistance(word.slice(0, 100).toLowerCase(), best.toLowerCase()) <= limit ? best : undefined;
}
