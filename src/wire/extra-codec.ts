/**
 * The extra field of a status as text (the type is in extra.ts):
 *
 *   1 / p:4.0.0 / c:groups+lease / n:NONCE / h:PEER+PEER / d:DIGEST / g:RUN+RUN / m:3 / f:HINT+ha.cf=DIGEST
 *                                                                                   (without the blanks)
 *                                                                                / l:node@@eth0=64 (100 of 1000 lost)
 *                                                                                / i:2+5 (groups without a carrier)
 *   |   |         |                |         |             |          |
 *   |   program   capabilities     nonce     |             |          claims: h1ax100 = 100 times "held, epoch 0x1a"
 *   version                                  |             digest of the groups
 *                                            node@NONCE@eth0=1f@%2Fdev%2FttyS0=1e    highest numbers heard, in hex
 *
 * Only letters, digits and `. _ - % : / + @ =` occur, so it survives both encodings, a serial line that strips bit 7,
 * and a shell environment. Every other byte of a name is percent-encoded. Sections may come in any order; unknown ones
 * are ignored, so that later versions can add some.
 */
import { invariant } from '../errors/assert.js';
import type { Extra, FileDigests, GroupClaim, GroupHold, HeardLink, HeardPeer } from './extra.js';

export { type GroupIdentity, groupsDigest } from './group-digest.js';

/** Bounds of what is accepted, all far above what a cluster of this program needs. */
export const EXTRA_LIMITS = {
  textBytes: 48 * 1024,
  nameBytes: 255,
  peers: 100,
  linksPerPeer: 16,
  claims: 10_000,
  capabilities: 32,
  files: 16,
} as const;

const CURRENT_VERSION = 1;
const MAX_VERSION = 99_999;

const HOLD_LETTERS: Readonly<Record<GroupHold, string>> = {
  free: 'f',
  held: 'h',
  taken: 't',
  releasing: 'r',
  failed: 'x',
};

const HOLD_BY_LETTER: ReadonlyMap<string, GroupHold> = new Map([
  ['f', 'free'],
  ['h', 'held'],
  ['t', 'taken'],
  ['r', 'releasing'],
  ['x', 'failed'],
]);

const NONCE = /^[0-9a-f]{16}$/;
const DIGEST = /^[0-9a-f]{8}$/;
const FILE_DIGEST = /^[0-9a-f]{16}$/;
const CAPABILITY = /^[a-z][a-z0-9-]{0,31}$/;
const HEX_NUMBER = /^(?:0|[1-9a-f][0-9a-f]{0,13})$/;
/** No control characters: names get into logs. */
const ENCODED_NAME = /^(?:[A-Za-z0-9._-]|%[2-9A-F][0-9A-F])+$/;
const PLAIN_NAME = /^[A-Za-z0-9._-]+$/;
const CLAIM_RUN = /^([fhtrx])([0-9a-f]{1,14})(?:x([1-9][0-9]{0,4}))?$/;

/** The field's value. Values outside the bounds above are a broken invariant: the configuration keeps them. */
export function encodeExtra(extra: Extra): string {
  invariant(Number.isInteger(extra.version), 'the version of the extra field is a whole number');
  invariant(
    extra.version >= 1 && extra.version <= MAX_VERSION,
    'the version of the extra field is out of range',
  );
  invariant(NONCE.test(extra.nonce), 'a nonce is 16 hex digits');
  invariant(DIGEST.test(extra.groupsDigest), 'the digest of the groups is 8 hex digits');
  invariant(extra.heard.length <= EXTRA_LIMITS.peers, 'too many peers for the extra field');
  invariant(extra.claims.length <= EXTRA_LIMITS.claims, 'too many groups for the extra field');
  invariant(extra.capabilities.length <= EXTRA_LIMITS.capabilities, 'too many capabilities');
  invariant(
    extra.capabilities.every((word) => CAPABILITY.test(word)),
    'a capability is a lower-case word',
  );
  let text = `${extra.version}/p:${encodeName(extra.program)}`;
  if (extra.capabilities.length > 0) text += `/c:${extra.capabilities.join('+')}`;
  text += `/n:${extra.nonce}`;
  if (extra.heard.length > 0) text += `/h:${extra.heard.map(encodePeer).join('+')}`;
  text += `/d:${extra.groupsDigest}`;
  if (extra.claims.length > 0) text += `/g:${encodeClaims(extra.claims)}`;
  if (extra.maintenance !== undefined) text += `/m:${encodeNumber(extra.maintenance)}`;
  if (extra.files !== undefined) text += `/f:${encodeFiles(extra.files)}`;
  if (extra.losses !== undefined) text += `/l:${extra.losses.map(encodePeer).join('+')}`;
  if (extra.noCarrier !== undefined) text += `/i:${extra.noCarrier.map(encodeNumber).join('+')}`;
  invariant(text.length <= EXTRA_LIMITS.textBytes, 'the extra field is too long');
  return text;
}

function encodeName(name: string): string {
  if (name.length === 0 || name.length > EXTRA_LIMITS.nameBytes)
    invariant(false, `a name is too long or empty: ${name}`);
  if (PLAIN_NAME.test(name)) return name;
  let text = '';
  for (let i = 0; i < name.length; i++) {
    const char = name.charAt(i);
    const code = name.charCodeAt(i);
    invariant(
      code >= 0x20 && code <= 255,
      `a name holds a character that is not allowed: ${JSON.stringify(name)}`,
    );
    text += PLAIN_NAME.test(char) ? char : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function encodeNumber(value: number): string {
  invariant(Number.isSafeInteger(value) && value >= 0, 'numbers of the extra field are 0..2^53-1');
  return value.toString(16);
}

function encodePeer(peer: HeardPeer): string {
  invariant(peer.nonce === '' || NONCE.test(peer.nonce), 'a nonce is 16 hex digits');
  invariant(peer.links.length <= EXTRA_LIMITS.linksPerPeer, 'too many links for the extra field');
  let text = `${encodeName(peer.node)}@${peer.nonce}`;
  for (const { link, seq } of peer.links) text += `@${encodeName(link)}=${encodeNumber(seq)}`;
  return text;
}

function encodeClaims(claims: readonly GroupClaim[]): string {
  const runs: string[] = [];
  for (let i = 0; i < claims.length; ) {
    const claim = claims[i];
    invariant(claim !== undefined, 'claims have no holes');
    let end = i + 1;
    while (claims[end]?.hold === claim.hold && claims[end]?.epoch === claim.epoch) end++;
    const run = HOLD_LETTERS[claim.hold] + encodeNumber(claim.epoch);
    runs.push(end - i > 1 ? `${run}x${end - i}` : run);
    i = end;
  }
  return runs.join('+');
}

function encodeFiles({ keyHint, digests }: FileDigests): string {
  invariant(digests.length <= EXTRA_LIMITS.files, 'too many files for the extra field');
  invariant(
    [keyHint, ...digests.map(({ digest }) => digest)].every((digest) => FILE_DIGEST.test(digest)),
    'the digest of a file is 16 hex digits',
  );
  return [keyHint, ...digests.map(({ file, digest }) => `${encodeName(file)}=${digest}`)].join('+');
}

/**
 * Reads a field's value; undefined when it is not one, or exceeds a bound. Of a version above ours, sections that do
 * not parse are taken as absent as long as program, nonce and digest are there.
 */
export function parseExtra(text: string): Extra | undefined {
  if (text.length > EXTRA_LIMITS.textBytes) return undefined;
  const [head = '', ...parts] = text.split('/');
  if (!/^[1-9][0-9]{0,4}$/.test(head)) return undefined;
  const version = Number(head);
  const lenient = version > CURRENT_VERSION;
  const sections = readSections(parts, lenient);
  if (sections === undefined) return undefined;
  const program = decodeName(sections.get('p') ?? '');
  const nonce = sections.get('n');
  const groupsDigest = sections.get('d');
  if (program === undefined || nonce === undefined || !NONCE.test(nonce)) return undefined;
  if (groupsDigest === undefined || !DIGEST.test(groupsDigest)) return undefined;
  const capabilities = optional(sections.get('c'), parseCapabilities, lenient);
  const heard = optional(sections.get('h'), parsePeers, lenient);
  const claims = optional(sections.get('g'), parseClaims, lenient);
  if (capabilities === undefined || heard === undefined || claims === undefined) return undefined;
  const extra = { version, program, capabilities, nonce, heard, groupsDigest, claims };
  const maintenance = section(sections.get('m'), parseNumber);
  const files = section(sections.get('f'), parseFiles);
  const losses = section(sections.get('l'), parsePeers);
  const noCarrier = section(sections.get('i'), parseNumbers);
  if (!lenient && [maintenance, files, losses, noCarrier].includes('broken')) return undefined;
  return {
    ...extra,
    ...(typeof maintenance === 'number' ? { maintenance } : {}),
    ...(typeof files === 'object' ? { files } : {}),
    ...(typeof losses === 'object' ? { losses } : {}),
    ...(typeof noCarrier === 'object' ? { noCarrier } : {}),
  };
}

function readSections(parts: readonly string[], lenient: boolean): ReadonlyMap<string, string> | undefined {
  const sections = new Map<string, string>();
  for (const part of parts) {
    const colon = part.indexOf(':');
    if (colon < 1) {
      if (lenient) continue;
      return undefined;
    }
    const key = part.slice(0, colon);
    if (sections.has(key)) return undefined;
    sections.set(key, part.slice(colon + 1));
  }
  return sections;
}

/** A section that may be absent. */
function section<T>(
  text: string | undefined,
  parse: (text: string) => T | undefined,
): T | 'broken' | undefined {
  return text === undefined ? undefined : (parse(text) ?? 'broken');
}

function optional<T>(
  section: string | undefined,
  parse: (section: string) => readonly T[] | undefined,
  lenient: boolean,
): readonly T[] | undefined {
  if (section === undefined) return [];
  return parse(section) ?? (lenient ? [] : undefined);
}

function parseCapabilities(section: string): string[] | undefined {
  const words = section.split('+');
  if (words.length > EXTRA_LIMITS.capabilities) return undefined;
  return words.every((word) => CAPABILITY.test(word)) ? words : undefined;
}

function decodeName(encoded: string): string | undefined {
  if (PLAIN_NAME.test(encoded)) return encoded.length <= EXTRA_LIMITS.nameBytes ? encoded : undefined;
  if (!ENCODED_NAME.test(encoded)) return undefined;
  const name = encoded.replaceAll(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return name.length <= EXTRA_LIMITS.nameBytes ? name : undefined;
}

function parseNumber(digits: string): number | undefined {
  if (!HEX_NUMBER.test(digits)) return undefined;
  const value = Number.parseInt(digits, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Rising numbers of groups. */
function parseNumbers(section: string): number[] | undefined {
  const numbers: number[] = [];
  for (const word of section.split('+')) {
    const value = parseNumber(word);
    if (value === undefined || value >= EXTRA_LIMITS.claims || value <= (numbers.at(-1) ?? -1))
      return undefined;
    numbers.push(value);
  }
  return numbers;
}

function parsePeers(section: string): HeardPeer[] | undefined {
  const words = section.split('+');
  if (words.length > EXTRA_LIMITS.peers) return undefined;
  const peers: HeardPeer[] = [];
  for (const word of words) {
    const peer = parsePeer(word);
    if (peer === undefined) return undefined;
    peers.push(peer);
  }
  return peers;
}

function parsePeer(word: string): HeardPeer | undefined {
  const [encodedNode = '', nonce = '?', ...rest] = word.split('@');
  const node = decodeName(encodedNode);
  if (node === undefined || (nonce !== '' && !NONCE.test(nonce))) return undefined;
  if (rest.length > EXTRA_LIMITS.linksPerPeer) return undefined;
  const links: HeardLink[] = [];
  for (const part of rest) {
    const [encodedLink = '', digits = '', ...more] = part.split('=');
    const link = decodeName(encodedLink);
    const seq = parseNumber(digits);
    if (link === undefined || seq === undefined || more.length > 0) return undefined;
    links.push({ link, seq });
  }
  return { node, nonce, links };
}

function parseClaims(section: string): GroupClaim[] | undefined {
  const claims: GroupClaim[] = [];
  for (const run of section.split('+')) {
    const [, letter = '', digits = '', times = '1'] = CLAIM_RUN.exec(run) ?? [];
    const hold = HOLD_BY_LETTER.get(letter);
    const epoch = parseNumber(digits);
    const count = Number(times);
    if (hold === undefined || epoch === undefined) return undefined;
    if (claims.length + count > EXTRA_LIMITS.claims) return undefined;
    const claim: GroupClaim = { hold, epoch };
    for (let i = 0; i < count; i++) claims.push(claim);
  }
  return claims;
}

function parseFiles(section: string): FileDigests | undefined {
  const [keyHint = '', ...words] = section.split('+');
  if (!FILE_DIGEST.test(keyHint) || words.length > EXTRA_LIMITS.files) return undefined;
  const digests: { file: string; digest: string }[] = [];
  for (const word of words) {
    const [encoded = '', digest = '', ...more] = word.split('=');
    const file = decodeName(encoded);
    if (file === undefined || !FILE_DIGEST.test(digest) || more.length > 0) return undefined;
    digests.push({ file, digest });
  }
  return { keyHint, digests };
}
