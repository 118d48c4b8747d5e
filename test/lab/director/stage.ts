/** One node with a director, an ipvsadm that needs no kernel, and servers on its loopback addresses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterConfig } from '../../../src/config/types.js';
import type { DirectorSnapshot } from '../../../src/core/director/snapshot.js';
import type { SegmentHead } from '../../../src/daemon/recorder/format.js';
import { stateOfImage } from '../../../src/daemon/recorder/image.js';
import { schemaViolations } from '../../support/json-schema.js';
import { repositoryRoot } from '../../support/root.js';
import { createLab, type Lab, type LabNode } from '../lib/index.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SCHEMA = JSON.parse(readFileSync(join(repositoryRoot(), 'etc', 'status.schema.json'), 'utf8'));
const TABLE = '/var/lib/ipvsadm.table';
const LOG = '/var/log/keepalived.log';

export interface Stage {
  readonly lab: Lab;
  readonly node: LabNode;
  configure(text: string): Promise<void>;
  /** `options` of keepalived; `ipvsadm` false: the real one, which finds no IP_VS here. */
  start(options?: string, ipvsadm?: boolean): Promise<void>;
  stop(): Promise<void>;
  reload(): Promise<void>;
  /** SIGKILL to the runner; resolves when another has taken its place. */
  killRunner(): Promise<void>;
  /** The configurations that the loop has had, from the recordings of its core. */
  recordedConfigs(): Promise<ClusterConfig[]>;
  /** A server process; ended with `kill`. Resolves when it listens. */
  serve(
    kind: string,
    address: string,
    port: number,
    word?: string,
  ): Promise<{ kill(): Promise<void>; lines(): Promise<string[]> }>;
  /** Rules in the saving form. */
  table(): Promise<string[]>;
  /** Waits until exactly these rules are there. */
  hasRules(rules: readonly string[], withinMs?: number): Promise<void>;
  /** What ipvsadm was called with. */
  calls(): Promise<string>;
  log(): Promise<string>;
  director(): Promise<DirectorSnapshot | undefined>;
  /** What the document of `heartbeat status --json` has that etc/status.schema.json does not allow. */
  violations(): Promise<string[]>;
  status(): Promise<string>;
  /** `heartbeat status` for this daemon. */
  readonly statusCommand: readonly string[];
}

export async function withStage(story: (stage: Stage) => Promise<void>): Promise<void> {
  const lab = await createLab({ nodes: ['director'], links: ['eth0'] });
  const node = lab.node('director');
  const read = async (path: string): Promise<string> => (await node.exec(['cat', path])).stdout;
  let servers = 0;
  const stage: Stage = {
    lab,
    node,
    configure: (text) => node.write('/etc/keepalived/keepalived.conf', `${text}\n`),
    async start(options = '-D', ipvsadm = true) {
      const path = ipvsadm ? 'PATH=/etc/fake:$PATH' : 'PATH=$PATH';
      const ours = join(repositoryRoot(), 'bin', 'keepalived');
      await node.run(['sh', '-c', `(${path} ${ours} -n -l ${options} >>${LOG} 2>&1 </dev/null &)`]);
      await lab.until(
        async () => (await node.exec(['test', '-S', '/run/keepalived/control.sock'])).code === 0,
        {
          withinMs: 30_000,
          what: 'keepalived to run',
        },
      );
    },
    async stop() {
      await node.exec(['sh', '-c', 'kill -TERM $(cat /run/keepalived.pid)']);
      await lab.until(async () => (await node.exec(['test', '-e', '/run/keepalived.pid'])).code !== 0, {
        withinMs: 30_000,
        what: 'keepalived to end',
      });
    },
    async reload() {
      await node.exec(['sh', '-c', 'kill -HUP $(cat /run/keepalived.pid)']);
    },
    async killRunner() {
      const pid = (await read('/run/keepalived.pid')).trim();
      await node.exec(['kill', '-9', pid]);
      const isReplaced = async (): Promise<boolean> => {
        const now = (await read('/run/keepalived.pid')).trim();
        return now !== '' && now !== pid && (await node.exec(STATUS)).code === 0;
      };
      await lab.until(isReplaced, { withinMs: 60_000, what: 'another runner' });
    },
    async recordedConfigs() {
      const { stdout } = await node.exec(['sh', '-c', 'head -qn 1 /var/lib/keepalived/recorder/*']);
      const heads = stdout.split('\n').filter((line) => line !== '');
      return heads.map((line) => stateOfImage((JSON.parse(line) as SegmentHead).image).config);
    },
    async serve(kind, address, port, word = 'well') {
      servers += 1;
      const out = `/var/log/server${servers}`;
      const command = `exec ${process.execPath} ${join(HERE, 'server.js')} ${kind} ${address} ${port} ${word} >${out} 2>&1`;
      const started = await node.run(['sh', '-c', `(${command}) </dev/null & echo $!`]);
      const pid = started.trim();
      await lab.until(async () => (await read(out)).includes('ready'), {
        withinMs: 20_000,
        what: `the ${kind} server on ${address}`,
      });
      return {
        kill: async () => void (await node.exec(['kill', '-9', pid])),
        lines: async () => (await read(out)).trim().split('\n'),
      };
    },
    async table() {
      return (await read(TABLE)).split('\n').filter((line) => line !== '');
    },
    async hasRules(rules, withinMs = 30_000) {
      const wanted = [...rules].sort().join('\n');
      await lab.until(async () => [...(await stage.table())].sort().join('\n') === wanted, {
        withinMs,
        what: `these rules:\n${wanted}`,
        everyMs: 50,
      });
    },
    calls: () => read(`${TABLE}.calls`),
    log: () => read(LOG),
    async director() {
      const { code, stdout } = await node.exec([...STATUS, '--json']);
      return code === 0 ? (JSON.parse(stdout).director as DirectorSnapshot | undefined) : undefined;
    },
    async violations() {
      return schemaViolations(SCHEMA, JSON.parse(await node.run([...STATUS, '--json'])));
    },
    status: async () => (await node.exec(STATUS)).stdout,
    statusCommand: STATUS,
  };
  try {
    const program = `#!/bin/sh\nexport IPVSADM_TABLE=${TABLE}\nexec ${process.execPath} ${join(HERE, 'ipvsadm.js')} "$@"\n`;
    await node.write('/etc/fake/ipvsadm', program, 0o755);
    await node.exec(['ip', 'link', 'set', 'lo', 'up']);
    await story(stage);
  } catch (error) {
    console.error(`--- log\n${await stage.log()}\n--- rules\n${(await stage.table()).join('\n')}`);
    throw error;
  } finally {
    await lab.destroy();
  }
}

const STATUS = [join(repositoryRoot(), 'bin', 'heartbeat'), 'status', '--run-dir=/run/keepalived'];
