/** Start of many resource scripts, beside a plain shell loop that starts the same ones. */
import { nowMs } from '../../lab/lib/index.js';
import type { Setup } from '../support/contender.js';
import { type Row, serve, withPair } from '../support/row.js';

const COUNT = 50;
const SCRIPT = `#!/bin/sh
[ "$2" = status ] && { [ -e /run/b/$1 ] && echo running || echo stopped; exit 0; }
[ "$2" = stop ] && { rm -f /run/b/$1; exit 0; }
mkdir -p /run/b; : > /run/b/$1; exit 0
`;

const setup: Setup = {
  keepaliveMs: 100,
  deadtimeMs: 1000,
  initdeadMs: 8000,
  autoFailback: false,
  addresses: ['10.77.0.100'],
  haresources: [`node1 ${Array.from({ length: COUNT }, (_, index) => `Bench::s${index}`).join(' ')}`],
};

export const SCRIPTS: readonly Row[] = [
  {
    key: 'scripts',
    title: `a group of ${COUNT} scripts on takeover: first to last started, and a shell loop over the same`,
    unit: 'ms',
    contenders: ['ours', 'original'],
    bounds: {},
    runs: 5,
    measure: (contender, { begin }) =>
      withPair(contender, setup, async ({ lab, client }) => {
        const node2 = lab.node('node2');
        for (const node of [lab.node('node1'), node2])
          await node.write('/etc/ha.d/resource.d/Bench', SCRIPT, 0o755);
        await serve(contender, setup, lab, client);
        // What a person would write: ask, start, for each in order.
        const loop = `for i in $(seq 0 ${COUNT - 1}); do /etc/ha.d/resource.d/Bench l$i status >/dev/null; /etc/ha.d/resource.d/Bench l$i start; done`;
        await begin();
        const loopFromMs = nowMs();
        await node2.run(['sh', '-c', loop]);
        const loopMs = nowMs() - loopFromMs;
        await lab.node('node1').powerOff();
        const times = await lab.until(
          async () => {
            const { stdout } = await node2.exec(['sh', '-c', 'stat -c %.9Y /run/b/s* 2>/dev/null; true']);
            const found = stdout.split('\n').filter((line) => line !== '');
            return found.length === COUNT ? found.map((line) => Number(line) * 1000) : undefined;
          },
          { withinMs: 60_000, what: 'every script', everyMs: 200 },
        );
        return { 'group ms': Math.max(...times) - Math.min(...times), 'shell loop ms': loopMs };
      }),
  },
];
