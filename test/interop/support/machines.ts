/** The two kinds of node that a mixed cluster is made of, with the same handles. */
import { join } from 'node:path';
import type { LabNode } from '../../lab/lib/index.js';
import { repositoryRoot } from '../../support/root.js';
import { furnish, furnishRun, ORIGINAL, originalTool } from './original-node.js';

export type Kind = 'ours' | 'original';
export type HandedSet = 'all' | 'local' | 'foreign' | 'failback';

/** A node of a mixed cluster. Commands fail the story unless they exit 0. */
export interface Machine {
  readonly name: string;
  readonly kind: Kind;
  readonly node: LabNode;
  /** After the files are written, before the first start. */
  prepare(): Promise<void>;
  /** Starts the daemon; it is in the background when this returns. */
  start(): Promise<void>;
  /** `heartbeat -k`, to its end. */
  stop(): Promise<void>;
  reload(): Promise<void>;
  standby(set: HandedSet): Promise<void>;
  takeover(set: HandedSet): Promise<void>;
  powerOff(): Promise<{ atMs: number }>;
  powerOn(): Promise<void>;
  /** How many messages of its own scripts the original says to have lost; 0 for ours. */
  lostInFifo(): Promise<number>;
  /** Kills every process of the daemon with SIGKILL; resources stay as they are. */
  killDaemon(): Promise<void>;
}

const BIN = join(repositoryRoot(), 'bin');
const STOP_LIMIT_MS = 60_000;
const LOST_IN_FIFO = 'msg2string: Message with zero fields';
const FIFO_ATTEMPTS = 4;
const FIFO_LOOK_MS = 700;

abstract class Base implements Machine {
  abstract readonly kind: Kind;
  readonly node: LabNode;

  constructor(node: LabNode) {
    this.node = node;
  }

  get name(): string {
    return this.node.name;
  }

  abstract prepare(): Promise<void>;
  protected abstract command(name: 'heartbeat' | 'hb_standby' | 'hb_takeover'): string;
  protected abstract daemonPattern(): string;

  async start(): Promise<void> {
    await this.node.run([this.command('heartbeat')]);
  }

  async stop(): Promise<void> {
    await this.node.run([this.command('heartbeat'), '-k'], { timeoutMs: STOP_LIMIT_MS });
  }

  async reload(): Promise<void> {
    await this.node.run([this.command('heartbeat'), '-r']);
  }

  async standby(set: HandedSet): Promise<void> {
    await this.node.run([this.command('hb_standby'), set]);
  }

  async takeover(set: HandedSet): Promise<void> {
    await this.node.run([this.command('hb_takeover'), set]);
  }

  powerOff(): Promise<{ atMs: number }> {
    return this.node.powerOff();
  }

  async powerOn(): Promise<void> {
    await this.node.powerOn();
  }

  async lostInFifo(): Promise<number> {
    return 0;
  }

  async killDaemon(): Promise<void> {
    const left = (): string[] =>
      this.node
        .procs()
        .filter(({ command }) => command.includes(this.daemonPattern()))
        .map(({ pid }) => String(pid));
    for (let pids = left(); pids.length > 0; pids = left()) {
      // One that has ended meanwhile is no mistake.
      await this.node.exec(['kill', '-9', ...pids]);
    }
    await this.node.run(['rm', '-f', '/run/heartbeat.pid']);
  }
}

class OurMachine extends Base {
  readonly kind = 'ours';

  async prepare(): Promise<void> {}

  protected command(name: string): string {
    return join(BIN, name);
  }

  protected daemonPattern(): string {
    return 'dist/src/daemon/';
  }
}

class OriginalMachine extends Base {
  readonly kind = 'original';

  async prepare(): Promise<void> {
    await furnish(this.node);
    await furnishRun(this.node);
  }

  override async powerOn(): Promise<void> {
    await super.powerOn();
    await furnishRun(this.node);
  }

  override async lostInFifo(): Promise<number> {
    return (await this.node.log()).split(LOST_IN_FIFO).length - 1;
  }

  override async standby(set: HandedSet): Promise<void> {
    await this.throughFifo(() => super.standby(set));
  }

  override async takeover(set: HandedSet): Promise<void> {
    await this.throughFifo(() => super.takeover(set));
  }

  /** The original's FIFO reader at times loses a message that its script writes in pieces, and says so: written again. */
  private async throughFifo(write: () => Promise<void>): Promise<void> {
    for (let attempt = 1; attempt <= FIFO_ATTEMPTS; attempt++) {
      const before = await this.lostInFifo();
      await write();
      await new Promise((resolve) => setTimeout(resolve, FIFO_LOOK_MS));
      if ((await this.lostInFifo()) === before) return;
    }
    throw new Error(`${this.name}: its FIFO reader lost the message ${FIFO_ATTEMPTS} times`);
  }

  protected command(name: string): string {
    return name === 'heartbeat' ? ORIGINAL : originalTool(name);
  }

  protected daemonPattern(): string {
    return 'heartbeat: ';
  }
}

/** A machine of a kind around a lab node. */
export function machineOf(kind: Kind, node: LabNode): Machine {
  return kind === 'ours' ? new OurMachine(node) : new OriginalMachine(node);
}
