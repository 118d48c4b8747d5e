/** The option letters of heartbeat(8), bundled or apart (heartbeat-admin.md 5.1). */

export interface StartOptions {
  readonly foreground: boolean;
  /** Number of -d. */
  readonly debug: number;
  readonly realtime: boolean;
  readonly manageResources: boolean;
  readonly verbose: boolean;
}

export type HeartbeatCall =
  | { readonly kind: 'start'; readonly options: StartOptions }
  | { readonly kind: 'stop' }
  | { readonly kind: 'reload'; readonly options: StartOptions; readonly force: boolean }
  | { readonly kind: 'status' }
  | { readonly kind: 'directives'; readonly wiki: boolean }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  /** Exit code and sentence of a call that cannot be. */
  | { readonly kind: 'usage'; readonly code: 1 | 2; readonly sentence: string };

/** One row per option letter: usage, manual and completion are made from it. */
export const OPTION_ROWS: readonly {
  readonly letter: string;
  readonly argument?: string;
  readonly sentence: string;
}[] = [
  { letter: 'f', sentence: 'Stay in the foreground, as a service manager wants it.' },
  { letter: 'd', sentence: 'One more level of debug messages; may be given several times.' },
  { letter: 'v', sentence: 'Print the effective configuration first.' },
  { letter: 'l', sentence: 'No real-time priority and no locked memory.' },
  { letter: 'M', sentence: 'Manage no resources.' },
  { letter: 'k', sentence: 'Stop the daemon, handing the resources over; waits until it has ended.' },
  { letter: 'r', sentence: 'Reread the configuration; starts the daemon when it does not run.' },
  {
    letter: 'R',
    sentence: 'Restart all processes of the daemon, of a newer version for instance; resources stay up.',
  },
  {
    letter: 'C',
    argument: 'local|foreign|all|none',
    sentence: 'With -R, and without effect: resources are always kept.',
  },
  { letter: 's', sentence: 'Say whether it runs.' },
  { letter: 'D', sentence: 'Table of the directives of ha.cf.' },
  { letter: 'W', sentence: 'With -D: as a wiki table.' },
  { letter: 'V', sentence: 'Version.' },
];

const KEPT = ['local', 'foreign', 'all', 'none'];

/** Reads the arguments of `heartbeat` when the first is no sub-command. */
export function readHeartbeatOptions(argv: readonly string[]): HeartbeatCall {
  const seen = new Set<string>();
  let debug = 0;
  let kept: string | undefined;
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--help') return { kind: 'help' };
    if (word === '--version') return { kind: 'version' };
    if (!/^-[a-zA-Z]/.test(word)) return usage(2, `"${word}" is not understood`);
    for (let index = 1; index < word.length; index += 1) {
      const letter = word.charAt(index);
      if (letter === 'h') return { kind: 'help' };
      if (!'dDkMrRsvWlCVf'.includes(letter)) return usage(2, `there is no option -${letter}`);
      seen.add(letter);
      if (letter === 'd') debug += 1;
      if (letter === 'C') {
        kept = word.slice(index + 1) || words.shift();
        if (kept === undefined || !KEPT.includes(kept)) return usage(2, `-C needs one of ${KEPT.join(', ')}`);
        break;
      }
    }
  }
  return decide(seen, debug);
}

function decide(seen: ReadonlySet<string>, debug: number): HeartbeatCall {
  if (seen.has('C') && !seen.has('R')) return usage(1, '-C WHAT goes only with -R');
  if (seen.has('r') && seen.has('R')) return usage(1, '-r and -R exclude each other');
  const options: StartOptions = {
    foreground: seen.has('f'),
    debug,
    realtime: !seen.has('l'),
    manageResources: !seen.has('M'),
    verbose: seen.has('v'),
  };
  if (seen.has('V')) return { kind: 'version' };
  if (seen.has('D')) return { kind: 'directives', wiki: seen.has('W') };
  if (seen.has('W')) return usage(2, '-W goes only with -D');
  if (seen.has('s')) return { kind: 'status' };
  if (seen.has('k')) return { kind: 'stop' };
  if (seen.has('r') || seen.has('R')) return { kind: 'reload', options, force: seen.has('R') };
  return { kind: 'start', options };
}

function usage(code: 1 | 2, sentence: string): HeartbeatCall {
  return { kind: 'usage', code, sentence };
}
