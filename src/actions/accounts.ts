/** User and group names to numbers, from the account files (passwd(5), group(5)). Runner only: it reads files. */
import { readFileSync } from 'node:fs';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export type AccountResult =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly reason: string };

/** `group` absent: the user's own. Numbers are taken as they are. */
export function findAccount(user: string, group?: string): AccountResult {
  const entry = lineOf('/etc/passwd', user);
  const uid = /^\d+$/.test(user) ? user : entry?.[2];
  if (uid === undefined) return { ok: false, reason: `there is no user ${user} on this machine` };
  const gid =
    group === undefined
      ? (entry?.[3] ?? uid)
      : /^\d+$/.test(group)
        ? group
        : lineOf('/etc/group', group)?.[2];
  if (gid === undefined) return { ok: false, reason: `there is no group ${group} on this machine` };
  return { ok: true, account: { uid: Number(uid), gid: Number(gid) } };
}

function lineOf(file: string, name: string): string[] | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name);
}
