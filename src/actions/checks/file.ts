/**
 * FILE_CHECK: the number in a file, times the weight (keepalived.conf(5), vrrp-lvs.md 3.6). A product of -254 or less is
 * bad; with weight 0 every number but 0 is. With `dynamic` the product moves the weight of the real server. A file that
 * is not there counts as 0.
 */
import { readFile } from 'node:fs/promises';
import type { CheckerKind } from '../../config/virtual-server-types.js';
import type { CheckResult } from './types.js';

type FileKind = Extract<CheckerKind, { readonly kind: 'file' }>;

const DOWN_AT = -254;
/** A number has no more letters than this. */
const READ_MAX_CHARACTERS = 32;

export async function checkFile(check: FileKind): Promise<CheckResult> {
  const text = await readFile(check.path, 'latin1').catch(() => '0');
  const value = Number.parseInt(text.slice(0, READ_MAX_CHARACTERS).trim(), 10) || 0;
  const detail = `${check.path} says ${value}`;
  if (check.weight === 0) return { ok: value === 0, detail };
  const product = value * check.weight;
  if (product <= DOWN_AT) return { ok: false, detail };
  return check.dynamic ? { ok: true, detail, weight: product } : { ok: true, detail };
}
