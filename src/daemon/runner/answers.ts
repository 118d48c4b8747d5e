/** What the running daemon answers on its control socket. */
import type { ClusterConfig } from '../../config/types.js';
import type { DirectorSnapshot } from '../../core/director/snapshot.js';
import type { ControlRequest, ControlResponse, DaemonFacts } from '../control/protocol.js';
import type { LoopSnapshot, ToLoop } from '../mailbox.js';
import type { Chronicle } from './chronicle.js';
import { createRequests, type Requests } from './requests.js';

const SNAPSHOT_LIMIT_MS = 2000;
const COMMAND_LIMIT_MS = 5000;

export interface AnswerSources {
  send(message: ToLoop): boolean;
  readonly chronicle: Pick<Chronicle, 'last' | 'figures'>;
  /** Undefined until the configuration is loaded. */
  config(): ClusterConfig | undefined;
  program(): string;
  facts(): DaemonFacts;
  /** Undefined where no virtual server is configured. */
  director(): Promise<DirectorSnapshot | undefined>;
  /** Why the loop does not answer now, if known. */
  absence(): string;
  /** Replaces the loop process; the sentence that says what came of it. */
  restart(): Promise<{ readonly ok: boolean; readonly text: string }>;
  /** Ends this runner after the answer, so that the loop starts another; or says why not now. */
  renew(): { readonly ok: boolean; readonly text: string };
}

export interface Answers {
  readonly snapshots: Requests<LoopSnapshot>;
  readonly commands: Requests<{ readonly ok: boolean; readonly text: string }>;
  /** Never rejects. */
  answer(request: ControlRequest): Promise<ControlResponse>;
}

/** Joins the control socket to the loop. */
export function createAnswers(sources: AnswerSources): Answers {
  const snapshots = createRequests<LoopSnapshot>();
  const commands = createRequests<{ readonly ok: boolean; readonly text: string }>();

  const snapshot = async (): Promise<ControlResponse> => {
    const taken = await snapshots.ask(
      (requestId) => sources.send({ kind: 'snapshot', requestId }),
      SNAPSHOT_LIMIT_MS,
    );
    if (taken === undefined) return { kind: 'refused', reason: sources.absence() };
    const availability = sources.chronicle.figures(taken.status.groups.map(({ key }) => key));
    const director = await sources.director();
    return {
      kind: 'snapshot',
      snapshot: taken,
      daemon: sources.facts(),
      availability,
      ...(director === undefined ? {} : { director }),
    };
  };

  const parameter = (name: string): ControlResponse => {
    if (name === 'hbversion') return { kind: 'hbparameter', value: sources.program() };
    const parameters = sources.config()?.parameters ?? {};
    return {
      kind: 'hbparameter',
      value: Object.hasOwn(parameters, name) ? (parameters[name] ?? null) : null,
    };
  };

  return {
    snapshots,
    commands,
    async answer(request) {
      switch (request.kind) {
        case 'snapshot':
          return await snapshot();
        case 'events':
          return { kind: 'events', events: sources.chronicle.last(request.count) };
        case 'hbparameter':
          return parameter(request.name);
        case 'restart':
          return { kind: 'reply', ...(await sources.restart()) };
        case 'renew':
          return { kind: 'reply', ...sources.renew() };
        case 'command': {
          const { command } = request;
          const send = (commandId: number): boolean => sources.send({ kind: 'command', commandId, command });
          const reply = await commands.ask(send, COMMAND_LIMIT_MS);
          return reply === undefined
            ? { kind: 'refused', reason: sources.absence() }
            : { kind: 'reply', ...reply };
        }
      }
    },
  };
}
