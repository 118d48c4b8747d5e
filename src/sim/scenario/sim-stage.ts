/** The simulator as a stage. */

import { HEALTHY } from '../network.js';
import type { SimNode } from '../node.js';
import type { Simulation } from '../simulation.js';
import { witnessNames } from './names.js';
import type { Behaviour, DeviceOutcome, Done, Place, Request, ScriptVerb, Stage, Trouble } from './stage.js';

/** Time that a killed loop process needs to be back. */
const LOOP_BACK_MS = 300;

export class SimStage implements Stage {
  readonly #nodes: readonly string[];
  readonly #sim: Simulation;

  constructor(sim: Simulation) {
    this.#sim = sim;
    this.#nodes = sim.nodes.map(({ name }) => name);
  }

  each(act: (node: string) => Done): void {
    for (const node of this.#nodes) act(node);
  }

  start(node: string): void {
    this.#sim.node(node).powerOn();
  }

  stop(node: string): void {
    this.#command(node, (sim) => sim.command({ kind: 'shutdown' }));
  }

  powerOff(node: string): void {
    this.#sim.node(node).powerOff();
  }

  pause(node: string): void {
    this.#sim.node(node).pause();
  }

  suspend(node: string): void {
    this.#sim.node(node).suspend();
  }

  resume(node: string): void {
    const machine = this.#sim.node(node);
    if (machine.asleep) machine.wake();
    else machine.resume('timers');
  }

  setClock(node: string, seconds: number): void {
    this.#sim.node(node).clock.stepWall(seconds);
  }

  witness(node: string, witness: string | null, answers: boolean): void {
    const all = witnessNames(this.#sim.node(node).config);
    for (const name of witness === null ? all : [witness]) this.#sim.network.setWitness(node, name, answers);
  }

  killLoop(node: string): void {
    this.#sim.node(node).restartLoop(LOOP_BACK_MS);
  }

  killDaemon(node: string): void {
    this.#sim.node(node).killDaemon();
  }

  trouble(place: Place, { delayMs, ...others }: Trouble): void {
    const slower = delayMs === undefined ? {} : { delayMs: HEALTHY.delayMs + delayMs };
    this.#eachPath(place, (link, from, to) =>
      this.#sim.network.setPath(link, from, to, { ...others, ...slower }),
    );
  }

  heal(place: Place): void {
    this.#eachPath(place, (link, from, to) => this.#sim.network.setPath(link, from, to, HEALTHY));
  }

  cable(node: string, link: string | null, present: boolean): void {
    const place: Place = { node, link, direction: 'both' };
    if (present) this.heal(place);
    else this.trouble(place, { cut: true });
    const machine = this.#sim.node(node);
    machine.setCarriers(link === null ? machine.links : [link], present);
  }

  behave(resource: string, verb: ScriptVerb, behaviour: Behaviour, node: string | null): void {
    for (const name of node === null ? this.#nodes : [node])
      this.#sim.node(name).runner.behave(verb, resource, behaviour);
  }

  crash(resource: string, node: string): void {
    this.#sim.node(node).crash(resource);
  }

  begin(resource: string, node: string): void {
    this.#sim.node(node).begin(resource);
  }

  request(node: string, request: Request): void {
    this.#command(node, (sim) =>
      sim.command(request.kind === 'maintenance' ? { ...request, force: false } : request),
    );
  }

  fencing(node: string, outcome: DeviceOutcome): void {
    const devices = this.#sim.node(node).config.stonith?.length ?? 0;
    for (let device = 0; device < devices; device++)
      this.#sim.fencing.behave(node, device, { kind: outcome });
  }

  #command(name: string, act: (node: SimNode) => void): void {
    const node = this.#sim.node(name);
    if (node.state === undefined || node.paused)
      throw new Error(`no daemon answers on ${name}, so nothing was asked of it`);
    act(node);
  }

  #eachPath(place: Place, act: (link: string, from: string, to: string) => void): void {
    for (const link of place.link === null ? this.#sim.network.links : [place.link]) {
      for (const from of this.#nodes) {
        for (const to of this.#nodes) {
          if (from === to) continue;
          const out = place.direction !== 'in' && from === place.node;
          const into = place.direction !== 'out' && to === place.node;
          if (place.node === null || out || into) act(link, from, to);
        }
      }
    }
  }
}
