/** Text in columns, and colours where a terminal shows them. */
import { oneLine } from '../log/format.js';

export { duration } from '../log/words.js';

export type Colour = 'red' | 'green' | 'yellow' | 'bold';

const CODES: Readonly<Record<Colour, number>> = { bold: 1, red: 31, green: 32, yellow: 33 };

/** A cell with an optional colour. Control characters in it become blanks. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

/** Wraps text in a colour when `enabled`. */
export function paint(text: string, colour: Colour | undefined, enabled: boolean): string {
  if (!enabled || colour === undefined) return text;
  return `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

/** Lines of a table with a bold header; columns are two blanks apart and as wide as their widest cell. */
export function table(
  header: readonly string[],
  rows: readonly (readonly (Cell | string)[])[],
  colours: boolean,
): readonly string[] {
  const cells = rows.map((row) =>
    row.map((cell): Cell => {
      const { text, ...rest } = typeof cell === 'string' ? { text: cell } : cell;
      return { text: oneLine(text), ...rest };
    }),
  );
  const headCells = header.map((text): Cell => ({ text, colour: 'bold' }));
  const all = [headCells, ...cells];
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => [...(row[column]?.text ?? '')].length)),
  );
  return all.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - [...cell.text].length);
        return paint(cell.text, cell.colour, colours) + (column === row.length - 1 ? '' : padding);
      })
      .join('  ')
      .trimEnd(),
  );
}
