/** False takeovers while the machine is saturated: processors, memory and disk by stress-ng. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Setup } from '../support/contender.js';
import { type Row, serve, withPair } from '../support/row.js';

const STRESS = '/usr/bin/stress-ng';
const BRAVE: Setup = {
  keepaliveMs: 40,
  deadtimeMs: 200,
  initdeadMs: 5000,
  autoFailback: false,
  addresses: ['10.77.0.100'],
};

/** Words of a log that tell of a peer declared dead, or of a daemon that ended itself; each counts once. */
const FALSE_ALARM =
  /is dead|Shot|restart.*(self|lost communication)|Exiting HBREAD|Heartbeat shutdown in progress/;

function under(key: string, title: string, loads: readonly string[], setup: Setup): Row {
  return {
    key,
    title,
    unit: 'in the time',
    contenders: ['ours', 'original'],
    bounds: { 'false takeovers': 0 },
    runs: 1,
    noisy: true,
    async measure(contender, { seconds }) {
      if (!existsSync(STRESS)) throw new Error('stress-ng is not installed (package stress-ng)');
      return withPair(contender, setup, async ({ lab, client }) => {
        await serve(contender, setup, lab, client);
        const nodes = [lab.node('node1'), lab.node('node2')];
        const before = await Promise.all(nodes.map((node) => node.log()));
        const stress = spawn(STRESS, [...loads, '--timeout', `${seconds}s`, '--quiet'], { stdio: 'ignore' });
        await new Promise((resolve) => stress.on('exit', resolve));
        const after = await Promise.all(nodes.map((node) => node.log()));
        const said = after.flatMap((log, index) => log.slice(before[index]?.length ?? 0).split('\n'));
        const { asked, answered } = await client.answered();
        return {
          'false takeovers': said.filter((line) => FALSE_ALARM.test(line)).length,
          'late heartbeats': said.filter((line) => /Late heartbeat/.test(line)).length,
          'answered %': (100 * answered) / asked,
        };
      });
    },
  };
}

const CORES = String(2 * cpus().length);

export const CALM: readonly Row[] = [
  under(
    'stress',
    'false takeovers, deadtime 200 ms, all cores, memory and disk busy (--seconds 600 for the ten minutes)',
    ['--cpu', CORES, '--vm', '1', '--vm-bytes', '50%', '--hdd', '1', '--iomix', '1'],
    BRAVE,
  ),
  under(
    'stress-1s',
    'the same at keepalive 200 ms, deadtime 1 s',
    ['--cpu', CORES, '--vm', '1', '--vm-bytes', '50%', '--hdd', '1', '--iomix', '1'],
    { ...BRAVE, keepaliveMs: 200, deadtimeMs: 1000 },
  ),
];
