import { readFileSync } from 'node:fs';
import { nowMs } from '../clock.js';
import { type HubCalls, type Impairment, type LossRule, macOf, type SerialEnd } from '../protocol.js';
import { Machine } from './machine.js';
import { BRIDGE_INDEX, Observer } from './observer.js';
import { bridgeOf } from './port.js';
import { run } from './run.js';
import { SerialCable } from './serial.js';
import { type Handlers, serve, tell } from './serve.js';

const lab = process.env.LAB ?? '';
const links: string[] = [];
const machines = new Map<string, Machine>();
const observers: (Observer | null)[] = [];
const cables: { cable: SerialCable; ends: SerialEnd[] }[] = [];

function machineNamed(name: string): Machine {
  const machine = machines.get(name);
  if (machine === undefined) throw new Error(`the lab has no machine ${name}`);
  return machine;
}

async function layOut(plan: HubCalls['build']['args']): Promise<void> {
  links.push(...plan.links);
  const commands = ['link set lo up'];
  links.forEach((_, index) => {
    const bridge = bridgeOf(index);
    const settings = 'stp_state 0 forward_delay 0 mcast_snooping 0';
    commands.push(`link add ${bridge} address ${macOf(BRIDGE_INDEX, index)} type bridge ${settings}`);
    commands.push(`link set ${bridge} up`);
  });
  await run('ip', ['-batch', '-'], `${commands.join('\n')}\n`);
  for (const machine of plan.machines) {
    machines.set(
      machine.name,
      new Machine(machine, plan.machines, links, { lab, visible: plan.visible }, (reason, atMs) => {
        for (const { cable, ends } of cables) {
          ends.forEach((end, side) => {
            if (end.machine === machine.name) cable.setPowered(side === 0 ? 0 : 1, false);
          });
        }
        tell({ event: 'ended', machine: machine.name, reason, atMs });
      }),
    );
  }
}

/** Puts one end of a serial cable into a machine that has power, as a device of its /dev. */
async function plugSerial(cable: SerialCable, side: 0 | 1, end: SerialEnd): Promise<void> {
  const pid = machineNamed(end.machine).pid;
  if (pid === null) return;
  cable.setPowered(side, true);
  const script = ': > "$2" && mount --bind "/.lab/pts/$1" "$2"';
  const args = ['-t', String(pid), '-m', 'sh', '-c', script, 'sh', String(cable.ptyNumber(side)), end.path];
  await run('nsenter', args);
}

/** Filter rules of the switch, replaced as a whole; a port that works through a relay has another name there. */
async function filterLoss(rules: readonly LossRule[]): Promise<void> {
  const inbound: string[] = [];
  const outbound: string[] = [];
  for (const rule of rules) {
    const port = machineNamed(rule.machine).port(rule.link);
    const share = Math.round(rule.percent * 100);
    const chance = share >= 10_000 ? 'drop' : `numgen random mod 10000 < ${share} drop`;
    for (const name of [port.name, port.relayName]) {
      if (rule.direction === 'out') outbound.push(`iifname "${name}" ${chance}`);
      else inbound.push(`oifname "${name}" ${chance}`);
    }
  }
  const chain = (name: string, hook: string, lines: string[]): string =>
    `  chain ${name} {\n    type filter hook ${hook} priority 0\n    ${lines.join('\n    ')}\n  }\n`;
  const table = `table bridge lab {\n${chain('out', 'prerouting', outbound)}${chain('in', 'postrouting', inbound)}}\n`;
  await run('nft', ['-f', '-'], `table bridge lab\ndelete table bridge lab\n${table}`);
}

async function relayLoss(rules: readonly LossRule[]): Promise<void> {
  for (const machine of machines.values()) {
    for (const [link, port] of machine.ports) {
      const losses: Impairment[] = rules
        .filter((rule) => rule.machine === machine.plan.name && rule.link === link)
        .map((rule) => ({ direction: rule.direction, lossPercent: rule.percent }));
      await port.setLossByRelay(losses);
    }
  }
}

let filterWorks: boolean | null = process.env.LAB_NO_FILTER === '1' ? false : null;

const handlers: Handlers<HubCalls> = {
  build: async (plan) => {
    await layOut(plan);
    return null;
  },
  powerOn: async ({ machine }) => {
    const place = await machineNamed(machine).powerOn();
    for (const { cable, ends } of cables) {
      for (const [side, end] of ends.entries()) {
        if (end.machine === machine) await plugSerial(cable, side === 0 ? 0 : 1, end);
      }
    }
    return place;
  },
  powerOff: ({ machine }) => machineNamed(machine).powerOff(),
  cable: ({ machine, link, plugged }) => {
    machineNamed(machine).port(link).setPlugged(plugged);
    return { atMs: nowMs() };
  },
  silence: ({ machine, link, silent }) => {
    machineNamed(machine).port(link).setSilent(silent);
    return { atMs: nowMs() };
  },
  loss: async ({ rules }) => {
    for (const rule of rules) machineNamed(rule.machine).port(rule.link);
    if (filterWorks !== false) {
      try {
        await filterLoss(rules);
        filterWorks = true;
        return { by: 'filter' };
      } catch (error) {
        if (filterWorks === true) throw error;
        filterWorks = false;
      }
    }
    await relayLoss(rules);
    return { by: 'relay' };
  },
  relay: async ({ machine, link, impairments }) => {
    await machineNamed(machine).port(link).setImpairments(impairments);
    return null;
  },
  serial: async ({ ends, bytesPerSecond }) => {
    const cable = new SerialCable(`${lab}/pts`, bytesPerSecond);
    cables.push({ cable, ends });
    for (const [side, end] of ends.entries()) await plugSerial(cable, side === 0 ? 0 : 1, end);
    return { cable: cables.length - 1 };
  },
  serialConnected: ({ cable, connected }) => {
    const entry = cables[cable];
    if (entry === undefined) throw new Error(`no serial cable ${cable}`);
    entry.cable.connected = connected;
    return null;
  },
  observe: ({ link, addresses, everyMs }) => {
    const linkIndex = links.indexOf(link);
    if (linkIndex < 0) throw new Error(`the lab has no link ${link}`);
    observers.push(new Observer(bridgeOf(linkIndex), linkIndex, addresses, everyMs));
    return { observer: observers.length - 1 };
  },
  observed: ({ observer, answersFrom, announcementsFrom }) => {
    const record = observers[observer];
    if (!record) throw new Error(`no observer ${observer}`);
    return {
      answers: record.answers.slice(Math.max(0, answersFrom - record.answersForgotten)),
      announcements: record.announcements.slice(announcementsFrom),
      requests: record.requests,
    };
  },
  unobserve: ({ observer }) => {
    observers[observer]?.close();
    observers[observer] = null;
    return null;
  },
};

/** Runs the hub: pid 1 of the lab. It ends, and the whole lab with it, when the test closes its standard input. */
export function runHub(): void {
  serve(handlers);
  const ownPid = Number(process.env.HOST_PID);
  if (readFileSync('/proc/self/stat', 'utf8').split(' ')[0] !== '1') throw new Error('the hub must be pid 1');
  tell({ event: 'ready', testPid: ownPid });
}
