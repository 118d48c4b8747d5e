/** A lab node that runs the original Heartbeat 3.0.6 from its Debian package. */
import { existsSync } from 'node:fs';
import type { LabNode } from '../../lab/lib/index.js';

export const ORIGINAL = '/usr/libexec/heartbeat/heartbeat';
const TOOLS = '/usr/share/heartbeat';

/** What has to be on this machine, and the package that brings it. */
const NEEDED: readonly (readonly [path: string, packageName: string])[] = [
  [ORIGINAL, 'heartbeat'],
  [`${TOOLS}/ResourceManager`, 'heartbeat'],
  ['/usr/lib/heartbeat/ipctest', 'cluster-glue'],
  ['/usr/lib/ocf/resource.d/heartbeat/IPaddr2', 'resource-agents'],
  ['/usr/bin/tcpdump', 'tcpdump'],
];

/** Why no mixed cluster can be made here, as a sentence that says what to do; undefined when it can. */
export function originalAbsent(): string | undefined {
  const absent = NEEDED.filter(([path]) => !existsSync(path)).map(([, name]) => name);
  if (absent.length === 0) return undefined;
  const names = [...new Set(absent)].join(' ');
  return (
    'the original Heartbeat 3.0.6 or what it needs is not installed here: as root, say ' +
    `"apt-get install --no-install-recommends ${names}" on Debian 12 or later; make sure that no service is ` +
    'started by it (a policy-rc.d that exits 101).'
  );
}

/** Copies what the original's daemon and scripts want to find on their machine's disk. Done once in a node's life. */
export async function furnish(node: LabNode): Promise<void> {
  const script = [
    'mkdir -p /etc/ha.d /etc/init.d /etc/default /var/log /var/lib/heartbeat/api /var/lib/heartbeat/casual',
    'cd /.host/etc/ha.d && cp -a harc rc.d resource.d shellfuncs /etc/ha.d/',
    'cd /.host/etc && cp -a passwd group nsswitch.conf services protocols /etc/ 2>/dev/null',
    'cp -a /.host/etc/init.d/heartbeat /etc/init.d/heartbeat',
    'for d in ccm crm cores cores/root cores/hacluster ckpt lrm pengine; do mkdir -p /var/lib/heartbeat/$d; done',
    'chown -R hacluster:haclient /var/lib/heartbeat/ccm /var/lib/heartbeat/crm /var/lib/heartbeat/cores/hacluster',
    'echo "127.0.0.1 localhost" > /etc/hosts',
  ];
  await node.run(['sh', '-c', `${script.join('; ')}; true`]);
}

/** What a boot of the machine makes anew in /run. */
export async function furnishRun(node: LabNode): Promise<void> {
  const folders = '/run/heartbeat /run/heartbeat/ccm /run/heartbeat/crm /run/heartbeat/dopd';
  const script = [
    'ln -sfn /run /var/run',
    'mkdir -p /run/lock/subsys /run/resource-agents',
    'ln -sfn /run/lock /var/lock',
    `mkdir -p ${folders} /run/heartbeat/rsctmp`,
    `chown hacluster:haclient ${folders}`,
    `chmod 750 ${folders}`,
    'chmod 1777 /run/heartbeat/rsctmp',
  ];
  await node.run(['sh', '-c', script.join('; ')]);
}

/** A script of the original's packages. */
export function originalTool(name: string): string {
  return `${TOOLS}/${name}`;
}
