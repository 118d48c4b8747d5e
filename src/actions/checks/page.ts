/** Reads the answer to an HTTP request from its bytes (RFC 9112 sections 4 and 6): status and body, nothing else of it. */

export interface Page {
  readonly status: number;
  readonly body: Buffer;
  /** The body is longer than is read. */
  readonly truncated: boolean;
}

export interface PageReader {
  /** Takes what came. Undefined: more is to come; a text: why this is no answer. */
  push(bytes: Buffer): Page | string | undefined;
  /** The connection has ended. */
  end(): Page | string;
}

const HEAD_MAX_BYTES = 64 * 1024;
/** More of a body is neither digested nor matched. */
export const BODY_MAX_BYTES = 4 * 1024 * 1024;

interface Head {
  readonly status: number;
  /** Undefined: the body ends with the connection. */
  readonly length: number | undefined;
  readonly isChunked: boolean;
}

export function createPageReader(): PageReader {
  let head: Head | undefined;
  let parts: Buffer[] = [];
  let size = 0;

  const page = ({ status, isChunked }: Head, truncated: boolean): Page | string => {
    const whole = Buffer.concat(parts);
    if (!isChunked || truncated) return { status, body: whole.subarray(0, BODY_MAX_BYTES), truncated };
    const body = unchunked(whole);
    return body === undefined ? 'the answer broke off' : { status, body, truncated };
  };

  /** The head is in what came so far, or not; an interim answer (1xx) is passed over. */
  const findHead = (): string | undefined => {
    const bytes = Buffer.concat(parts);
    const end = /\r?\n\r?\n/.exec(bytes.toString('latin1', 0, HEAD_MAX_BYTES));
    if (end === null) {
      parts = [bytes];
      return bytes.length > HEAD_MAX_BYTES ? 'no end of the headers' : undefined;
    }
    const found = readHead(bytes.toString('latin1', 0, end.index));
    if (found === undefined) return 'no HTTP answer';
    const rest = bytes.subarray(end.index + end[0].length);
    parts = [rest];
    size = rest.length;
    if (found.status < 200) return findHead();
    head = found;
    return undefined;
  };

  return {
    push(bytes) {
      parts.push(bytes);
      size += bytes.length;
      if (head === undefined) {
        const problem = findHead();
        if (problem !== undefined) return problem;
      }
      if (head === undefined) return undefined;
      const { length, isChunked, status } = head;
      if (size > BODY_MAX_BYTES) return page(head, true);
      if (status === 204 || status === 304) return { status, body: Buffer.alloc(0), truncated: false };
      if (isChunked) {
        const whole = endsLikeChunks(parts) ? page(head, false) : undefined;
        return typeof whole === 'string' ? undefined : whole;
      }
      if (length === undefined || size < length) return undefined;
      parts = [Buffer.concat(parts).subarray(0, length)];
      return page(head, false);
    },
    end() {
      if (head === undefined) return size === 0 ? 'connection closed' : 'no HTTP answer';
      if (head.length !== undefined && size < head.length) return 'the answer broke off';
      return page(head, false);
    },
  };
}

function readHead(text: string): Head | undefined {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const status = /^HTTP\/\d\.\d (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const value = (name: string): string | undefined =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const isChunked = /\bchunked$/i.test(value('transfer-encoding') ?? '');
  const length = value('content-length');
  return {
    status: Number(status),
    isChunked,
    length: isChunked || length === undefined || !/^\d+$/.test(length) ? undefined : Number(length),
  };
}

/** Whether the last chunk may have come: its end is an empty line. */
function endsLikeChunks(parts: readonly Buffer[]): boolean {
  const tail = Buffer.concat(parts.slice(-4));
  return tail.toString('latin1', Math.max(0, tail.length - 4)) === '\r\n\r\n';
}

/** The body without the frames of its chunks; undefined: the last one has not come. */
function unchunked(bytes: Buffer): Buffer | undefined {
  const found: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const [, digits] = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(bytes.toString('latin1', at, end)) ?? [];
    if (digits === undefined) return undefined;
    const length = Number.parseInt(digits, 16);
    if (length === 0) return Buffer.concat(found);
    if (end + 2 + length + 2 > bytes.length) return undefined;
    found.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
