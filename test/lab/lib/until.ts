import { nowMs } from './clock.js';

/**
 * Asks `condition` every `everyMs` (default 20) until it gives something other than false, null or undefined, and
 * returns that. Throws after `withinMs` with `what` was waited for, and the last error if the condition threw.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  wanted: { withinMs: number; what: string; everyMs?: number },
): Promise<Exclude<T, false | null | undefined>> {
  const endMs = nowMs() + wanted.withinMs;
  for (;;) {
    let failure = '';
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<T, false | null | undefined>;
      }
    } catch (error) {
      failure = ` (last: ${error instanceof Error ? error.message : String(error)})`;
    }
    if (nowMs() > endMs) throw new Error(`not within ${wanted.withinMs} ms: ${wanted.what}${failure}`);
    await new Promise((resolve) => setTimeout(resolve, wanted.everyMs ?? 20));
  }
}
