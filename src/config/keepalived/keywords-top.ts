/** What may stand outside all blocks. */
import { shown } from '../problems.js';
import type { TlsFiles } from '../virtual-server-types.js';
import type { VrrpScript, VrrpTrackFile, VrrpTrackProcess } from '../vrrp-types.js';
import { readAddress } from './addresses.js';
import { type Draft, emptyTracking, type Writable } from './draft.js';
import { TLS_TABLE } from './keywords-director.js';
import { GLOBAL_TABLE } from './keywords-global.js';
import { instanceTable, routeOf } from './keywords-instance.js';
import {
  type DraftFile,
  type DraftProcess,
  type DraftScript,
  FILE_TABLE,
  groupTable,
  PROCESS_TABLE,
  scriptTable,
} from './keywords-scripts.js';
import { readServerGroup } from './server-groups.js';
import { defined } from './server-times.js';
import { readVirtualServer } from './servers.js';
import { interpret, type Row, type Surrounding, type Table, tableOf, unsupported, within } from './table.js';
import type { Statement } from './tree.js';
import { first } from './values.js';

const DEFAULT_INTERVAL_MS = 1000;

/** Reads the whole file into the draft. */
export function readTop(statements: readonly Statement[], draft: Draft): void {
  const top: { where: Surrounding } = { where: { name: '', line: 0, outer: undefined, keywords: [] } };
  const table = topTable(top, draft);
  const inner = { block: 'vrrp_instance', keywords: [...instanceTable(draft).keys()] };
  top.where = { ...top.where, keywords: [...table.keys()], inner };
  interpret(statements, table, draft, top.where);
}

/** The name behind the keyword of a block, which no other block of its kind may have. */
function nameOf(statement: Statement, taken: readonly { readonly name: string }[]): string | undefined {
  const word = first(statement, 'a name');
  if (word === undefined) return undefined;
  if (!taken.some(({ name }) => name === word.text)) return word.text;
  const message = `${statement.keyword.text} ${shown(word.text)} is defined above already.`;
  statement.problems.error(word, 'name-twice', message, 'Give it another name, or remove one of the two.');
  return undefined;
}

function instanceRow(top: { readonly where: Surrounding }): Row<Draft> {
  return {
    name: 'vrrp_instance',
    arguments: 'NAME { ... }',
    sentence: 'A virtual router: floating addresses that move together.',
    block: true,
    maxArguments: 1,
    read: (statement, draft) => {
      const name = nameOf(statement, draft.instances);
      if (name === undefined) return;
      const instance: Draft['instances'][number] = {
        ...emptyTracking(),
        name,
        at: statement,
        values: {},
        announcing: {},
        notify: {},
        addresses: [],
        addressRefused: false,
        excludedAddresses: [],
        routes: [],
        rules: [],
        peers: [],
        unicast: false,
        faultWithoutPeer: false,
        unicastTtl: undefined,
        checkSource: undefined,
        source: undefined,
        group: undefined,
        authType: undefined,
        password: undefined,
        vmac: undefined,
        vmacFromBase: false,
        minGarp: undefined,
        priorityAt: undefined,
        intervalAt: undefined,
      };
      const table = instanceTable(draft);
      interpret(statement.block ?? [], table, instance, within(statement, table, top.where));
      draft.instances.push(instance);
    },
  };
}

function groupRow(top: { readonly where: Surrounding }): Row<Draft> {
  return {
    name: 'vrrp_sync_group',
    arguments: 'NAME { ... }',
    sentence: 'Instances that are master together, or not at all.',
    block: true,
    maxArguments: 1,
    read: (statement, draft) => {
      const name = nameOf(statement, draft.groups);
      if (name === undefined) return;
      const group = {
        ...emptyTracking(),
        name,
        at: statement,
        members: [],
        notify: {},
        trackingWeight: false,
      };
      const table = groupTable(draft);
      interpret(statement.block ?? [], table, group, within(statement, table, top.where));
      draft.groups.push(group);
    },
  };
}

/** A block that is read into a draft of its own, and finished or refused at its end. */
function blockRow<D extends object>(
  name: string,
  also: string,
  sentence: string,
  top: { readonly where: Surrounding },
  parts: {
    readonly table: (draft: Draft) => Table<D>;
    readonly taken: (draft: Draft) => readonly { readonly name: string }[];
    readonly finish: (values: D, name: string, statement: Statement, draft: Draft) => void;
  },
): Row<Draft>[] {
  return [name, also].map((word) => ({
    name: word,
    arguments: 'NAME { ... }',
    sentence,
    block: true,
    maxArguments: 1,
    read: (statement, draft) => {
      const label = nameOf(statement, parts.taken(draft));
      if (label === undefined) return;
      const values = {} as D;
      const table = parts.table(draft);
      interpret(statement.block ?? [], table, values, within(statement, table, top.where));
      parts.finish(values, label, statement, draft);
    },
  }));
}

function scriptRows(top: { readonly where: Surrounding }): Row<Draft>[] {
  return blockRow<DraftScript>('vrrp_script', 'vrrp_scripts', 'A command whose success counts.', top, {
    table: scriptTable,
    taken: (draft) => draft.scripts,
    finish: (values, name, statement, draft) => {
      if (values.command === undefined || values.command.words.length === 0) {
        const message = `vrrp_script ${name} names no script.`;
        statement.problems.error(statement, 'script-missing', message, 'Add a line: script "COMMAND".');
        return;
      }
      const intervalMs = values.intervalMs ?? DEFAULT_INTERVAL_MS;
      const base: VrrpScript = {
        name,
        command: values.command,
        intervalMs,
        timeoutMs: intervalMs,
        weight: 0,
        reverse: false,
        rise: 1,
        fall: 1,
        initFail: false,
        line: statement.line,
      };
      draft.scripts.push({ ...base, ...defined(values) } as VrrpScript);
    },
  }).slice(0, 1);
}

function processRows(top: { readonly where: Surrounding }): Row<Draft>[] {
  return blockRow<DraftProcess>('vrrp_track_process', 'track_process', 'A program that has to run.', top, {
    table: () => PROCESS_TABLE,
    taken: (draft) => draft.processes,
    finish: (values, name, statement, draft) => {
      if (values.words === undefined || values.words.length === 0) {
        const message = `vrrp_track_process ${name} names no process.`;
        statement.problems.error(statement, 'process-missing', message, 'Add a line: process PROGRAM.');
        return;
      }
      const base: VrrpTrackProcess = {
        name,
        words: values.words,
        fullCommand: false,
        parameterMatch: 'none',
        weight: 0,
        reverse: false,
        quorum: 1,
        forkDelayMs: 0,
        terminateDelayMs: 0,
        line: statement.line,
      };
      draft.processes.push({ ...base, ...defined(values) } as VrrpTrackProcess);
    },
  });
}

function fileRows(top: { readonly where: Surrounding }): Row<Draft>[] {
  return blockRow<DraftFile>('track_file', 'vrrp_track_file', 'A file whose number counts.', top, {
    table: () => FILE_TABLE,
    taken: (draft) => draft.files,
    finish: (values, name, statement, draft) => {
      if (values.path === undefined) {
        const message = `track_file ${name} names no file.`;
        statement.problems.error(statement, 'file-missing', message, 'Add a line: file PATH.');
        return;
      }
      const base: VrrpTrackFile = {
        name,
        path: values.path,
        weight: 1,
        reverse: false,
        line: statement.line,
      };
      draft.files.push({ ...base, ...defined(values) } as VrrpTrackFile);
    },
  });
}

function staticRow(
  name: string,
  sentence: string,
  read: (entry: Statement, draft: Draft) => void,
): Row<Draft> {
  return {
    name,
    arguments: '{ LINE... }',
    sentence,
    block: true,
    read: ({ block }, draft) => {
      for (const entry of block ?? []) read(entry, draft);
    },
  };
}

function topTable(top: { readonly where: Surrounding }, file: Draft): Table<Draft> {
  return tableOf<Draft>(
    [
      {
        name: 'global_defs',
        arguments: '{ ... }',
        sentence: 'What concerns the whole daemon, and defaults.',
        block: true,
        read: (statement, draft) => {
          interpret(statement.block ?? [], GLOBAL_TABLE, draft, within(statement, GLOBAL_TABLE, top.where));
        },
      },
      instanceRow(top),
      groupRow(top),
      ...scriptRows(top),
      ...processRows(top),
      ...fileRows(top),
      {
        name: 'virtual_server',
        arguments: 'ADDRESS [PORT] | fwmark N | group NAME { ... }',
        sentence: 'A service that the director spreads over real servers.',
        block: true,
        maxArguments: 2,
        read: (statement) => readVirtualServer(statement, file, top.where),
      },
      {
        name: 'virtual_server_group',
        arguments: 'NAME { ADDRESS[-LAST|/LENGTH] [PORT] | fwmark N ... }',
        sentence: 'Several addresses with the same real servers.',
        block: true,
        maxArguments: 1,
        read: (statement) => readServerGroup(statement, file),
      },
      staticRow('static_ipaddress', 'Addresses that every machine has.', (entry, draft) => {
        const address = readAddress(entry);
        if (address !== undefined) draft.staticAddresses.push(address);
      }),
      staticRow('static_routes', 'Routes that every machine has.', (entry, draft) => {
        draft.staticRoutes.push(routeOf(entry));
      }),
      staticRow('static_rules', 'Routing rules that every machine has.', (entry, draft) => {
        draft.staticRules.push(routeOf(entry));
      }),
    ],
    [
      {
        name: 'SSL',
        arguments: '{ ... }',
        sentence: 'Certificate and key that SSL_GET shows to servers.',
        block: true,
        maxArguments: 0,
        read: (statement, draft) => {
          const files: Writable<TlsFiles> = {};
          interpret(statement.block ?? [], TLS_TABLE, files, within(statement, TLS_TABLE, top.where));
          draft.director.tls = defined(files);
        },
      },
    ],
    [unsupported<Draft>('bfd_instance', 'there is no BFD here.')],
    ['garp_group', 'interface_up_down_delays', 'linkbeat_interfaces'].map((name) =>
      unsupported<Draft>(name, 'this block is not built.'),
    ),
    [
      'net_namespace',
      'net_namespace_ipvs',
      'namespace_with_ipsets',
      'instance',
      'use_pid_dir',
      'child_wait_time',
      'track_group',
    ].map((name) => unsupported<Draft>(name, 'it has no effect here.')),
  );
}
