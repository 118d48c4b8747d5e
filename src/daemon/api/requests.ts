/** What the client API answers: the requests of `cl_status` and of other programs that only look (protocol 16.2). */
import type { LinkSnapshot, NodeSnapshot, StatusSnapshot } from '../../core/snapshot-types.js';
import { type Message, text, textOf } from '../../wire/message.js';

/** What is known when a request comes. */
export interface ApiFacts {
  readonly status: StatusSnapshot;
  readonly program: string;
  readonly keepaliveMs: number;
  readonly deadtimeMs: number;
  /** null: not set, or no such parameter. */
  readonly parameter: (name: string) => string | null;
  /** Names of the clients of this node that are signed on. */
  readonly clients: ReadonlySet<string>;
}

type Fields = Readonly<Record<string, string>>;

/** Answers have their own fields between the type and the result. */
function response(request: string, own: Fields, result: string): Message {
  const fields = [text('t', 'hbapi-resp'), text('reqtype', request)];
  for (const [name, value] of Object.entries(own)) fields.push(text(name, value));
  return { fields: [...fields, text('result', result)] };
}

const OK = 'OK';
const MORE = 'ok/more';

/** A refusal, with its reason as the original words it (EINVAL: an unknown name). */
export function refusal(request: string, reason: string): Message {
  const fields = [text('t', 'hbapi-resp'), text('reqtype', request), text('result', 'badreq')];
  return { fields: [...fields, text('info', reason)] };
}

/** The answer to a sign-on that is granted. */
export function welcome(facts: ApiFacts): Message {
  const fields = [text('t', 'hbapi-resp'), text('reqtype', 'signon'), text('result', OK)];
  const own: Fields = {
    deadtime: Math.round(facts.deadtimeMs).toString(16),
    keepalive: Math.round(facts.keepaliveMs).toString(16),
    node: facts.status.self,
    hbversion: facts.program,
    pacemaker: 'false',
    logfacility: '-1',
  };
  for (const [name, value] of Object.entries(own)) fields.push(text(name, value));
  return { fields };
}

/** A list is one answer per entry, all but the last with "ok/more". */
function list(request: string, entries: readonly Fields[]): Message[] {
  return entries.map((own, index) => response(request, own, index < entries.length - 1 ? MORE : OK));
}

/** In the order of the file, ping nodes last: the clients' library puts each before those that it had. */
function oldestFirst(nodes: readonly NodeSnapshot[]): readonly NodeSnapshot[] {
  return [...nodes.filter(({ kind }) => kind === 'normal'), ...nodes.filter(({ kind }) => kind === 'ping')];
}

/** The answers to a request of a client that is signed on; none for what needs none. */
export function answerRequest(request: Message, facts: ApiFacts): Message[] {
  const type = textOf(request, 'reqtype') ?? '';
  const { status } = facts;
  const name = textOf(request, 'node')?.toLowerCase();
  const node = status.nodes.find((one) => one.name.toLowerCase() === name);
  const about = (own: (node: NodeSnapshot) => Fields): Message[] => [
    node === undefined ? refusal(type, 'EINVAL') : response(type, own(node), OK),
  ];
  switch (type) {
    case 'nodelist':
      return list(
        type,
        oldestFirst(status.nodes).map((one) => ({ node: one.name, nodetype: one.kind, st: one.status })),
      );
    case 'nodestatus':
      return about((one) => ({ st: one.status }));
    case 'nodetype':
      return about((one) => ({ nodetype: one.kind }));
    case 'nodeweight':
      return about(() => ({ weight: '100' }));
    case 'nodesite':
      return about(() => ({ site: '' }));
    case 'iflist':
      return node === undefined
        ? [refusal(type, 'EINVAL')]
        : list(
            type,
            node.links.map((link) => ({ ifname: link.name, st: link.status })),
          );
    case 'ifstatus': {
      const link: LinkSnapshot | undefined = node?.links.find(
        (one) => one.name === textOf(request, 'ifname'),
      );
      return [link === undefined ? refusal(type, 'EINVAL') : response(type, { st: link.status }, OK)];
    }
    case 'getparm': {
      const value = facts.parameter(textOf(request, 'pname') ?? '');
      return [response(type, value === null ? {} : { pvalue: value }, OK)];
    }
    case 'getrsc':
      return [response(type, { rsc_hold: status.resources }, OK)];
    case 'numnodes': {
      const normal = status.nodes.filter((one) => one.kind === 'normal').length;
      return [response(type, { numnodes: String(normal) }, OK)];
    }
    case 'clientstatus': {
      const here = name === status.self && facts.clients.has(textOf(request, 'cn') ?? '');
      return about(() => ({ subt: 'respond-cstatus', cs: here ? 'online' : 'offline' }));
    }
    case 'setfilter':
    case 'setsignal':
    case 'set_sendqlen':
      return [response(type, {}, OK)];
    case 'signoff':
      return [];
    default:
      return [refusal(type, 'EBADREQ')];
  }
}
