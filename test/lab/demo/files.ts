/** The files of the 2007 walk-through with the two stated changes, and the resource script of the web page. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fixture } from '../../support/root.js';
import type { LabNode } from '../lib/index.js';

export const NODE_1 = 'xuanfei1-server';
export const NODE_2 = 'xuanfei2-server';
export const LINK = 'eth1';
/** The floating address, as the walk-through has it. */
export const ADDRESS = '10.0.0.10';
export const PAGE_RESOURCE = 'webpage';
/** The one line of haresources: the walk-through's node and resources are replaced, nothing else. */
export const HARESOURCES_LINE = `${NODE_1} ${ADDRESS}/24/${LINK} ${PAGE_RESOURCE}`;

/** A machine's own address in the floating address's network. */
export function ownAddress(node: LabNode): string {
  return `10.0.0.${node.index}`;
}

/** Writes the three files and the resource script on a node's disk. */
export async function writeFiles(node: LabNode): Promise<void> {
  const walkthrough = (name: string): string => readFileSync(fixture('corpus', 'walkthrough', name), 'utf8');
  await node.write('/etc/ha.d/ha.cf', walkthrough('ha.cf'));
  await node.write('/etc/ha.d/authkeys', walkthrough('authkeys'), 0o600);
  const comments = walkthrough('haresources')
    .split('\n')
    .filter((line) => line.startsWith('#'));
  await node.write('/etc/ha.d/haresources', `${[...comments, HARESOURCES_LINE].join('\n')}\n`);
  await node.write(`/etc/ha.d/resource.d/${PAGE_RESOURCE}`, pageScript(), 0o755);
}

/** A resource script as anybody would write it: start, stop, status; starting what runs is no error. */
function pageScript(): string {
  const server = fileURLToPath(new URL('./page-server.js', import.meta.url));
  return `#!/bin/sh
# ${PAGE_RESOURCE}: a small web page that says which machine it comes from.
pidfile=/run/${PAGE_RESOURCE}.pid
running() { [ -f "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null; }
case $1 in
  start)
    running && exit 0
    setsid '${process.execPath}' '${server}' </dev/null >/dev/null 2>&1 &
    echo $! >"$pidfile"
    ;;
  stop)
    if running; then kill "$(cat "$pidfile")"; fi
    rm -f "$pidfile"
    ;;
  status | monitor)
    if running; then echo running; else echo "not running"; exit 3; fi
    ;;
  *)
    echo "usage: ${PAGE_RESOURCE} start|stop|status" >&2
    exit 1
    ;;
esac
`;
}
