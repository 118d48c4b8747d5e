/** Where commands write. A parameter everywhere, so that tests read it. */

export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Redrawing makes sense. */
  readonly terminal: boolean;
  /** Colours make sense; absent: where there is a terminal. */
  readonly colours?: boolean;
  /** Text as it is, for a terminal. */
  readonly raw?: (text: string) => void;
  /** Lines of the terminal, now. */
  readonly rows?: number | undefined;
}

/** The process's own streams; a reader that goes away (`| head`) is no error. */
export function processOutput(): Output {
  const ignore = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') process.exit(0);
  };
  process.stdout.on('error', ignore);
  process.stderr.on('error', ignore);
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    terminal: process.stdout.isTTY === true,
    colours: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '',
    raw: (text) => process.stdout.write(text),
    get rows() {
      return process.stdout.rows;
    },
  };
}
