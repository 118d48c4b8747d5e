/**
 * Ends this process when the one that started it goes (npm, a terminal), and with it every lab that it has built.
 * Call it early; a lab does not need it to vanish with its own test program.
 */
export function exitWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 250).unref();
}
