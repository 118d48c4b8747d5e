/** `heartbeat status [--json] [--watch]` and `heartbeat events [--json]`. */
import { ask } from '../daemon/control/client.js';
import { pictureDocument } from '../daemon/control/picture.js';
import type { ControlRequest, ControlResponse } from '../daemon/control/protocol.js';
import { controlSocketPath, type Paths } from '../daemon/paths.js';
import { EVENT_LIMIT } from '../daemon/runner/events.js';
import { readDaemonState } from '../daemon/runner/pid-file.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';
import { openScreen, type Screen } from './screen.js';
import { eventLine, type StatusPicture, statusLines } from './status-view.js';

const SHOWN_EVENTS = 20;

type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: number; readonly reason: string };

/** Runs `heartbeat status`; with --watch until Ctrl-C. Returns the exit code. */
export async function runStatus(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const flags = readFlags(argv, ['--json', '--watch'], 'status', output);
  if (flags === undefined) return EXIT.usage;
  if (flags.has('--watch')) return await watch(flags.has('--json'), paths, output);
  const picture = await takePicture(paths);
  if (!picture.ok) {
    output.err(picture.reason);
    return picture.code;
  }
  output.out(textOf(picture.value, flags.has('--json'), coloursOf(output)));
  return EXIT.ok;
}

/** Once a second, until the process is told to end: a terminal is redrawn, anything else gets one picture after the other. */
async function watch(json: boolean, paths: Paths, output: Output): Promise<number> {
  const screen = openScreen(output);
  const show: Screen['show'] = json && !output.terminal ? (text) => output.out(text) : screen.show;
  while (!screen.over) {
    const picture = await takePicture(paths);
    show(picture.ok ? textOf(picture.value, json, coloursOf(output)) : picture.reason);
    await screen.pause();
  }
  screen.close();
  return EXIT.ok;
}

function coloursOf(output: Output): boolean {
  return output.colours ?? output.terminal;
}

function textOf(picture: StatusPicture, json: boolean, colours: boolean): string {
  const nowWallMs = Date.now();
  if (json) return JSON.stringify(pictureDocument(picture, nowWallMs));
  return statusLines(picture, colours, nowWallMs).join('\n');
}

/** Runs `heartbeat events`: the newest 500, oldest first. */
export async function runEvents(argv: readonly string[], paths: Paths, output: Output): Promise<number> {
  const flags = readFlags(argv, ['--json'], 'events', output);
  if (flags === undefined) return EXIT.usage;
  const answer = await request(paths, { kind: 'events', count: EVENT_LIMIT }, 'events');
  if (!answer.ok) {
    output.err(answer.reason);
    return answer.code;
  }
  for (const event of answer.value.events) {
    output.out(flags.has('--json') ? JSON.stringify(event) : eventLine(event));
  }
  return EXIT.ok;
}

async function takePicture(paths: Paths): Promise<Asked<StatusPicture>> {
  const snapshot = await request(paths, { kind: 'snapshot' }, 'snapshot');
  if (!snapshot.ok) return snapshot;
  const events = await request(paths, { kind: 'events', count: SHOWN_EVENTS }, 'events');
  if (!events.ok) return events;
  return { ok: true, value: { ...snapshot.value, events: events.value.events } };
}

/** One question whose answer has to be of one kind; anything else is a reason in words. */
async function request<K extends ControlResponse['kind']>(
  paths: Paths,
  question: ControlRequest,
  kind: K,
): Promise<Asked<Extract<ControlResponse, { kind: K }>>> {
  const answer = await ask(controlSocketPath(paths), question);
  if (!answer.ok) {
    const code = answer.cause === 'stopped' ? stoppedCode(paths) : EXIT.other;
    return { ok: false, code, reason: answer.reason };
  }
  const { response } = answer;
  if (isKind(response, kind)) return { ok: true, value: response };
  const reason = response.kind === 'refused' ? response.reason : 'The daemon gave an unexpected answer.';
  return { ok: false, code: EXIT.other, reason };
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
