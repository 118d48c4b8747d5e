/** The output of `heartbeat decode`: one object a packet, or text for people. The shape is fixed by contract.md. */
import type { Verifier } from '../wire/auth.js';
import type { Field } from '../wire/message.js';
import type { InspectResult } from '../wire/packet.js';
import type { RejectReason } from '../wire/reject.js';
import { problemsOf } from './decode-problems.js';

/** Where a packet of a capture file came from. */
export interface Origin {
  readonly packet?: number;
  readonly time?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Text values hold one character per byte. */
export type ReportField =
  | { readonly name: string; readonly type: 0; readonly value: string }
  | { readonly name: string; readonly type: 1 | 4; readonly hex: string }
  | { readonly name: string; readonly type: 2 | 5; readonly fields: readonly ReportField[] }
  | { readonly name: string; readonly type: 3; readonly items: readonly string[] };

interface GoodReport extends Origin {
  readonly ok: true;
  readonly format: 'netstring' | 'classic';
  readonly length: number;
  readonly auth: {
    readonly index: number;
    readonly method: string | null;
    /** null: no key to judge by. */
    readonly valid: boolean | null;
  };
  readonly fields: readonly ReportField[];
  readonly problems: readonly string[];
  /** Of a compressed packet: the fields of the message inside. */
  readonly inner?: { readonly fields: readonly ReportField[] };
}

interface BadReport extends Origin {
  readonly ok: false;
  readonly reason: RejectReason | 'not-hex' | 'ip-fragment';
}

export type Report = GoodReport | BadReport;

/** What to say about one packet of `length` bytes. */
export function reportOf(
  result: InspectResult,
  length: number,
  verifier: Verifier | undefined,
  origin: Origin = {},
): Report {
  if (!result.ok) return { ok: false, reason: result.reason, ...origin };
  const { index, method, valid } = result.auth;
  return {
    ok: true,
    format: result.format,
    length,
    auth: { index, method: method ?? null, valid: valid ?? null },
    fields: result.fields.map(reportField),
    problems: problemsOf(result, verifier),
    ...(result.inner === undefined ? {} : { inner: { fields: result.inner.map(reportField) } }),
    ...origin,
  };
}

function reportField(field: Field): ReportField {
  switch (field.type) {
    case 2:
    case 5:
      return { name: field.name, type: field.type, fields: field.message.fields.map(reportField) };
    default:
      return field;
  }
}

/** A few lines for people, an empty line at the end. */
export function textOfReport(report: Report): string {
  const lines: string[] = [];
  const { packet, time, from, to } = report;
  if (packet !== undefined)
    lines.push([`packet ${packet}`, time, `${from} > ${to}`].filter(Boolean).join('  '));
  if (!report.ok) {
    lines.push(`not a heartbeat packet: ${report.reason}`, '', '');
    return lines.join('\n');
  }
  lines.push(`${report.format}, ${report.length} bytes, ${signatureText(report.auth)}`);
  lines.push(...report.fields.flatMap((field) => fieldLines(field, '  ')));
  if (report.inner !== undefined) {
    lines.push('  compressed message inside:');
    lines.push(...report.inner.fields.flatMap((field) => fieldLines(field, '    ')));
  }
  lines.push(...report.problems.map((problem) => `  ! ${printable(problem)}`), '', '');
  return lines.join('\n');
}

function signatureText(auth: GoodReport['auth']): string {
  const name = `signature of key ${auth.index}${auth.method === null ? '' : ` (${auth.method})`}`;
  if (auth.valid === null) return `${name}: not checked, no such key`;
  return `${name}: ${auth.valid ? 'valid' : 'WRONG'}`;
}

function fieldLines(field: ReportField, indent: string): string[] {
  const start = `${indent}${printable(field.name)} =`;
  switch (field.type) {
    case 0:
      return [`${start} ${printable(field.value)}`];
    case 1:
      return [`${start} ${uuidText(field.hex)}`];
    case 3:
      return [`${start} [${field.items.map((item) => JSON.stringify(printable(item))).join(', ')}]`];
    case 4:
      return [`${start} compressed, ${field.hex.length / 2} bytes`];
    default:
      return [start, ...field.fields.flatMap((inner) => fieldLines(inner, `${indent}  `))];
  }
}

/** The usual form for 16 bytes; long values are cut, as they are payload. */
function uuidText(hex: string): string {
  if (hex.length === 32) return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return hex.length <= 64 ? hex : `${hex.slice(0, 64)}... (${hex.length / 2} bytes)`;
}

/** Nothing that a stranger sent reaches the terminal as a control sequence. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
