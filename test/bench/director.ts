/**
 * Many real servers under one director: `node dist/test/bench/director.js [--servers N] [--seconds N] [--checks tcp,http]`.
 * CPU of the director process, and how late the loop beside it was (VRRP advertises every 100 ms, in real time where this
 * machine allows it), without virtual servers and with them. Every server is checked every 5 s. Never part of `npm test`.
 */
import { parseArgs } from 'node:util';
import { type Stage, withStage } from '../lab/director/stage.js';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '60' },
    checks: { type: 'string', default: 'none,tcp,http' },
  },
});

const PORT = 8000;
const TICKS_PER_S = 100;
const servers = Number(values.servers);
const seconds = Number(values.seconds);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function configuration(check: string): string {
  const checker =
    check === 'http' ? 'HTTP_GET {\n url {\n path /\n status_code 200\n }\n }' : 'TCP_CHECK { }';
  const reals = Array.from(
    { length: check === 'none' ? 0 : servers },
    (_, at) => `  real_server 127.1.${Math.floor(at / 250)}.${1 + (at % 250)} ${PORT} {\n ${checker}\n }`,
  );
  return `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100
  version 3
  advert_int 0.1
  virtual_ipaddress {
    10.77.0.100/24
  }
}
${reals.length === 0 ? '' : `virtual_server 10.77.0.100 80 {\n  delay_loop 5\n  lb_algo rr\n  lb_kind DR\n  protocol TCP\n${reals.join('\n')}\n}`}`;
}

/** Seconds of processor time of the processes with this in their command line. */
async function cpuS(stage: Stage, what: string): Promise<number> {
  const { stdout } = await stage.node.exec([
    'sh',
    '-c',
    `cat $(pgrep -f '${what}' | sed 's,.*,/proc/&/stat,') 2>/dev/null`,
  ]);
  const ticks = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    });
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_S;
}

async function measure(check: string): Promise<void> {
  await withStage(async (stage) => {
    if (check !== 'none') await stage.serve(check, '0.0.0.0', PORT);
    await stage.configure(configuration(check));
    await stage.start('');
    // The first round is over, everything is warm.
    await sleep(15_000);
    const before = await cpuS(stage, '[h]eartbeat: director');
    const loopBefore = await cpuS(stage, '[l]oop/main.js');
    await sleep(seconds * 1000);
    const cpu = ((await cpuS(stage, '[h]eartbeat: director')) - before) / seconds;
    const loop = ((await cpuS(stage, '[l]oop/main.js')) - loopBefore) / seconds;
    const { stdout } = await stage.node.exec([...stage.statusCommand, '--json']);
    const { lateness, director } = JSON.parse(stdout);
    const alive =
      director?.services[0]?.realServers.filter((one: { alive: boolean }) => one.alive).length ?? 0;
    const { p99Ms, maxMs } = lateness.lastMinute;
    console.log(
      `${check.padEnd(5)} ${alive} alive; director ${(100 * cpu).toFixed(1)} % of one core, loop ${(100 * loop).toFixed(1)} %; ` +
        `loop late in the last minute: 99 of 100 turns ${p99Ms.toFixed(1)} ms, at most ${maxMs.toFixed(1)} ms`,
    );
    await stage.stop();
  });
}

for (const check of values.checks.split(',')) await measure(check);
