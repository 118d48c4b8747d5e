/** Reads authkeys (heartbeat-admin.md 3, heartbeat-protocol.md 4.1). Keys never appear in a diagnostic. */
import { likelyMeant } from '../nearest.js';
import { type Place, Problems, WHOLE_FILE } from '../problems.js';
import type { AuthKey, AuthKeys } from '../types.js';

export interface ReadAuthKeys {
  /** Undefined when the file cannot be used. */
  readonly authKeys: AuthKeys | undefined;
  readonly problems: Problems;
  /** Where the line of each key in force stands, by index. */
  readonly places: ReadonlyMap<number, Place>;
}

export interface AuthKeysContext {
  /** Permission bits of the file. */
  readonly mode: number;
  /** `[auth] sha2` of heartbeat.ini: sha256 and sha512 are allowed. */
  readonly sha2: boolean;
}

const MAX_INDEX = 15;
const ORIGINAL_METHODS = ['crc', 'md5', 'sha1'] as const;
const SHA2_METHODS = ['sha256', 'sha512'] as const;
const METHODS: readonly AuthKey['method'][] = [...ORIGINAL_METHODS, ...SHA2_METHODS];

interface State {
  readonly problems: Problems;
  readonly sha2: boolean;
  readonly keys: Map<number, AuthKey>;
  readonly places: Map<number, Place>;
  auth: { readonly index: number; readonly place: Place } | undefined;
  /** A key line of the index named by the last auth line has followed it. */
  activeSeen: boolean;
}

/** Understands the bytes of authkeys as latin1 text, one character a byte; never throws. */
export function parseAuthKeys(latin1: string, file: string, context: AuthKeysContext): ReadAuthKeys {
  const problems = new Problems(file);
  const state: State = {
    problems,
    sha2: context.sha2,
    keys: new Map(),
    places: new Map(),
    auth: undefined,
    activeSeen: false,
  };
  if ((context.mode & 0o077) !== 0) {
    const bits = (context.mode & 0o777).toString(8).padStart(4, '0');
    const message = `The permissions ${bits} let others than the owner use the keys.`;
    problems.error(WHOLE_FILE, 'permissions', message, `Run chmod 600 ${file}.`);
  }
  for (const [index, line] of latin1.split('\n').entries()) readLine(line, index + 1, state);
  return { authKeys: finish(state), problems, places: state.places };
}

function readLine(raw: string, line: number, state: State): void {
  const text = raw.replace(/^[ \t]+/, '').replace(/[ \t\r\v\f]+$/, '');
  if (text === '' || text.startsWith('#')) return;
  const place = { line, column: raw.length - raw.replace(/^[ \t]+/, '').length + 1 };
  if (text.startsWith('a')) readAuthLine(text, place, state);
  else readKeyLine(text, place, state);
}

/** Any word that begins with "a" counts as "auth", as in the original. */
function readAuthLine(text: string, place: Place, state: State): void {
  const match = /^(a[^ \t\r\v\f]*)[ \t\r\v\f]+([+-]?\d+)/.exec(text);
  if (match === null) {
    const message = 'This auth line names no key number.';
    state.problems.error(place, 'auth-line-invalid', message, 'Write auth and a number from 0 to 15.');
    return;
  }
  const index = Number(match[2]);
  if (!inRange(index, place, state)) return;
  if (match[1] !== 'auth') {
    const message = 'The first word of this line begins with "a" and is taken as auth.';
    state.problems.warning(place, 'auth-misspelt', message, `Write auth ${index}.`);
  }
  if (state.auth !== undefined && state.auth.index !== index) {
    const message = `This line replaces "auth ${state.auth.index}" of line ${state.auth.place.line}.`;
    state.problems.warning(place, 'auth-replaced', message, 'Keep one auth line.');
  }
  state.auth = { index, place };
  state.activeSeen = false;
}

function inRange(index: number, place: Place, state: State): boolean {
  if (index >= 0 && index <= MAX_INDEX) return true;
  const message = `The key number ${index} is outside 0 to ${MAX_INDEX}.`;
  state.problems.error(place, 'number-range', message, `Write a number from 1 to ${MAX_INDEX}.`);
  return false;
}

function readKeyLine(text: string, place: Place, state: State): void {
  const { problems, keys, places } = state;
  const match = /^([+-]?\d+)[ \t\r\v\f]*([^ \t\r\v\f]+)[ \t\r\v\f]*([^ \t\r\v\f]*)[ \t\r\v\f]*(.*)$/.exec(
    text,
  );
  if (match === null) {
    const message = 'This is neither "auth N" nor "N METHOD KEY".';
    problems.error(
      place,
      'line-invalid',
      message,
      'Write for example "auth 1" and below it "1 sha1 SECRET".',
    );
    return;
  }
  const [, number = '', methodText = '', key = '', rest = ''] = match;
  const index = Number(number);
  const method = knownMethod(methodText, index, place, state);
  if (!inRange(index, place, state) || method === undefined) return;
  if (method === 'crc' && key !== '' && !key.startsWith('#')) {
    const message = `Key ${index}: crc takes no key.`;
    problems.error(place, 'key-not-allowed', message, `Write "${index} crc", or use sha1 with the key.`);
    return;
  }
  if (method === 'crc' && key !== '') {
    problems.error(
      place,
      'key-not-allowed',
      `Key ${index}: what follows crc is taken as a key.`,
      'Remove the comment.',
    );
    return;
  }
  if (method !== 'crc' && key === '') {
    const message = `Key ${index}: ${method} needs a key.`;
    problems.error(
      place,
      'key-required',
      message,
      `Write "${index} ${method} SECRET" with one word as secret.`,
    );
    return;
  }
  if (rest !== '' && !rest.startsWith('#')) {
    const message = `Key ${index}: only the first word is the key, the rest of the line is ignored.`;
    problems.warning(place, 'key-words-ignored', message, 'Write the key without blanks.');
  }
  const earlier = places.get(index);
  if (earlier !== undefined) {
    const message = `Key ${index} of line ${earlier.line} is replaced by this line.`;
    problems.warning(place, 'key-replaced', message, 'Give every key a number of its own.');
  }
  keys.set(index, { index, method, key });
  places.set(index, place);
  if (state.auth?.index === index) state.activeSeen = true;
}

function knownMethod(text: string, index: number, place: Place, state: State): AuthKey['method'] | undefined {
  const method = METHODS.find((known) => known === text);
  const original = ORIGINAL_METHODS.some((known) => known === method);
  if (method !== undefined && original) return method;
  if (method !== undefined && state.sha2) {
    const message = `Key ${index}: the original does not know ${method} and refuses this file.`;
    state.problems.info(place, 'method-not-original', message, 'Use it where all nodes run this program.');
    return method;
  }
  if (method !== undefined) {
    const message = `Key ${index}: the original does not know the method ${method}.`;
    const hint =
      'Write sha1, or, where all nodes run this program, sha2 = yes in section [auth] of heartbeat.ini.';
    state.problems.error(place, 'method-not-original', message, hint);
    return undefined;
  }
  // A line without a method may hold a key in its place, so the word itself is not shown.
  const meant = likelyMeant(text, METHODS);
  const message = `Key ${index}: the second word is no signature method.`;
  const hint = meant === undefined ? 'Write sha1, md5 or crc in lower case.' : `Write ${meant}.`;
  state.problems.error(place, 'method-unknown', message, hint);
  return undefined;
}

function finish(state: State): AuthKeys | undefined {
  const { problems, auth, keys } = state;
  if (auth === undefined) {
    const hint = 'Write a first line "auth N" with the number of the key to sign with.';
    if (!problems.list.some((entry) => entry.code === 'auth-line-invalid' || entry.code === 'number-range')) {
      problems.error(WHOLE_FILE, 'no-auth-line', 'No auth line says which key to sign with.', hint);
    }
  } else if (!state.activeSeen) {
    const message = keys.has(auth.index)
      ? `The line of key ${auth.index} stands before this auth line, so the key is not found.`
      : `There is no usable line of key ${auth.index}.`;
    const hint = `Write a line "${auth.index} sha1 SECRET" below this one.`;
    problems.error(auth.place, 'key-not-found', message, hint);
  }
  if (auth === undefined || problems.errors > 0) return undefined;
  return { activeIndex: auth.index, keys: [...keys.values()].sort((a, b) => a.index - b.index) };
}
