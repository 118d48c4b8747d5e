/** Where commands write. A parameter everywhere, so that tests read it. */

export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Colours and redrawing make sense. */
  readonly terminal: boolean;
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
    terminal: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
  };
}
