/** keepalived.conf as nested blocks of words (vrrp-lvs.md 3.1): comments, double quotes and braces. */
import type { Place } from '../problems.js';

export interface KeepalivedLine extends Place {
  readonly words: readonly string[];
  /** The block that the line opens; undefined: none. */
  readonly block?: readonly KeepalivedLine[];
}

interface OpenBlock {
  readonly lines: KeepalivedLine[];
  readonly opener: KeepalivedLine | undefined;
}

/** Never throws: a missing or spare brace is told to `complain`. */
export function readBlocks(
  text: string,
  complain: (place: Place, code: string, message: string) => void,
): readonly KeepalivedLine[] {
  const root: OpenBlock = { lines: [], opener: undefined };
  const stack: OpenBlock[] = [root];
  let words: string[] = [];
  let place: Place = { line: 1, column: 1 };
  const top = (): OpenBlock => stack.at(-1) ?? root;
  const endLine = (): void => {
    if (words.length > 0) top().lines.push({ ...place, words });
    words = [];
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    for (const match of stripComment(raw).matchAll(/"([^"]*)"|[{}]|[^\s{}"]+/g)) {
      const here = { line: index + 1, column: match.index + 1 };
      if (match[0] === '{') {
        // The brace may stand on a line of its own.
        const opener = words.length > 0 ? { ...place, words } : top().lines.pop();
        words = [];
        stack.push({ lines: [], opener });
      } else if (match[0] === '}') {
        endLine();
        const closed = stack.length > 1 ? stack.pop() : undefined;
        if (closed === undefined) complain(here, 'extra-brace', 'This "}" closes nothing.');
        else if (closed.opener !== undefined) top().lines.push({ ...closed.opener, block: closed.lines });
      } else {
        if (words.length === 0) place = here;
        words.push(match[1] ?? match[0]);
      }
    }
    endLine();
  }
  for (const { opener } of stack.slice(1)) {
    complain(
      opener ?? { line: 1, column: 1 },
      'missing-brace',
      'The block that begins here is never closed by "}".',
    );
  }
  return root.lines;
}

function stripComment(line: string): string {
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"') quoted = !quoted;
    else if (!quoted && (line[i] === '#' || line[i] === '!')) return line.slice(0, i);
  }
  return line;
}
