/**
 * A way from one node of the lab to another for `heartbeat push`, as ssh is one outside: over TCP, one connection for
 * each call, with standard input, output and exit status. Without keys: the network is the lab's own.
 */
import type { LabNode } from '../lib/index.js';

const PORT = 2222;

/** Runs the text that comes in with /bin/sh; answers with its end. */
const SERVER = `
const { spawn } = require('node:child_process');
require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (part) => { text += part; });
  socket.on('end', () => {
    const { script, input } = JSON.parse(text);
    const child = spawn('/bin/sh', ['-c', script], { stdio: 'pipe' });
    let stdout = ''; let stderr = '';
    child.stdout.on('data', (part) => { stdout += part; });
    child.stderr.on('data', (part) => { stderr += part; });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', (code) => socket.end(JSON.stringify({ code, stdout, stderr })));
  });
}).listen(${PORT}, '0.0.0.0');
`;

/** Calls nodeN: NAME SCRIPT. The call of number /run/kill-at kills whoever called it, instead of calling. */
const CLIENT = `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const [name, script] = process.argv.slice(2);
const host = '10.77.0.' + name.slice('node'.length);
const read = (name) => { try { return readFileSync(name, 'utf8'); } catch { return ''; } };
appendFileSync('/run/calls', 'x');
if (Number(read('/run/kill-at')) === read('/run/calls').length) {
  process.kill(process.ppid, 'SIGKILL');
  process.exit(1);
}
const socket = require('node:net').connect({ host, port: ${PORT}, allowHalfOpen: true });
let answer = '';
socket.on('error', (error) => { console.error(error.message); process.exit(255); });
socket.on('data', (part) => { answer += part; });
socket.on('end', () => {
  const { code, stdout, stderr } = JSON.parse(answer);
  process.stdout.write(stdout); process.stderr.write(stderr);
  process.exitCode = code ?? 255;
});
socket.end(JSON.stringify({ script, input: readFileSync(0, 'utf8') }));
`;

/** Where the client lies on a node that calls. */
export const REMOTE_SHELL = '/etc/ha.d/remote-shell';

/** Lets `caller` run shell text on `server`, whose PATH begins with `bin`. Ends with the server's power. */
export async function connectShell(caller: LabNode, server: LabNode, bin: string): Promise<void> {
  await caller.write(REMOTE_SHELL, CLIENT, 0o755);
  const script = `PATH="${bin}:$PATH" exec "${process.execPath}" -e "$1"`;
  server.spawn(['/bin/sh', '-c', script, 'sh', SERVER]);
}
