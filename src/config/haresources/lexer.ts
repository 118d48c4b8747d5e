/** haresources as lines of words (heartbeat-admin.md 2.2). */
import type { Place, Problems } from '../problems.js';

export interface Word extends Place {
  readonly text: string;
}

/** One logical line: continued lines are joined. */
export interface ResourceLine {
  readonly words: readonly Word[];
  /** 1-based physical line on which it begins. */
  readonly line: number;
}

/** A stretch of a logical line that stands in one physical line. */
interface Piece {
  readonly text: string;
  readonly line: number;
}

/**
 * The lines that hold words. A backslash as the very last character joins the next line without a blank. Where the
 * original stumbles (a comment or the end of the file behind a backslash, carriage returns), a warning says so.
 */
export function readResourceLines(text: string, problems: Problems): readonly ResourceLine[] {
  const found: ResourceLine[] = [];
  const raw = text.split('\n');
  if (raw.at(-1) === '') raw.pop();
  let pieces: Piece[] = [];
  for (const [index, physical] of raw.entries()) {
    const line = index + 1;
    const { content, continues } = readPhysicalLine(physical, line, pieces.length > 0, problems);
    pieces.push({ text: content, line });
    const isLast = line === raw.length;
    if (continues && isLast) {
      const place = { line, column: physical.length };
      const message = 'A backslash ends the file; the original takes it as a resource of that name.';
      problems.warning(place, 'backslash-at-end', message, 'Remove the backslash.');
    }
    if (continues && !isLast) continue;
    const words = wordsOf(pieces);
    if (words.length > 0)
      found.push({ words: withoutLoneBackslash(words, problems), line: words[0]?.line ?? line });
    pieces = [];
  }
  return found;
}

function readPhysicalLine(
  physical: string,
  line: number,
  joined: boolean,
  problems: Problems,
): { content: string; continues: boolean } {
  const end = physical.search(/[#\0]/);
  let content = end < 0 ? physical : physical.slice(0, end);
  if (joined && end >= 0 && physical[end] === '#') {
    const message = 'This comment belongs to a continued line; the original takes its words as resources.';
    problems.warning({ line, column: end + 1 }, 'comment-in-continuation', message, 'Move the comment away.');
  }
  if (content.endsWith('\r')) {
    content = content.slice(0, -1);
    if (content.trim() !== '') {
      const message =
        'The line ends with a carriage return, which the original takes as part of the last word.';
      const hint = 'Save the file with Unix line ends.';
      problems.warning({ line, column: content.length + 1 }, 'carriage-return', message, hint);
    }
  }
  const continues = physical.endsWith('\\') && end < 0;
  return { content: continues ? content.slice(0, -1) : content, continues };
}

/** Words of the joined pieces, each with the place of its first character. */
function wordsOf(pieces: readonly Piece[]): readonly Word[] {
  const joined = pieces.map((piece) => piece.text).join('');
  const words: Word[] = [];
  for (const match of joined.matchAll(/[^ \t]+/g)) {
    let offset = match.index;
    let line = pieces[0]?.line ?? 0;
    for (const piece of pieces) {
      line = piece.line;
      if (offset < piece.text.length) break;
      offset -= piece.text.length;
    }
    words.push({ text: match[0], line, column: offset + 1 });
  }
  return words;
}

/** A backslash with a blank or comment behind it joins nothing: the original takes it as a resource. */
function withoutLoneBackslash(words: readonly Word[], problems: Problems): readonly Word[] {
  return words.filter((word, index) => {
    if (word.text !== '\\' || index === 0) return true;
    const message =
      'This backslash does not end its line, so it joins nothing; the original takes it as a resource.';
    problems.warning(word, 'lone-backslash', message, 'Remove what stands behind it, or the backslash.');
    return false;
  });
}
