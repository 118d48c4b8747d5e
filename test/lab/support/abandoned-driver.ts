/**
 * A test program that builds a lab and never ends it: lab-selftest.test.ts kills it and looks what is left. Prints the
 * process ids of the lab as one JSON line.
 */
import { createLab } from '../lib/index.js';

const lab = await createLab();
await lab.serialCable('node1', 'node2');
await lab.client('udp://10.77.0.1');
const daemon = lab.node('node1').spawn(['sleep', '1000']);
await lab.until(() => lab.node('node1').procs().length > 0, { withinMs: 10_000, what: 'the daemon runs' });
const pids = [
  lab.hubPid,
  ...['node1', 'node2', 'client'].map((name) => lab.node(name).pid),
  daemon.child.pid,
];
process.stdout.write(`${JSON.stringify(pids)}\n`);
setInterval(() => {}, 1000);
