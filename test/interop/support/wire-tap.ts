/**
 * Everything that the nodes of a lab send by UDP, as it leaves their interfaces: tcpdump stands at the switch ports,
 * so that a silenced node is heard here as well. Read with a parser of its own, independent of the program under test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Lab } from '../../lab/lib/index.js';
import { nowMs } from '../../lab/lib/index.js';

/** One message of a node: once, whatever the number of links and repetitions. */
export interface TappedMessage {
  readonly atMs: number;
  readonly from: string;
  /** Hexadecimal, as on the wire; empty for NS_ messages. */
  readonly seq: string;
  readonly generation: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface WireTap {
  /** Every message so far, in order of its first appearance. */
  messages(): readonly TappedMessage[];
  /** How long ago the last sequenced message other than a status was sent; Infinity: none yet. */
  quietForMs(): number;
  /** The newest sequenced message of a node that fits. */
  newest(
    from: string,
    fits: (fields: Readonly<Record<string, string>>) => boolean,
  ): TappedMessage | undefined;
  close(): void;
}

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const START = Buffer.from('###\n');
const FIELD = /^(\d+):\((\d)\)([^=]+)=/;

/** The fields of a netstring message that begins somewhere in a frame; undefined: none. */
export function fieldsInFrame(frame: Buffer): Record<string, string> | undefined {
  let at = frame.indexOf(START);
  if (at < 0) return undefined;
  at += START.length;
  const fields: Record<string, string> = {};
  while (at < frame.length && frame.subarray(at, at + 3).toString('latin1') !== '%%%') {
    const found = FIELD.exec(frame.subarray(at, at + 120).toString('latin1'));
    if (found === null) return undefined;
    const [, length = '', type, name = ''] = found;
    const start = at + length.length + 1;
    const end = start + Number(length);
    const valueAt = at + found[0].length;
    if (end >= frame.length || valueAt > end) return undefined;
    if (type === '0') fields[name] ??= frame.subarray(valueAt, end).toString('latin1');
    at = end + 1;
  }
  return fields;
}

/** Begins to listen at all switch ports of the lab. */
export async function tapWire(lab: Lab): Promise<WireTap> {
  const messages: TappedMessage[] = [];
  const seen = new Set<string>();
  let quietSinceMs = Number.NEGATIVE_INFINITY;
  const note = (fields: Record<string, string>): void => {
    const { src = '', seq = '', hg = '' } = fields;
    if (seq !== '') {
      const key = `${src} ${hg} ${seq}`;
      if (seen.has(key)) return;
      seen.add(key);
    }
    const atMs = nowMs();
    messages.push({ atMs, from: src, seq, generation: hg, fields });
    if (seq !== '' && fields.t !== 'status') quietSinceMs = atMs;
  };
  const child = startTcpdump(lab);
  readRecords(child, (frame) => {
    const fields = fieldsInFrame(frame);
    if (fields !== undefined) note(fields);
  });
  await listening(child);
  return {
    messages: () => messages,
    quietForMs: () => nowMs() - quietSinceMs,
    newest: (from, fits) =>
      messages.findLast((one) => one.from === from && one.seq !== '' && fits(one.fields)),
    close: () => {
      child.kill('SIGTERM');
    },
  };
}

/** Slots of the kernel's ring are as long as a packet may be: short slots and a large ring, so that no burst is lost. */
const RING = ['-s', '2048', '-B', '16384'];

function startTcpdump(lab: Lab): ChildProcess {
  const user = lab.privilege === 'user' ? ['-U', '--preserve-credentials'] : [];
  const tcpdump = [
    'tcpdump',
    '-i',
    'any',
    '-Q',
    'in',
    '-Z',
    'root',
    '--immediate-mode',
    '-U',
    '-n',
    '-w',
    '-',
    ...RING,
  ];
  return spawn(
    'nsenter',
    ['-t', String(lab.hubPid), ...user, '-n', '--', ...tcpdump, 'udp', 'and', 'port', '694'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
  );
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('listening on')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`tcpdump ended with ${code}: ${said.trim()}`)));
  });
}

function readRecords(child: ChildProcess, each: (frame: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  let inHeader = true;
  child.stdout?.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    let at = 0;
    if (inHeader) {
      if (pending.length < FILE_HEADER_BYTES) return;
      at = FILE_HEADER_BYTES;
      inHeader = false;
    }
    while (pending.length - at >= RECORD_HEADER_BYTES) {
      const length = pending.readUInt32LE(at + 8);
      const end = at + RECORD_HEADER_BYTES + length;
      if (pending.length < end) break;
      each(pending.subarray(at + RECORD_HEADER_BYTES, end));
      at = end;
    }
    pending = pending.subarray(at);
  });
}
