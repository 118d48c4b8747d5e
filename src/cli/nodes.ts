/** `hb_addnode` and `hb_delnode`: the list of nodes is fixed by ha.cf here, and these commands say so. */
import { ask } from '../daemon/control/client.js';
import { controlSocketPath, type Paths } from '../daemon/paths.js';
import { EXIT } from '../errors/exit-codes.js';
import type { Output } from './output.js';

/** Usage (exit 1) without names; otherwise what is wrong with each name and what to do (exit 1). */
export async function runNodeCommand(
  command: 'hb_addnode' | 'hb_delnode',
  argv: readonly string[],
  paths: Paths,
  output: Output,
): Promise<number> {
  if (argv.length === 0 || argv.some((word) => word.startsWith('-'))) {
    output.err(`usage: ${command} NODE...`);
    return EXIT.other;
  }
  const answer = await ask(controlSocketPath(paths), { kind: 'snapshot' });
  if (!answer.ok) {
    output.err(`ERROR: ${answer.reason}`);
    return EXIT.other;
  }
  const { response } = answer;
  const known = response.kind === 'snapshot' ? response.snapshot.status.nodes : [];
  for (const word of argv) output.err(`ERROR: ${sentence(command, word.toLowerCase(), known)}`);
  return EXIT.other;
}

function sentence(
  command: 'hb_addnode' | 'hb_delnode',
  name: string,
  known: readonly { readonly name: string; readonly status: string }[],
): string {
  const node = known.find((one) => one.name === name);
  if (command === 'hb_addnode') {
    if (node !== undefined) return `node ${name} is in the configuration already.`;
    return `the nodes of a cluster with haresources are fixed: add "node ${name}" to ha.cf on every node, then run "heartbeat -r" there.`;
  }
  if (node === undefined) return `deletion failed: node ${name} is not in the configuration.`;
  if (node.status !== 'dead') return `deletion failed: node ${name} is not dead`;
  return `the nodes of a cluster with haresources are fixed: take ${name} out of ha.cf and haresources on every node, then restart heartbeat there.`;
}
