/**
 * Now on CLOCK_MONOTONIC, in milliseconds with a fraction. All processes of a machine read the same clock, so figures
 * of the test, the hub, the client and the daemons can be compared.
 */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
