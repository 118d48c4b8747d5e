/**
 * `heartbeat decode`: shows packets that somebody captured. Standard input is one packet a line in hexadecimal, or a
 * capture file of tcpdump; standard output is one JSON object a line, or readable text.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseAuthKeys } from '../config/authkeys/parse.js';
import { EXIT } from '../errors/exit-codes.js';
import { createVerifier, type Verifier } from '../wire/auth.js';
import { inspectPacket } from '../wire/packet.js';
import { isCapture, readCapture } from './decode-capture.js';
import { candidateIn } from './decode-frame.js';
import { bytesOfHexLine, splitLines } from './decode-lines.js';
import { type Origin, type Report, reportOf, textOfReport } from './decode-report.js';

const USAGE = `Usage: heartbeat decode [--authkeys FILE] [--json]
Shows heartbeat packets. Standard input: one packet a line in hexadecimal, or a capture file of tcpdump
(tcpdump -w, pcap or pcapng).
  --authkeys FILE   check the signatures with the keys of this file
  --json            one JSON object a line
`;

/** Captures are held in memory while they are read. */
const MAX_CAPTURE_BYTES = 512 * 1024 * 1024;

interface Output {
  write(text: string): unknown;
}

interface Options {
  readonly authKeysFile: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** The options, or one sentence that says what is wrong with them. */
function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        authkeys: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        'config-dir': { type: 'string' },
        'state-dir': { type: 'string' },
        'run-dir': { type: 'string' },
      },
    });
    const configDir = values['config-dir'];
    const fallback = configDir === undefined ? undefined : join(configDir, 'authkeys');
    return { authKeysFile: values.authkeys ?? fallback, json: values.json, help: values.help };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A verifier for that file, or a sentence for each reason why there is none. */
async function loadVerifier(file: string): Promise<Verifier | string> {
  let text: string;
  try {
    text = await readFile(file, 'latin1');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return `Cannot read the key file ${file} (${detail}); give a readable file to --authkeys.`;
  }
  // A copy of the keys brought along for looking at a capture may have any permissions.
  const { authKeys, problems } = parseAuthKeys(text, file, { mode: 0o600, sha2: true });
  if (authKeys !== undefined) return createVerifier(authKeys, { judgeAnyCrc: true });
  const errors = problems.list.filter((problem) => problem.severity === 'error');
  return errors
    .map(({ line, message, hint }) => `${file}:${line}: ${message} ${hint ?? ''}`.trim())
    .join('\n');
}

/**
 * Runs the command. `argv` without the word "decode". Returns the exit code: 0 once all input was read, however bad
 * the packets are; 2 for wrong usage; 6 when the key file cannot be used.
 */
export async function runDecode(
  argv: readonly string[],
  stdin: AsyncIterable<Uint8Array | string>,
  stdout: Output,
  stderr: Output = process.stderr,
): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    stderr.write(`${options}\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.help) {
    stdout.write(USAGE);
    return EXIT.ok;
  }
  let verifier: Verifier | undefined;
  if (options.authKeysFile !== undefined) {
    const loaded = await loadVerifier(options.authKeysFile);
    if (typeof loaded === 'string') {
      stderr.write(`${loaded}\n`);
      return EXIT.configuration;
    }
    verifier = loaded;
  }
  const show = (report: Report): void => {
    stdout.write(options.json ? `${JSON.stringify(report)}\n` : textOfReport(report));
  };
  const decode = (packet: Uint8Array, origin?: Origin): void => {
    show(reportOf(inspectPacket(packet, verifier), packet.length, verifier, origin));
  };
  return readInput(stdin, decode, show, stderr);
}

async function readInput(
  stdin: AsyncIterable<Uint8Array | string>,
  decode: (packet: Uint8Array, origin?: Origin) => void,
  show: (report: Report) => void,
  stderr: Output,
): Promise<number> {
  const chunks = (async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of stdin)
      yield typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : Buffer.from(chunk);
  })();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 4) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  if (isCapture(head)) return readWholeCapture(head, chunks, decode, show, stderr);
  for await (const line of splitLines(head, chunks)) {
    const bytes = bytesOfHexLine(line);
    if (bytes === undefined) continue;
    if (typeof bytes === 'string') show({ ok: false, reason: bytes });
    else decode(bytes);
  }
  return EXIT.ok;
}

async function readWholeCapture(
  head: Buffer,
  chunks: AsyncIterable<Buffer>,
  decode: (packet: Uint8Array, origin?: Origin) => void,
  show: (report: Report) => void,
  stderr: Output,
): Promise<number> {
  const parts = [head];
  let length = head.length;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > MAX_CAPTURE_BYTES) {
      stderr.write(
        'The capture is larger than 512 MiB; cut it with a tcpdump filter such as "udp port 694".\n',
      );
      return EXIT.other;
    }
    parts.push(chunk);
  }
  const capture = readCapture(Buffer.concat(parts));
  for (const record of capture.records) {
    const candidate = candidateIn(record);
    if (candidate === undefined) continue;
    const { time } = record;
    const origin: Origin = {
      packet: record.number,
      ...(time === undefined ? {} : { time }),
      from: candidate.from,
      to: candidate.to,
    };
    if (candidate.fragment) show({ ok: false, reason: 'ip-fragment', ...origin });
    else decode(candidate.payload, origin);
  }
  if (capture.problem !== undefined) {
    stderr.write(`${capture.problem}\n`);
    return EXIT.other;
  }
  return EXIT.ok;
}
