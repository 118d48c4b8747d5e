/**
 * What a report may not tell. Secrets are taken out of the configuration by its grammar, remembered, and then looked for in
 * everything else: a log or a recording that repeats one does not tell it either.
 */
import { isIP } from 'node:net';
import { deserialize, serialize } from 'node:v8';

export const REMOVED = '(removed)';

/** Shorter ones would take half of every log away. */
const SEARCHED_MIN = 4;
const SECRET_NAME = /pass(?:word|wd|phrase)?$|secret|token|credential|^pwd$|api_?key|private_?key/i;
const ASSIGNED =
  /\b([\w-]*(?:password|passwd|passphrase|pass|secret|token|credentials?|pwd|api_?key)[\w-]*)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&|"']+)/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;
const USER_IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/)([^\s/@]+)@/gi;

export interface SecretKeeper {
  /** `ha.cf` without parameters of fencing devices, values of the environment, and arguments of client programs. */
  haCf(text: string): string;
  authkeys(text: string): string;
  haresources(text: string): string;
  /** heartbeat.ini. */
  settings(text: string): string;
  keepalived(text: string): string;
  /** Any other text: everything that was remembered, and whatever looks like a password. */
  scrub(text: string): string;
  /** A file of the flight recorder; undefined: it cannot be made safe. */
  recording(text: string): string | undefined;
}

/** `harmless`: words that are no secret wherever they stand, such as the names of the nodes. */
export function createSecretKeeper(harmless: readonly string[]): SecretKeeper {
  const secrets = new Set<string>();
  const known = new Set(harmless.map((word) => word.toLowerCase()));

  const remember = (text: string): void => {
    const word = text.trim().replace(/^(["'])(.*)\1$/, '$2');
    const isPlain = known.has(word.toLowerCase()) || isIP(word) !== 0 || /^\d{1,5}$/.test(word);
    if (word.length < SEARCHED_MIN || isPlain || word.startsWith('/')) return;
    const bytes = Buffer.from(word, 'latin1').toString('utf8');
    for (const form of [word, bytes, JSON.stringify(word).slice(1, -1), encodeURIComponent(word)])
      secrets.add(form);
    const [, value] = /^[\w-]+=(.+)$/.exec(word) ?? [];
    if (value !== undefined) remember(value);
  };
  const words = (text: string): void => {
    for (const word of text.split(/\s+/)) remember(word);
  };

  const patterns = (text: string): string =>
    text
      .replace(PRIVATE_KEY, REMOVED)
      .replace(USER_IN_URL, (_, scheme: string, user: string) => {
        remember(user.slice(user.indexOf(':') + 1));
        return `${scheme}${REMOVED}@`;
      })
      .replace(ASSIGNED, (whole, name: string, sign: string, value: string) => {
        // A file's name is no secret, and is needed.
        if (/_?file$/i.test(name)) return whole;
        remember(value);
        return `${name}${sign}${REMOVED}`;
      });
  const scrub = (text: string): string => {
    let clean = patterns(text);
    // The longest first: one may be a part of another.
    for (const secret of [...secrets].sort((left, right) => right.length - left.length))
      clean = clean.replaceAll(secret, REMOVED);
    return clean;
  };
  const lines = (text: string, each: (line: string) => string): string =>
    text.split('\n').map(each).join('\n');

  return {
    scrub,
    haCf: (text) =>
      patterns(
        lines(text, (line) => {
          const [, head, rest] =
            /^(\s*(?:#+\s*)?(?:stonith_host\s+\S+\s+\S+|stonith\s+\S+|env|respawn\s+\S+\s+\S+))\s+(\S.*)$/i.exec(
              line,
            ) ?? [];
          if (head === undefined || rest === undefined) return line;
          words(rest);
          const [, name] = /^\s*(?:#+\s*)?env$/i.test(head) ? (/^([^=\s]+)=/.exec(rest) ?? []) : [];
          return name === undefined ? `${head} ${REMOVED}` : `${head} ${name}=${REMOVED}`;
        }),
      ),
    authkeys: (text) =>
      lines(text, (line) => {
        const [, head, key] = /^(\s*(?:#+\s*)?\d+\s+\S+)\s+(\S.*)$/.exec(line) ?? [];
        if (head === undefined || key === undefined)
          return /^\s*(auth\b|\d+\s+crc\s*$|$)/.test(line) ? line : `# ${REMOVED}`;
        remember(key);
        words(key);
        return `${head} ${REMOVED}`;
      }),
    haresources: (text) => patterns(text),
    settings: (text) =>
      patterns(
        lines(text, (line) => {
          const [, head, name = '', value] = /^(\s*;?\s*([\w-]+)\s*=)\s*(\S.*)$/.exec(line) ?? [];
          if (value === undefined || !SECRET_NAME.test(name)) return line;
          remember(value);
          return `${head} ${REMOVED}`;
        }),
      ),
    keepalived: (text) =>
      patterns(
        lines(text, (line) => {
          const [, head, value] =
            /^(\s*[#!]?\s*(?:auth_pass|password|secret|\w*_pass))\s+(\S.*)$/i.exec(line) ?? [];
          if (value === undefined) return line;
          words(value);
          return `${head} ${REMOVED}`;
        }),
      ),
    recording(text) {
      const end = text.indexOf('\n');
      const head = imageWithout(text.slice(0, end), scrub);
      return head === undefined ? undefined : `${head}\n${scrub(text.slice(end + 1))}`;
    },
  };
}

/** The head of a recording, whose image is bytes: every text in it is looked through. */
function imageWithout(line: string, scrub: (text: string) => string): string | undefined {
  try {
    const head = JSON.parse(line) as { image?: unknown };
    if (typeof head.image !== 'string') return undefined;
    const state = scrubAll(deserialize(Buffer.from(head.image, 'base64')), scrub, new Map());
    return scrub(JSON.stringify({ ...head, image: '' })).replace(
      '"image":""',
      `"image":"${serialize(state).toString('base64')}"`,
    );
  } catch {
    return undefined;
  }
}

function scrubAll(value: unknown, scrub: (text: string) => string, seen: Map<unknown, unknown>): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (seen.has(value)) return seen.get(value);
  seen.set(value, value);
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, item]) => [scrubAll(key, scrub, seen), scrubAll(item, scrub, seen)] as const,
    );
    value.clear();
    for (const [key, item] of entries) value.set(key, item);
  } else if (value instanceof Set) {
    const items = [...value].map((item) => scrubAll(item, scrub, seen));
    value.clear();
    for (const item of items) value.add(item);
  } else {
    const record = value as Record<string, unknown>;
    for (const [key, item] of Object.entries(record)) record[key] = scrubAll(item, scrub, seen);
  }
  return value;
}
