import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/root.js';

/** The scripts that come along. */
export const RESOURCE_SCRIPTS = join(repositoryRoot(), 'resource.d');

/** The other end of the cable: `far COMMAND...` runs there, with 10.0.0.2/24 and 2001:db8::2/64 on eth1. `mac`: of eth0. */
const CABLE = `
ip link set lo up
unshare -n sleep 600 & far_pid=$!
trap 'kill $far_pid' EXIT
far() { nsenter -t $far_pid -n -- "$@"; }
mac() { ip -o link show dev eth0 | grep -o 'ether [0-9a-f:]*' | cut -d ' ' -f 2; }
until [ "$(readlink /proc/$far_pid/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
ip link add eth0 type veth peer name eth1
ip link set eth1 netns $far_pid
ip address add 10.0.0.1/24 dev eth0; ip -6 address add 2001:db8::1/64 dev eth0 nodad; ip link set eth0 up
far ip link set lo up; far ip address add 10.0.0.2/24 dev eth1
far ip -6 address add 2001:db8::2/64 dev eth1 nodad; far ip link set eth1 up
`;

export interface NamespaceOptions {
  /** With a cable eth0 to another network namespace. */
  readonly cable?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** In ms; everything in the namespace is killed then. Default 50,000. */
  readonly timeoutMs?: number;
}

/**
 * Runs shell lines, in the folder of the scripts, in mount, network and process namespaces of their own: whatever they
 * start ends with them. Returns all output, trimmed. HA_RUN_DIR is a folder of their own /run.
 */
export function inNamespace(lines: string, options: NamespaceOptions = {}): string {
  const prelude = `mount -t tmpfs tmpfs /run || exit 1\n${options.cable === true ? CABLE : 'ip link set lo up'}`;
  const run = spawnSync(
    'unshare',
    [
      '-m',
      '-n',
      '-p',
      '--fork',
      '--kill-child',
      '--mount-proc',
      'sh',
      '-c',
      `${prelude}\ncd '${RESOURCE_SCRIPTS}'\n${lines}`,
    ],
    {
      encoding: 'utf8',
      env: {
        PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
        LC_ALL: 'C',
        HA_RUN_DIR: '/run/heartbeat',
        ...options.env,
      },
      timeout: options.timeoutMs ?? 50_000,
    },
  );
  return `${run.stdout}${run.stderr}`.trim();
}

/** False, or the reason why a test cannot run here: no namespaces, or the first program that is absent. */
export function cannotRun(...programs: readonly string[]): string | false {
  if (inNamespace('echo ready') !== 'ready') return 'namespaces need root';
  const absent = programs.find((program) => !installed(program));
  return absent === undefined ? false : `the program ${absent} is not installed`;
}

function installed(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}
