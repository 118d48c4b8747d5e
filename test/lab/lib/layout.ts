import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../../support/root.js';
import type { Privilege } from './ability.js';
import type { MachinePlan } from './protocol.js';

/** What a lab is made of. */
export interface LabOptions {
  /** Nodes of the cluster, plugged into every link (default node1 and node2). They get the addresses .1, .2, ... */
  readonly nodes?: readonly string[];
  /** Links: one switch each; the nodes' interfaces have the same names (default eth0 and eth1). */
  readonly links?: readonly string[];
  /** Client hosts (default one, `client`). They get the addresses .241, .242, ... */
  readonly clients?: readonly string[];
  /** The links that client hosts are plugged into (default the first one). */
  readonly clientLinks?: readonly string[];
  /** Further files and folders of the host that all machines see, read-only, at the same path. */
  readonly visible?: readonly string[];
  /** `user` builds the lab in a user namespace even for root. Default: root's own rights if there are any. */
  readonly privilege?: Privilege;
  /** True: loss works through the relay although the kernel has filter rules. */
  readonly withoutFilter?: boolean;
  /**
   * True: who asks and who answers runs under SCHED_RR, low, so that a busy machine delays them less than what is
   * measured. Without the privilege they run as ever.
   */
  readonly realtime?: boolean;
}

const FIRST_CLIENT_INDEX = 241;

/** A folder that every system has and that nothing here needs: the lab's memory file system covers it, for itself. */
export function placeForFolder(needed: readonly string[]): string {
  const candidates = ['/mnt', '/media', '/srv', '/boot'];
  const isFree = (folder: string): boolean =>
    existsSync(folder) && !needed.some((path) => path === folder || path.startsWith(`${folder}/`));
  const found = candidates.find(isFree);
  if (found === undefined) throw new Error(`the lab needs one of the folders ${candidates.join(', ')}`);
  return found;
}

/** What machines see of the host: its programs and libraries, its /etc (behind their own), the checkout, Node. */
export function visibleOfHost(extra: readonly string[]): string[] {
  const root = repositoryRoot();
  const paths = new Set<string>(['/usr', root, realpathSync(join(root, 'node_modules')), ...extra]);
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    if (lstatSync(`/${name}`, { throwIfNoEntry: false })?.isDirectory()) paths.add(`/${name}`);
  }
  for (const program of [process.execPath, realpathSync(process.execPath)])
    paths.add(dirname(dirname(program)));
  const inside = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
  return [...paths].filter((path) => path !== '/' && ![...paths].some((other) => inside(path, other)));
}

/** A mistake in the options is said before anything is built. */
function checkPlans(plans: readonly MachinePlan[], links: readonly string[]): void {
  const names = plans.map((plan) => plan.name);
  for (const [at, plan] of plans.entries()) {
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(plan.name)) throw new Error(`${plan.name} is no host name`);
    if (names.indexOf(plan.name) !== at) throw new Error(`two machines have the name ${plan.name}`);
    const unknown = plan.links.find((link) => !links.includes(link));
    if (unknown !== undefined) throw new Error(`${plan.name} is plugged into ${unknown}, which is no link`);
  }
  for (const link of links) {
    if (!/^[a-z][a-z0-9]{0,14}$/.test(link)) throw new Error(`${link} is no name of an interface`);
  }
}

/** The machines of a lab; throws a sentence about a mistake in the options. */
export function planMachines(options: LabOptions, links: readonly string[]): MachinePlan[] {
  const plans: MachinePlan[] = (options.nodes ?? ['node1', 'node2']).map((name, at) => ({
    name,
    index: at + 1,
    links: [...links],
  }));
  for (const [at, name] of (options.clients ?? ['client']).entries()) {
    const plugged = options.clientLinks ?? links.slice(0, 1);
    plans.push({ name, index: FIRST_CLIENT_INDEX + at, links: [...plugged] });
  }
  checkPlans(plans, links);
  return plans;
}
