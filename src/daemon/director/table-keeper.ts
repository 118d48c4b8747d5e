/**
 * Keeps the kernel's table as the director wants it: the difference goes out in one batch, and now and then the table is
 * read back, so that what somebody changed by hand is put right. Without ipvsadm or IP_VS it says so once and asks again.
 */
import type { Ipvsadm, IpvsResult } from '../../actions/ipvsadm.js';
import { parseRules, ruleChanges, withThresholds } from '../../core/director/rules.js';
import type { IpvsService, IpvsTable } from '../../core/director/table.js';
import type { LogLevel } from '../../core/effect.js';

/** The same repair so often in a row does not take: it is said, and left until something else is wanted. */
const REPAIRS_IN_A_ROW_MAX = 3;

export interface TableKeeperParts {
  readonly ipvs: Ipvsadm;
  readonly log: (level: LogLevel, code: string, text: string) => void;
  /** The table as it should be at this moment. */
  readonly wanted: () => IpvsTable;
  /** Names of services that an earlier run set, and whoever keeps that list. */
  readonly owned: Set<string>;
  readonly onOwned: () => void;
}

export interface TableKeeper {
  /** Something else is wanted: it is set as soon as what runs is done. */
  changed(): void;
  /** Reads the table and puts it right. Resolves when that is done. */
  compare(): Promise<void>;
  /** Empties the whole table, services of others included. */
  clear(): Promise<void>;
  /** Removes what is ours. */
  remove(): Promise<void>;
  /** Anything else with ipvsadm, in turn with the rest. */
  inTurn(job: (ipvs: Ipvsadm) => Promise<IpvsResult>): Promise<IpvsResult>;
  /** Why nothing can be set, a sentence; null: it can. */
  readonly problem: string | null;
  readonly repairs: number;
}

export function createTableKeeper(parts: TableKeeperParts): TableKeeper {
  const { ipvs, log, owned } = parts;
  /** As it is in the kernel as far as known; undefined: to be read. */
  let view: IpvsTable | undefined;
  /** What was set last, with its thresholds. */
  let setLast: IpvsTable = new Map();
  let problem: string | null = null;
  let repairs = 0;
  let lastRepair = '';
  let sameRepairs = 0;
  let failedBatch = '';
  let chain: Promise<void> = Promise.resolve();
  let waiting = false;

  const turn = <T>(job: () => Promise<T>): Promise<T> => {
    const result = chain.then(job);
    chain = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  };

  const read = async (): Promise<boolean> => {
    const result = await ipvs.read();
    if (!result.ok) {
      tellProblem(result);
      view = undefined;
      return false;
    }
    if (problem !== null) log('info', 'director-table-back', 'The table of virtual servers can be set now.');
    problem = null;
    view = withThresholds(parseRules(result.text), setLast);
    return true;
  };

  const tellProblem = (result: Extract<IpvsResult, { ok: false }>): void => {
    const sentence = result.absent
      ? `Virtual servers are checked but not set, for ${result.reason}; everything else goes on.`
      : `The table of virtual servers cannot be read: ${result.reason}.`;
    if (sentence !== problem) log('error', 'director-no-ipvs', sentence);
    problem = sentence;
  };

  /** Sets the difference between the view and what is wanted. */
  const set = async (isRepair: boolean): Promise<void> => {
    if (view === undefined && !(await read())) return;
    const want = parts.wanted();
    const lines = ruleChanges(view ?? new Map(), want, owned);
    if (lines.length === 0) {
      if (isRepair) sameRepairs = 0;
      return;
    }
    if (isRepair && !countRepair(lines)) return;
    for (const name of want.keys()) owned.add(name);
    parts.onOwned();
    const result = await ipvs.apply(lines);
    if (result.ok) {
      failedBatch = '';
      settle(want);
      return;
    }
    view = undefined;
    await setOneByOne(lines, result, want);
  };

  /** One wrong rule does not keep the others out: each is tried alone, and the bad ones are told once. */
  const setOneByOne = async (
    lines: readonly string[],
    first: Extract<IpvsResult, { ok: false }>,
    want: IpvsTable,
  ): Promise<void> => {
    if (first.absent || lines.length === 1) {
      tellRefused(lines[0] ?? '', first.reason);
      return;
    }
    setLast = want;
    if (!(await read())) return;
    for (const line of ruleChanges(view ?? new Map(), want, owned)) {
      const result = await ipvs.apply([line]);
      if (!result.ok) tellRefused(line, result.reason);
    }
    view = undefined;
  };

  const tellRefused = (line: string, reason: string): void => {
    if (failedBatch.includes(`${line}\n`)) return;
    failedBatch += `${line}\n`;
    log('error', 'director-rule-refused', `The rule "${line}" is not taken: ${reason}.`);
  };

  const settle = (want: IpvsTable): void => {
    const next = new Map<string, IpvsService>(view ?? []);
    for (const name of owned) if (!want.has(name)) next.delete(name);
    for (const [name, service] of want) next.set(name, service);
    for (const name of [...owned]) if (!want.has(name)) owned.delete(name);
    view = next;
    setLast = want;
    parts.onOwned();
  };

  const countRepair = (lines: readonly string[]): boolean => {
    const text = lines.join('\n');
    sameRepairs = text === lastRepair ? sameRepairs + 1 : 1;
    lastRepair = text;
    if (sameRepairs > REPAIRS_IN_A_ROW_MAX) {
      const sentence = `The kernel does not keep ${lines.length} rules as they are set, the first is "${lines[0] ?? ''}"; they are left alone.`;
      if (sameRepairs === REPAIRS_IN_A_ROW_MAX + 1) log('error', 'director-rules-not-kept', sentence);
      return false;
    }
    repairs += lines.length;
    const sentence = `Somebody changed the table of virtual servers; ${lines.length} rules are put right, the first: ${lines[0] ?? ''}`;
    log('warn', 'director-repair', sentence);
    return true;
  };

  return {
    changed() {
      if (waiting) return;
      waiting = true;
      void turn(async () => {
        waiting = false;
        await set(false);
      });
    },
    compare: () =>
      turn(async () => {
        const wasKnown = view !== undefined;
        if (await read()) await set(wasKnown);
      }),
    clear: () =>
      turn(async () => {
        const result = await ipvs.clear();
        if (!result.ok) tellProblem(result);
        view = undefined;
      }),
    remove: () =>
      turn(async () => {
        if (problem !== null || !(await read())) return;
        const lines = ruleChanges(view ?? new Map(), new Map(), owned);
        const result = lines.length === 0 ? undefined : await ipvs.apply(lines);
        if (result?.ok === false)
          log('error', 'director-rules-left', `Rules are left behind: ${result.reason}.`);
        else owned.clear();
        view = undefined;
        parts.onOwned();
      }),
    inTurn: (job) => turn(() => job(ipvs)),
    get problem() {
      return problem;
    },
    get repairs() {
      return repairs;
    },
  };
}
