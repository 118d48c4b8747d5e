/** A real web server as a resource of the lab's nodes: its process can be killed, and its start can be made to fail. */
import { fileURLToPath } from 'node:url';
import type { LabNode } from '../lib/index.js';

/** The word for haresources. */
export const WEB = 'web';
const PID_FILE = `/run/${WEB}.pid`;
const BROKEN = '/etc/ha.d/broken';

/** Writes the resource script on the node's disk. */
export async function writeWebService(node: LabNode): Promise<void> {
  const server = fileURLToPath(new URL('../demo/page-server.js', import.meta.url));
  const script = `#!/bin/sh
running() { [ -f ${PID_FILE} ] && kill -0 "$(cat ${PID_FILE})" 2>/dev/null; }
echo "$1" >>/var/log/${WEB}.calls
case $1 in
  start)
    [ -e ${BROKEN} ] && { echo "no licence for this machine" >&2; exit 1; }
    running && exit 0
    setsid '${process.execPath}' '${server}' </dev/null >/dev/null 2>&1 &
    echo $! >${PID_FILE}
    ;;
  stop)
    if running; then kill "$(cat ${PID_FILE})"; fi
    rm -f ${PID_FILE}
    ;;
  status)
    if running; then echo running; else echo "not running"; fi
    ;;
esac
`;
  await node.write(`/etc/ha.d/resource.d/${WEB}`, script, 0o755);
}

/** kill -9 of the server's process. */
export async function killWeb(node: LabNode): Promise<void> {
  await node.run(['sh', '-c', `kill -9 "$(cat ${PID_FILE})"`]);
}

/** From now on it cannot be started on this node, or (false) can again. */
export async function breakWeb(node: LabNode, broken: boolean): Promise<void> {
  await node.run(broken ? ['touch', BROKEN] : ['rm', '-f', BROKEN]);
}

/** The verbs that the script was called with so far. */
export async function webCalls(node: LabNode): Promise<readonly string[]> {
  const text = await node.read(`/var/log/${WEB}.calls`).catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}
