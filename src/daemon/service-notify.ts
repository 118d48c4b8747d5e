/**
 * What a service manager is told about this daemon (sd_notify(3)): that it runs, what it does, that it lives. Only
 * where NOTIFY_SOCKET is set; without it nothing of this is loaded.
 */
import type { StatusSnapshot } from '../core/snapshot-types.js';
import { openUnixDatagramSender } from '../system/unix-datagram.js';
import type { ServiceManager } from './service-manager.js';

/** What the notifier asks of the daemon. */
export interface ServiceSource {
  /** False: the loop process does not answer and nothing is being done about it. */
  healthy(): boolean;
  /** The picture of the core, after everything that was asked of the loop before; undefined: no answer. */
  status(): Promise<StatusSnapshot | undefined>;
}

export interface ServiceNotifier {
  /** From now on the manager hears that we live, as long as `source.healthy()`. */
  begin(source: ServiceSource): void;
  /** A loop process runs. READY=1 follows when it has announced this node to its peers. */
  loopReady(): void;
  /** Something changed: the status line follows within a second. */
  changed(): void;
  reloading(): void;
  /** The files are read; `sentence` says with what outcome. */
  reloaded(sentence: string): void;
  stopping(): void;
  /** This process makes room for another; until that speaks, `pid` stands for the daemon. */
  leaving(pid: number): void;
  close(): void;
}

const CHANGE_PAUSE_MS = 500;
const ASK_AGAIN_MS = 250;
/** The line is told this often even if nothing has changed: others (the start command) may have told another. */
const REGULAR_MS = 10_000;
const LINE_MAX_CHARACTERS = 400;

/** `say` gets the datagram's text; messages are lost where nobody listens. */
export function createServiceNotifier(
  manager: ServiceManager,
  say: (text: string) => void = sender(manager.socket),
): ServiceNotifier {
  let source: ServiceSource | undefined;
  let lastLine = '';
  let changeTimer: NodeJS.Timeout | undefined;
  const intervals: NodeJS.Timeout[] = [];
  let stopping = false;
  let closed = false;

  const statusLine = (line: string): string => {
    lastLine = line.replaceAll(/\s+/g, ' ').slice(0, LINE_MAX_CHARACTERS);
    return `STATUS=${lastLine}`;
  };
  const refresh = async (always: boolean): Promise<void> => {
    const status = await source?.status();
    if (status === undefined || closed || stopping) return;
    const before = lastLine;
    const line = statusLine(serviceSentence(status));
    if (always || lastLine !== before) say(line);
  };
  const announce = async (): Promise<void> => {
    // The answer comes after the turn in which the loop sent its first heartbeats.
    const status = await source?.status();
    if (closed || stopping) return;
    if (status === undefined) {
      setTimeout(() => void announce(), ASK_AGAIN_MS).unref();
      return;
    }
    say(`MAINPID=${process.pid}\nREADY=1\n${statusLine(serviceSentence(status))}`);
  };
  return {
    begin(given) {
      source = given;
      const { watchdogMs } = manager;
      const feed = (): void => {
        if (given.healthy()) say('WATCHDOG=1');
      };
      if (watchdogMs !== undefined) {
        feed();
        intervals.push(setInterval(feed, watchdogMs / 2));
      }
      intervals.push(setInterval(() => void refresh(true), REGULAR_MS));
      for (const interval of intervals) interval.unref();
    },
    loopReady: () => void announce(),
    changed() {
      changeTimer ??= setTimeout(() => {
        changeTimer = undefined;
        void refresh(false);
      }, CHANGE_PAUSE_MS).unref();
    },
    reloading() {
      const nowUs = process.hrtime.bigint() / 1000n;
      say(`RELOADING=1\nMONOTONIC_USEC=${nowUs}\n${statusLine('Rereading the configuration.')}`);
    },
    reloaded(sentence) {
      say(`READY=1\n${statusLine(sentence)}`);
      this.changed();
    },
    stopping() {
      stopping = true;
      say(`STOPPING=1\n${statusLine('Handing over or stopping all resources.')}`);
    },
    leaving(pid) {
      say(`MAINPID=${pid}\n${statusLine('A new runner process takes over.')}`);
    },
    close() {
      closed = true;
      clearTimeout(changeTimer);
      for (const interval of intervals) clearInterval(interval);
    },
  };
}

/**
 * A daemon that the manager lost sight of (its runner died and was replaced) is made known to it again by the start
 * command: with this the manager takes `pid` for the main process of the unit.
 */
export function handOverToManager(manager: ServiceManager, pid: number): void {
  sender(manager.socket)(`MAINPID=${pid}\nREADY=1\nSTATUS=Going on with the daemon that runs already.`);
}

/** One line for `systemctl status`. */
export function serviceSentence(status: StatusSnapshot): string {
  const { self, vrrp } = status;
  const own = status.nodes.find((node) => node.self);
  const held = status.groups.filter((group) => group.owner === self && group.state !== 'stopped');
  const words = held.map(({ key, state }) => (state === 'running' ? key : `${key} (${state})`));
  const others = status.nodes.filter((node) => !node.self);
  const instances = vrrp?.instances.map(({ name, state }) => `${name} ${state}`) ?? [];
  const parts = [
    own === undefined || (status.groups.length === 0 && instances.length > 0)
      ? ''
      : `${self} is ${own.status} and holds ${words.length === 0 ? 'nothing' : words.join(', ')}`,
    ...others.map((node) => `${node.name} is ${node.status}`),
    instances.length === 0 ? '' : `VRRP: ${instances.join(', ')}`,
    status.maintenance ? 'maintenance is on' : '',
    warningWords(status.warnings.length),
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.`;
}

function warningWords(count: number): string {
  if (count === 0) return '';
  return `${count} warning${count === 1 ? '' : 's'} (heartbeat status)`;
}

function sender(socket: string): (text: string) => void {
  const opened = openUnixDatagramSender(socket);
  return (text) => {
    if (opened.ok) opened.value.send(Buffer.from(text));
  };
}
