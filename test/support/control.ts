import { join } from 'node:path';
import type { Output } from '../../src/cli/output.js';
import type { StatusSnapshot } from '../../src/core/snapshot-types.js';
import type { ControlRequest, ControlResponse } from '../../src/daemon/control/protocol.js';
import { openControlServer } from '../../src/daemon/control/server.js';
import type { Paths } from '../../src/daemon/paths.js';
import { temporaryFolder } from './scripts.js';

/** Collects what a command prints. */
export function recordedOutput(): Output & { readonly stdout: string[]; readonly stderr: string[] } {
  const stdout: string[] = [];
  const stderr: string[] = [];
  return {
    stdout,
    stderr,
    terminal: false,
    out: (text) => stdout.push(...text.split('\n')),
    err: (text) => stderr.push(...text.split('\n')),
  };
}

/** Directories of a node of its own. */
export function temporaryPaths(t: { after(task: () => void): void }): Paths {
  const folder = temporaryFolder(t);
  return {
    configDir: join(folder, 'etc'),
    stateDir: join(folder, 'state'),
    runDir: join(folder, 'run', 'heartbeat'),
    programDir: folder,
  };
}

/** A control socket that gives these answers; without one it refuses. Returns the requests it got. */
export async function fakeDaemon(
  t: { after(task: () => void): void },
  paths: Paths,
  answer: (request: ControlRequest) => ControlResponse | undefined,
): Promise<ControlRequest[]> {
  const requests: ControlRequest[] = [];
  const server = await openControlServer(join(paths.runDir, 'control.sock'), async (request) => {
    requests.push(request);
    return answer(request) ?? { kind: 'refused', reason: 'not in this test' };
  });
  t.after(() => server.close());
  return requests;
}

const up = (name: string) => ({ name, status: 'up', heardAgeMs: 100 }) as const;

/** node1 (this one) and node2 with two links, one ping node, one group. */
export const sampleStatus: StatusSnapshot = {
  schema: 1,
  program: '4.0.0',
  self: 'node1',
  generation: 12,
  communicationUp: true,
  shuttingDown: false,
  maintenance: false,
  autoFailback: 'off',
  resources: 'local',
  nodes: [
    {
      name: 'node1',
      kind: 'normal',
      self: true,
      status: 'active',
      generation: 12,
      deadtimeMs: 2000,
      statusAgeMs: 50,
      program: '4.0.0',
      links: [up('eth0'), up('eth1')],
    },
    {
      name: 'node2',
      kind: 'normal',
      self: false,
      status: 'dead',
      generation: 7,
      deadtimeMs: 2000,
      statusAgeMs: 61_000,
      program: null,
      links: [up('eth0'), { name: 'eth1', status: 'dead', heardAgeMs: null }],
    },
    {
      name: '10.0.0.254',
      kind: 'ping',
      self: false,
      status: 'ping',
      generation: null,
      deadtimeMs: 2000,
      statusAgeMs: 90,
      program: null,
      links: [up('10.0.0.254')],
    },
  ],
  groups: [
    {
      key: '10.0.0.10',
      preferredNode: 'node1',
      words: ['10.0.0.10', 'httpd'],
      owner: 'node1',
      epoch: 3,
      state: 'running',
      resources: [
        { word: '10.0.0.10', state: 'running', failures: 0 },
        { word: 'httpd', state: 'starting', failures: 0 },
      ],
      failedOn: [],
    },
  ],
  warnings: ['one link of two to node2 is dead: eth1'],
};

/** The answer to a snapshot request. */
export const sampleSnapshot: ControlResponse = {
  kind: 'snapshot',
  snapshot: { status: sampleStatus, lateness: { turns: 10, maxMs: 1, over10ms: 0 }, links: [] },
  daemon: { runnerPid: 1, loopPid: 2, startedWallMs: 0, loopRestarts: 0 },
};
