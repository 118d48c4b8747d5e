/** ldirectord.cf, from its text to virtual servers (ldirectord(8)): "name = value" lines, those of a virtual server indented. */
import { Problems, shown } from '../problems.js';
import type { Diagnostic } from '../types.js';
import type { ForwardingMethod, VirtualServerKey } from '../virtual-server-types.js';
import { type DraftCommon, type DraftVirtual, finishVirtual, NEGOTIATED, serviceOf } from './servers.js';
import type { LdirectordConfig } from './types.js';
import { placeOf, placesOf, wordsOf, yesNo } from './values.js';

export interface ParsedLdirectord {
  /** Undefined when there is an error among the diagnostics. */
  readonly config: LdirectordConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

interface Line {
  readonly name: string;
  readonly value: string;
  readonly at: { readonly line: number; readonly column: number };
}

const METHODS: Readonly<Record<string, ForwardingMethod>> = { gate: 'DR', masq: 'NAT', ipip: 'TUN' };
const SECONDS_MAX = 86_400;
/** Understood, and nothing is done: the end of a sentence. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  autoreload: 'stop and start the resource after a change',
  checkcount: 'a ping is asked once',
  callback: 'use [notify] of heartbeat.ini',
  fallbackcommand: 'use [notify] of heartbeat.ini',
  execute: 'write one resource for each file',
  supervised: 'the daemon is always watched',
  fork: 'one process does all',
  readdquiescent: 'a server is put back as its checks say',
  maintenancedir: 'set the weight of the server to 0 instead',
  emailalertfreq: 'a mail is sent at each change',
  emailalertstatus: 'a mail is sent at each change',
  httpmethod: 'GET is used',
  monitorfile: 'the log says what each check saw',
  load: 'it is not asked',
  ...Object.fromEntries(['login', 'passwd', 'database', 'secret'].map((name) => [name, 'nobody logs in'])),
};

/** Reads a whole file. `hostname`: sender of mails that name none. */
export function parseLdirectord(file: string, text: string, hostname: string): ParsedLdirectord {
  const problems = new Problems(file);
  const reader = new Reader(problems);
  for (const [at, raw] of text.split(/\r?\n/).entries()) reader.read(raw, at + 1);
  const config = reader.finish(hostname);
  return { config: problems.errors > 0 ? undefined : config, diagnostics: problems.list };
}

class Reader {
  readonly #problems: Problems;
  readonly #common: DraftCommon = {};
  readonly #virtuals: DraftVirtual[] = [];
  #virtual: DraftVirtual | undefined;
  #keepOnStop = false;
  #mailTo: string[] = [];
  #mailFrom: string | undefined;
  #mailServer = '127.0.0.1';
  #logfile: string | undefined;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  read(raw: string, number: number): void {
    const text = raw.replace(/^\s*#.*$/, '').replace(/\s+#[^"]*$/, '');
    if (text.trim() === '') return;
    const indent = /^\s*/.exec(text)?.[0] ?? '';
    const at = { line: number, column: indent.length + 1 };
    const [, name, value = ''] = /^([\w-]+)\s*=\s*(.*)$/.exec(text.trim()) ?? [];
    if (name === undefined) {
      const message = `${shown(text.trim())} is no "name = value".`;
      this.#problems.error(
        at,
        'line-invalid',
        message,
        'A virtual server begins with "virtual = ADDRESS:PORT".',
      );
      return;
    }
    const line: Line = { name: name.toLowerCase(), value: value.trim(), at };
    if (indent === '') this.#outer(line);
    else if (this.#virtual === undefined) {
      const message = `${line.name} is indented, and no virtual server stands above it.`;
      this.#problems.error(at, 'line-invalid', message, 'Indent only the lines of a virtual server.');
    } else this.#inner(line, this.#virtual);
  }

  finish(hostname: string): LdirectordConfig {
    for (const draft of this.#virtuals) this.#judge(draft);
    return {
      servers: this.#virtuals.map((draft) => finishVirtual(draft, this.#common)),
      keepOnStop: this.#keepOnStop,
      ...(this.#logfile === undefined ? {} : { logfile: this.#logfile }),
      ...(this.#mailTo.length === 0
        ? {}
        : {
            mail: {
              to: this.#mailTo,
              from: this.#mailFrom ?? `root@${hostname}`,
              server: this.#mailServer,
              port: 25,
              connectTimeoutMs: 30_000,
              heloName: hostname,
            },
          }),
    };
  }

  #judge(draft: DraftVirtual): void {
    const at = { line: draft.line, column: 1 };
    const service = serviceOf(draft);
    if ((draft.checkType ?? 'negotiate') === 'negotiate' && !NEGOTIATED.includes(service)) {
      const message = `Servers of the service ${service} are checked by a connection, not by a talk.`;
      this.#problems.warning(at, 'service-by-connection', message, 'Write "checktype = external" for more.');
    }
    if (draft.checkType === 'external' && draft.checkCommand === undefined) {
      this.#problems.error(at, 'argument-missing', 'checktype = external needs a checkcommand.');
    }
    if (draft.reals.length === 0) {
      this.#problems.warning(at, 'no-real-server', 'This virtual server has no real server.');
    }
  }

  #outer(line: Line): void {
    const { name, value, at } = line;
    switch (name) {
      case 'virtual':
      case 'virtual6':
        this.#begin(line);
        return;
      case 'cleanstop':
        this.#keepOnStop = this.#flag(line) === false;
        return;
      case 'logfile': {
        const [path = ''] = wordsOf(value);
        if (path.startsWith('/')) this.#logfile = path;
        return;
      }
      case 'emailalert':
        this.#mailTo = wordsOf(value)
          .flatMap((word) => word.split(/[\s,]+/))
          .filter((word) => word !== '');
        return;
      case 'emailalertfrom':
        this.#mailFrom = wordsOf(value)[0];
        return;
      case 'smtp':
        this.#mailServer = wordsOf(value)[0] ?? this.#mailServer;
        return;
      default:
        if (this.#commonLine(line, this.#common)) return;
        this.#virtual = undefined;
        this.#problems.error(at, 'keyword-unknown', `ldirectord.cf has no global line ${shown(name)}.`);
    }
  }

  #begin({ name, value, at }: Line): void {
    this.#virtual = undefined;
    const key = keyOf(value);
    if (key === undefined) {
      const message = `${name} = ${shown(value)}: no address with a port, and no firewall mark.`;
      this.#problems.error(at, 'address-invalid', message, 'Write for example "virtual = 192.0.2.10:80".');
      return;
    }
    this.#virtual = { key, line: at.line, reals: [] };
    this.#virtuals.push(this.#virtual);
  }

  #inner(line: Line, draft: DraftVirtual): void {
    const { name, value, at } = line;
    const [word = ''] = wordsOf(value);
    switch (name) {
      case 'real':
      case 'real6':
        this.#real(line, draft);
        return;
      case 'checktype':
        draft.checkType = /^\d+$/.test(word) ? 'negotiate' : this.#oneOf(line, CHECK_TYPES);
        if (draft.checkType === 'external-perl') draft.checkType = 'external';
        return;
      case 'service':
        draft.service = word.toLowerCase();
        return;
      case 'checkcommand':
        draft.checkCommand = word;
        return;
      case 'checkport':
        Object.assign(draft, { checkPort: this.#number(line, 1, 65_535) });
        return;
      case 'request':
        draft.request = word;
        return;
      case 'receive':
        draft.receive = this.#pattern(line, word);
        return;
      case 'virtualhost':
        draft.virtualHost = word;
        return;
      case 'scheduler':
        draft.scheduler = word;
        return;
      case 'persistent':
        draft.persistentMs = (this.#number(line, 1, 2_678_400) ?? 0) * 1000;
        return;
      case 'netmask':
        draft.netmask = word;
        return;
      case 'protocol': {
        const protocol = this.#oneOf(line, ['tcp', 'udp', 'fwm']);
        if (protocol === 'udp') draft.protocol = 'UDP';
        if (protocol === 'fwm' && draft.key.kind === 'address')
          this.#problems.error(
            at,
            'word-invalid',
            'protocol = fwm belongs to a virtual server of a firewall mark.',
          );
        return;
      }
      case 'ops':
        draft.onePacket = this.#flag(line) ?? false;
        return;
      case 'cleanstop':
        this.#keepOnStop = this.#flag(line) === false;
        return;
      case 'emailalert':
      case 'emailalertfrom':
        this.#problems.warning(
          at,
          'without-effect',
          `${name} counts where it stands for all virtual servers.`,
        );
        return;
      default:
        if (this.#commonLine(line, draft)) return;
        this.#problems.error(
          at,
          'keyword-unknown',
          `A virtual server of ldirectord.cf has no line ${shown(name)}.`,
        );
    }
  }

  /** False: it is none of those that may stand in both places. */
  #commonLine(line: Line, draft: DraftCommon): boolean {
    const { name, value, at } = line;
    const seconds = (): number | undefined => {
      const found = this.#number(line, 1, SECONDS_MAX);
      return found === undefined ? undefined : found * 1000;
    };
    const set = (values: { readonly [K in keyof DraftCommon]?: DraftCommon[K] | undefined }): true => {
      for (const [key, one] of Object.entries(values))
        if (one !== undefined) Object.assign(draft, { [key]: one });
      return true;
    };
    switch (name) {
      case 'checktimeout':
        return set({ checkTimeoutMs: seconds() });
      case 'negotiatetimeout':
        return set({ negotiateTimeoutMs: seconds() });
      case 'checkinterval':
        return set({ checkIntervalMs: seconds() });
      case 'failurecount':
        return set({ failureCount: this.#number(line, 1, 1000) });
      case 'quiescent':
        return set({ quiescent: this.#flag(line) });
      case 'fallback':
      case 'fallback6': {
        const [text = '', word] = wordsOf(value);
        const place = placeOf(text);
        const method = word === undefined ? undefined : METHODS[word.toLowerCase()];
        if (place !== undefined && (word === undefined || method !== undefined))
          return set({ fallback: { place, method } });
        const message = `${name} = ${shown(value)}: no address[:port] with gate, masq or ipip behind it.`;
        this.#problems.error(
          at,
          'address-invalid',
          message,
          'Write for example "fallback = 127.0.0.1:80 gate".',
        );
        return true;
      }
      default: {
        const why = WITHOUT_EFFECT[name];
        if (why !== undefined)
          this.#problems.warning(at, 'without-effect', `${name} has no effect here: ${why}.`);
        return why !== undefined;
      }
    }
  }

  #real({ name, value, at }: Line, draft: DraftVirtual): void {
    const [text = '', methodWord = '', ...rest] = wordsOf(value);
    const places = placesOf(text);
    const method = METHODS[methodWord.toLowerCase()];
    if (places === undefined || method === undefined) {
      const message = `${name} = ${shown(value)}: no ADDRESS[:PORT] with gate, masq or ipip behind it.`;
      this.#problems.error(at, 'address-invalid', message, 'Write for example "real = 192.0.2.21:80 gate".');
      return;
    }
    const hasWeight = /^\d+$/.test(rest[0] ?? '');
    const weight = hasWeight ? Number(rest[0]) : 1;
    const [request, receive] = rest.slice(hasWeight ? 1 : 0);
    const pattern = receive === undefined ? undefined : this.#pattern({ name, value, at }, receive);
    for (const place of places) {
      draft.reals.push({
        place,
        method,
        weight,
        ...(request === undefined ? {} : { request }),
        ...(pattern === undefined ? {} : { receive: pattern }),
        line: at.line,
      });
    }
  }

  #number({ name, value, at }: Line, min: number, max: number): number | undefined {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    const message = `${name} = ${shown(value)}: not a whole number from ${min} to ${max}.`;
    this.#problems.error(at, 'number-invalid', message);
    return undefined;
  }

  #flag({ name, value, at }: Line): boolean | undefined {
    const found = yesNo(value);
    if (found === undefined)
      this.#problems.error(at, 'switch-invalid', `${name} = ${shown(value)}: write yes or no.`);
    return found;
  }

  #oneOf({ name, value, at }: Line, words: readonly string[]): string {
    const found = words.find((word) => word === value.toLowerCase());
    if (found !== undefined) return found;
    this.#problems.error(at, 'word-invalid', `${name} = ${shown(value)}: not one of ${words.join(', ')}.`);
    return words[0] ?? '';
  }

  #pattern({ name, at }: Line, text: string): string {
    try {
      new RegExp(text, 's');
    } catch {
      const message = `${name}: ${shown(text)} is no regular expression.`;
      this.#problems.error(at, 'regex-invalid', message);
    }
    return text;
  }
}

const CHECK_TYPES = ['negotiate', 'connect', 'external', 'external-perl', 'ping', 'on', 'off'];

function keyOf(value: string): Exclude<VirtualServerKey, { readonly kind: 'group' }> | undefined {
  if (/^\d+$/.test(value)) {
    const mark = Number(value);
    return mark >= 1 && mark <= 4_294_967_295 ? { kind: 'fwmark', mark } : undefined;
  }
  const place = placeOf(value);
  if (place === undefined || place.port === 0) return undefined;
  return { kind: 'address', address: place.address, port: place.port };
}
