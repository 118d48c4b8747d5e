/**
 * Many real servers under one director: `node dist/test/bench/director.js [--servers N] [--rounds N] [--checks tcp,http]`.
 * In each round one daemon without virtual servers and one for each kind of check, one after the other on the same
 * machine: how late the loop's turns were (VRRP advertises every 100 ms, in real time where this machine allows it) and
 * what processor time director and loop took. Every server is checked every 5 s. Never part of `npm test`.
 *
 * start: from the start to the end of the first round of checks; steady: one minute after that; reload: the seconds
 * after one more real server was configured, the minute before included.
 */
import { parseArgs } from 'node:util';
import type { LatenessFigures } from '../../src/daemon/loop/lateness.js';
import { type Stage, withStage } from '../lab/director/stage.js';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '2' },
    /** For a trial: less than 60 counts the start into "steady". */
    seconds: { type: 'string', default: '60' },
    checks: { type: 'string', default: 'tcp,http' },
  },
});

const PORT = 8000;
const TICKS_PER_S = 100;
const FIRST_ROUND_S = 15;
const RELOAD_S = 5;
const servers = Number(values.servers);
const seconds = Number(values.seconds);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Round {
  readonly start: LatenessFigures;
  readonly steady: LatenessFigures;
  readonly reload: LatenessFigures;
  readonly alive: number;
  /** Share of one core. */
  readonly director: number;
  readonly loop: number;
}

const CHECKS: Readonly<Record<string, string>> = {
  tcp: 'TCP_CHECK { }',
  http: 'HTTP_GET {\n url {\n path /\n status_code 200\n }\n }',
};

function configuration(check: string, more = ''): string {
  const reals = Array.from(
    { length: servers },
    (_, at) =>
      `  real_server 127.1.${Math.floor(at / 250)}.${1 + (at % 250)} ${PORT} {\n ${CHECKS[check]}\n }`,
  );
  const instance = `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100
  version 3
  advert_int 0.1
  virtual_ipaddress {
    10.77.0.100/24
  }
}`;
  if (check === 'none') return instance;
  return `${instance}
virtual_server 10.77.0.100 80 {
  delay_loop 5
  lb_algo rr
  lb_kind DR
  protocol TCP
${reals.join('\n')}
${more}
}`;
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

async function measure(check: string): Promise<Round> {
  let round: Round | undefined;
  await withStage(async (stage) => {
    if (check !== 'none') await stage.serve(check, '0.0.0.0', PORT);
    await stage.configure(configuration(check));
    await stage.start('');
    const status = async () => JSON.parse((await stage.node.exec([...stage.statusCommand, '--json'])).stdout);
    const lastMinute = async (): Promise<LatenessFigures> => (await status()).lateness.lastMinute;
    await sleep(FIRST_ROUND_S * 1000);
    const start = await lastMinute();
    const before = { director: await cpuS(stage, '[h]eartbeat: director'), loop: await cpuS(stage, LOOP) };
    await sleep(seconds * 1000);
    const director = (await cpuS(stage, '[h]eartbeat: director')) - before.director;
    const loop = (await cpuS(stage, LOOP)) - before.loop;
    const end = await status();
    await stage.configure(configuration(check, `  real_server 127.2.0.1 ${PORT} { }`));
    await stage.reload();
    await sleep(RELOAD_S * 1000);
    round = {
      start,
      steady: end.lateness.lastMinute,
      reload: await lastMinute(),
      alive:
        end.director?.services[0]?.realServers.filter((one: { alive: boolean }) => one.alive).length ?? 0,
      director: director / seconds,
      loop: loop / seconds,
    };
    await stage.stop();
  });
  if (round === undefined) throw new Error('the stage was left without a measurement');
  return round;
}

const LOOP = '[l]oop/main.js';
const ms = (value: number): string => value.toFixed(2).padStart(7);
const late = ({ p50Ms, p99Ms, maxMs }: LatenessFigures): string => `${ms(p50Ms)}${ms(p99Ms)}${ms(maxMs)}`;
const share = (value: number): string => `${(100 * value).toFixed(1)} %`.padStart(8);

console.log('The loop is late by, in ms: half of the turns, 99 of 100, all. Processor time of one core.');
console.log(
  'round  servers        start                steady               reload             director    loop',
);
for (let at = 1; at <= Number(values.rounds); at++) {
  for (const check of ['none', ...values.checks.split(',')]) {
    const { start, steady, reload, alive, director, loop } = await measure(check);
    const name = check === 'none' ? 'without' : `${alive} ${check}`;
    console.log(
      `${String(at).padEnd(7)}${name.padEnd(11)}${late(start)}${late(steady)}${late(reload)}   ${share(director)}${share(loop)}`,
    );
  }
}
