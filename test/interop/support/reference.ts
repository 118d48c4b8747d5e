/** Traces of two originals (test/fixtures/sequences): what they said from one event to the next. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/root.js';
import type { Said } from './acts.js';

interface Step {
  readonly atS: number;
  readonly event?: string;
  readonly from?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** A part of a trace, in seconds of its own clock. */
export interface Part {
  readonly run: string;
  readonly fromS: number;
  readonly toS: number;
  /** The trace has the roles of node1 and node2 the other way round. */
  readonly mirrored?: true;
  /** The part ends before the first message of this type. */
  readonly before?: string;
}

const OTHER: Readonly<Record<string, string>> = { node1: 'node2', node2: 'node1' };

function mirror(said: Said): Said {
  const swap = (name: string): string => OTHER[name] ?? name;
  const fields: Record<string, string> = { ...said.fields };
  for (const key of ['dest', 'node']) {
    const value = fields[key];
    if (value !== undefined) fields[key] = swap(value);
  }
  return { from: swap(said.from), fields };
}

/** The messages of that part, in order. */
export function readPart(part: Part): Said[] {
  const file = join(repositoryRoot(), 'test', 'fixtures', 'sequences', `${part.run}.json`);
  const { steps } = JSON.parse(readFileSync(file, 'utf8')) as { steps: Step[] };
  const said = steps
    .filter((step) => step.atS >= part.fromS && step.atS < part.toS)
    .flatMap(({ from, fields }) => (from === undefined || fields === undefined ? [] : [{ from, fields }]))
    .map((one) => (part.mirrored ? mirror(one) : one));
  const end = part.before === undefined ? -1 : said.findIndex(({ fields }) => fields.t === part.before);
  return end < 0 ? said : said.slice(0, end);
}
