/** Joins the API socket and the FIFO to the runner. */
import type { ClusterConfig } from '../../config/types.js';
import type { LogLevel } from '../../core/effect.js';
import type { Command } from '../../core/input.js';
import { type Message, textOf } from '../../wire/message.js';
import type { LoopSnapshot } from '../mailbox.js';
import { apiSocketPath, fifoPath, type Paths } from '../paths.js';
import { readClusterMessage } from './cluster-message.js';
import { openFifo } from './fifo.js';
import { openApiServer } from './server.js';

export interface ApiParts {
  readonly paths: Paths;
  readonly program: string;
  config(): ClusterConfig | undefined;
  /** undefined: the loop does not answer now. */
  snapshot(): Promise<LoopSnapshot | undefined>;
  command(command: Command): void;
  log(level: LogLevel, code: string, text: string): void;
}

export interface Api {
  close(): void;
}

/** Opens both. What cannot be opened is said in the log: the daemon works without it. Never rejects. */
export async function openApi(parts: ApiParts): Promise<Api> {
  const obey = (message: Message, from: string, client?: string): void => {
    const reading = readClusterMessage(message, client);
    if (reading.ok) parts.command(reading.command);
    else {
      const type = (textOf(message, 't') ?? '').replaceAll(/[^A-Za-z0-9_-]/g, '?').slice(0, 40);
      parts.log(
        'warn',
        'message-dropped',
        `A message "${type}" from ${from} was dropped: ${reading.reason}.`,
      );
    }
  };
  const parameter = (name: string): string | null => {
    if (name === 'hbversion') return parts.program;
    const known = parts.config()?.parameters ?? {};
    return Object.hasOwn(known, name) ? (known[name] ?? null) : null;
  };
  const closers: (() => void)[] = [];
  const path = fifoPath(parts.paths);
  const fifo = openFifo(path, (message) => obey(message, path));
  if (typeof fifo === 'string') parts.log('warn', 'fifo', `${fifo}: scripts of the original are not heard.`);
  else closers.push(() => fifo.close());
  try {
    const server = await openApiServer(apiSocketPath(parts.paths), {
      async facts(clients) {
        const config = parts.config();
        const taken = await parts.snapshot();
        if (config === undefined || taken === undefined) return undefined;
        const { keepaliveMs, deadtimeMs } = config;
        return { status: taken.status, program: parts.program, keepaliveMs, deadtimeMs, parameter, clients };
      },
      apiauth: () => parts.config()?.apiauth ?? [],
      clusterMessage: (client, message) => obey(message, `client ${client}`, client),
    });
    closers.push(() => server.close());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    parts.log('warn', 'api-socket', `API clients cannot connect: ${reason}.`);
  }
  return {
    close() {
      for (const close of closers) close();
    },
  };
}
