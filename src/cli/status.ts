/** `heartbeat status [--json] [--watch]` and `heartbeat events [--json]`. */
import { ask } from '../daemon/control/client.js';
import type { ControlRequest, ControlResponse } from '../daemon/control/protocol.js';
import { controlSocketPath, type Paths } from '../daemon/paths.js';
import { readDaemonState } from '../daemon/runner/pid-file.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';
import { eventLine, type StatusPicture, statusLines } from './status-view.js';

const SHOWN_EVENTS = 20;
const WATCH_INTERVAL_MS = 1000;

type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: number };

/** Runs `heartbeat status`; with --watch until the process is ended. Returns the exit code. */
export async function runStatus(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const flags = readFlags(argv, ['--json', '--watch'], 'status', output);
  if (flags === undefined) return EXIT.usage;
  for (;;) {
    const picture = await takePicture(paths, output);
    if (picture.ok) show(picture.value, flags, output);
    if (!flags.has('--watch')) return picture.ok ? EXIT.ok : picture.code;
    await new Promise((resolve) => setTimeout(resolve, WATCH_INTERVAL_MS));
  }
}

/** Runs `heartbeat events`: the newest 200, oldest first. */
export async function runEvents(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const flags = readFlags(argv, ['--json'], 'events', output);
  if (flags === undefined) return EXIT.usage;
  const answer = await request(paths, { kind: 'events', count: 200 }, 'events', output);
  if (!answer.ok) return answer.code;
  for (const event of answer.value.events) {
    output.out(flags.has('--json') ? JSON.stringify(event) : eventLine(event));
  }
  return EXIT.ok;
}

function show(picture: StatusPicture, flags: ReadonlySet<string>, output: Output): void {
  if (flags.has('--json')) {
    const { status, lateness, links } = picture.snapshot;
    output.out(
      JSON.stringify({ ...status, lateness, links, daemon: picture.daemon, events: picture.events }),
    );
    return;
  }
  const text = statusLines(picture, output.terminal, Date.now()).join('\n');
  const clear = flags.has('--watch') && output.terminal ? '\u001b[H\u001b[2J' : '';
  output.out(`${clear}${text}${flags.has('--watch') && !output.terminal ? '\n' : ''}`);
}

async function takePicture(paths: Paths, output: Output): Promise<Asked<StatusPicture>> {
  const snapshot = await request(paths, { kind: 'snapshot' }, 'snapshot', output);
  if (!snapshot.ok) return snapshot;
  const events = await request(paths, { kind: 'events', count: SHOWN_EVENTS }, 'events', output);
  if (!events.ok) return events;
  return { ok: true, value: { ...snapshot.value, events: events.value.events } };
}

/** One question whose answer has to be of one kind; anything else is said on standard error. */
async function request<K extends ControlResponse['kind']>(
  paths: Paths,
  question: ControlRequest,
  kind: K,
  output: Output,
): Promise<Asked<Extract<ControlResponse, { kind: K }>>> {
  const answer = await ask(controlSocketPath(paths), question);
  if (!answer.ok) {
    output.err(answer.reason);
    return { ok: false, code: answer.cause === 'stopped' ? stoppedCode(paths) : EXIT.other };
  }
  const { response } = answer;
  if (isKind(response, kind)) return { ok: true, value: response };
  output.err(response.kind === 'refused' ? response.reason : 'The daemon gave an unexpected answer.');
  return { ok: false, code: EXIT.other };
}

function isKind<K extends ControlResponse['kind']>(
  response: ControlResponse,
  kind: K,
): response is Extract<ControlResponse, { kind: K }> {
  return response.kind === kind;
}

/** As `heartbeat -s`: 3 never started, 1 a pid file is left. */
function stoppedCode(paths: Paths): number {
  return readDaemonState(paths).kind === 'never' ? EXIT.neverStarted : EXIT.other;
}

function readFlags(
  argv: readonly string[],
  known: readonly string[],
  command: string,
  output: Output,
): ReadonlySet<string> | undefined {
  const wrong = argv.find((word) => !known.includes(word));
  if (wrong === undefined) return new Set(argv);
  output.err(
    `heartbeat ${command}: "${wrong}" is not understood. Usage: heartbeat ${command} [${known.join('] [')}]`,
  );
  return undefined;
}
