/**
 * At most one line per cause and window, with a count of what was held back, so that a flood (bad packets, a dead
 * disk) neither fills the log nor hides. Pure: the clock is given.
 */

export interface ThrottleOptions {
  /** Length of the quiet time after a line, in ms, > 0. */
  readonly windowMs: number;
  /** A monotonic clock in ms. */
  readonly nowMs: () => number;
  /** Causes remembered at once, >= 1; the one silent for longest is forgotten first. Default 1000. */
  readonly maxCauses?: number;
}

export interface Throttle {
  /**
   * The line to log now, or undefined when this cause had its line within the window. The first line after a
   * window in which lines were held back carries their number: "TEXT (123 more in the last minute)".
   */
  line(cause: string, text: string): string | undefined;
  /** Lines for causes whose window has passed with lines held back and nothing since. Call it now and then. */
  flush(): readonly string[];
}

interface Entry {
  sinceMs: number;
  heldBack: number;
  lastText: string;
}

/** Makes an empty throttle. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const maxCauses = options.maxCauses ?? 1000;
  const entries = new Map<string, Entry>();
  const windowWords = words(options.windowMs);

  const withCount = (text: string, heldBack: number): string =>
    heldBack === 0 ? text : `${text} (${heldBack} more in the last ${windowWords})`;

  return {
    line(cause, text) {
      const now = options.nowMs();
      const entry = entries.get(cause);
      if (entry !== undefined && now - entry.sinceMs < options.windowMs) {
        entry.heldBack += 1;
        entry.lastText = text;
        return undefined;
      }
      entries.delete(cause);
      if (entries.size >= maxCauses) {
        const oldest = entries.keys().next();
        if (oldest.done !== true) entries.delete(oldest.value);
      }
      entries.set(cause, { sinceMs: now, heldBack: 0, lastText: text });
      return withCount(text, entry?.heldBack ?? 0);
    },
    flush() {
      const now = options.nowMs();
      const lines: string[] = [];
      for (const [cause, entry] of entries) {
        if (now - entry.sinceMs < options.windowMs) continue;
        entries.delete(cause);
        if (entry.heldBack > 0) lines.push(withCount(entry.lastText, entry.heldBack));
      }
      return lines;
    },
  };
}

function words(windowMs: number): string {
  if (windowMs === 60_000) return 'minute';
  return windowMs % 1000 === 0 ? `${windowMs / 1000} s` : `${windowMs} ms`;
}
