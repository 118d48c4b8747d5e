/** Real daemons in the lab as a stage for scenarios: the same verbs as in the simulator. */
import { join } from 'node:path';
import type {
  Behaviour,
  Done,
  Place,
  Request,
  ScriptVerb,
  Stage,
  Trouble,
} from '../../../src/sim/scenario/stage.js';
import { repositoryRoot } from '../../support/root.js';
import type { LabNode } from '../lib/index.js';
import type { Cluster } from './cluster.js';

const refuse = (what: string): never => {
  throw new Error(`the lab cannot ${what}`);
};

const bin = (name: string): string => join(repositoryRoot(), 'bin', name);

export class LabStage implements Stage {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async each(act: (node: string) => Done): Promise<void> {
    await Promise.all(['node1', 'node2'].map(act));
  }

  async start(node: string): Promise<void> {
    const machine = this.#node(node);
    if (!machine.isOn) await machine.powerOn();
    await machine.exec([bin('heartbeat')]);
  }

  async stop(node: string): Promise<void> {
    await this.#node(node).exec([bin('heartbeat'), '-k']);
  }

  async powerOff(node: string): Promise<void> {
    await this.#node(node).powerOff();
  }

  async pause(node: string): Promise<void> {
    await this.#node(node).pause();
  }

  async resume(node: string): Promise<void> {
    // A fencing device may have taken its power meanwhile.
    if (this.#node(node).isOn) await this.#node(node).resume();
  }

  suspend(node: string): Done {
    return refuse(`put ${node} to sleep`);
  }

  setClock(node: string): Done {
    return refuse(`set the clock of ${node}`);
  }

  witness(node: string): Done {
    return refuse(`take the ping hosts of ${node} away`);
  }

  async killLoop(node: string): Promise<void> {
    const answer = await this.#cluster.heartbeat(this.#node(node), 'status', '--json');
    const pid = /"loopPid":\s*(\d+)/.exec(answer.stdout)?.[1];
    if (pid === undefined) throw new Error(`no daemon answers on ${node}`);
    await this.#node(node).exec(['kill', '-KILL', pid]);
  }

  killDaemon(): Done {
    return refuse('kill every process of a daemon');
  }

  /** Both nodes are on each link, so a link or a direction of a node is all that there is. */
  async trouble(place: Place, trouble: Trouble): Promise<void> {
    const { lab } = this.#cluster;
    const node = place.node ?? 'node2';
    for (const link of place.link === null ? lab.links : [place.link]) {
      if (trouble.cut === true && place.direction === 'both') await lab.silence(node, link);
      else if (trouble.cut === true) await lab.loss(node, link, { percent: 100, direction: place.direction });
      else if (trouble.lossRate !== undefined)
        await lab.loss(node, link, {
          percent: Math.round(trouble.lossRate * 100),
          direction: place.direction,
        });
      else
        await lab.relay(node, link, {
          delayMs: trouble.delayMs ?? 0,
          jitterMs: trouble.jitterMs ?? 0,
          duplicatePercent: Math.round((trouble.duplicateRate ?? 0) * 100),
          corruptPercent: Math.round((trouble.corruptRate ?? 0) * 100),
        });
    }
  }

  async heal(place: Place): Promise<void> {
    await this.#cluster.lab.heal(place.node ?? undefined, place.link ?? undefined);
  }

  async cable(node: string, link: string | null, present: boolean): Promise<void> {
    const { lab } = this.#cluster;
    for (const one of link === null ? lab.links : [link])
      await (present ? lab.heal(node, one) : lab.cut(node, one));
  }

  behave(resource: string, _verb: ScriptVerb, _behaviour: Behaviour): Done {
    return refuse(`change how ${resource} behaves`);
  }

  async crash(resource: string, node: string): Promise<void> {
    const address = resource.split('/')[0] ?? '';
    await this.#node(node).exec(['ip', 'address', 'del', `${address}/24`, 'dev', 'eth0']);
  }

  begin(resource: string): Done {
    return refuse(`start ${resource} by hand`);
  }

  async request(node: string, request: Request): Promise<void> {
    if (request.kind === 'standby' || request.kind === 'takeover')
      await this.#node(node).exec([bin(`hb_${request.kind}`), request.set]);
    else refuse(request.kind);
  }

  fencing(): Done {
    return refuse('change fencing devices');
  }

  #node(name: string): LabNode {
    return this.#cluster.lab.node(name);
  }
}
