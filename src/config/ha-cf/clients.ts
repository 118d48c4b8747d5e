/** Handlers of stonith, respawn and apiauth lines (heartbeat-admin.md 1.4, 6.3). */
import { likelyMeant } from '../nearest.js';
import { shown } from '../problems.js';
import { type Handler, type LineContext, refuse } from './draft.js';
import { blankWords, type Word } from './lexer.js';
import { stonithParameterNames } from './stonith-types.js';

/** Checks type and parameters of a device and adds it. Parameters may hold a password: they are never shown. */
function addDevice(type: Word, parameters: string, context: LineContext): boolean {
  const { machine, draft } = context;
  if (type.text === 'script') return addScript(type, parameters, context);
  if (type.text === 'sbd') return addDisk(type, parameters, context);
  if (!machine.stonithTypes.includes(type.text)) {
    const meant = likelyMeant(type.text, machine.stonithTypes);
    const message = `There is no STONITH plugin named ${shown(type.text)} on this machine.`;
    const isAgent = type.text.startsWith('fence/');
    const install = `Install the ${isAgent ? 'agents (package fence-agents)' : 'plugins (package cluster-glue)'}, or correct the name.`;
    return refuse(
      context,
      type,
      'stonith-type-unknown',
      message,
      meant === undefined ? install : `Write ${meant}.`,
    );
  }
  const names = stonithParameterNames(type.text);
  const given = parameters.split(/[ \t\n]+/).filter((value) => value !== '').length;
  if (given < names.length) {
    const message = `The STONITH device ${type.text} needs ${names.length} parameters, here are ${given}.`;
    const hint = `Write them in this order: ${names.join(' ')}; a value holds neither a blank nor #.`;
    return refuse(context, type, 'stonith-params-invalid', message, hint);
  }
  draft.stonith.push({ type: type.text, parameters, line: type.line });
  return true;
}

/** `script PATH NAME=VALUE...`: any program as a device. */
function addScript(type: Word, parameters: string, context: LineContext): boolean {
  const [path = ''] = parameters.split(/[ \t\n]+/);
  if (!path.startsWith('/') || !context.machine.isExecutable(path)) {
    const message = `The fencing script ${shown(path)} is no program with an absolute path that may be executed.`;
    const hint = 'Write stonith_host HOST script /PATH NAME=VALUE...; it is called as /PATH reset NODE.';
    return refuse(context, type, 'stonith-script-invalid', message, hint);
  }
  context.draft.stonith.push({ type: type.text, parameters, line: type.line });
  return true;
}

/** `sbd`: the disks of `[sbd] device`, which this program writes itself. */
function addDisk(type: Word, parameters: string, context: LineContext): boolean {
  if (parameters.trim() !== '') {
    const message = 'The STONITH device sbd takes no parameters: its disks stand in heartbeat.ini.';
    const hint = 'Write stonith_host * sbd here, and [sbd] device = /dev/... in heartbeat.ini.';
    return refuse(context, type, 'stonith-params-invalid', message, hint);
  }
  context.draft.stonith.push({ type: type.text, parameters: '', line: type.line });
  return true;
}

export const addStonith: Handler = (rest, context) => {
  const [type, file] = blankWords(rest);
  if (type === undefined || file === undefined) {
    const code = type === undefined ? 'stonith-no-type' : 'stonith-no-file';
    const message = `The stonith line names no ${type === undefined ? 'device type' : 'parameter file'}.`;
    return refuse(context, rest, code, message, 'Write stonith TYPE FILE.');
  }
  const text = context.machine.readText(file.text);
  if (text === undefined) {
    const message = `The STONITH parameter file ${shown(file.text)} cannot be read.`;
    const hint = 'Create it, with one line of values in the order of "stonith -t TYPE -n".';
    return refuse(context, file, 'stonith-file-invalid', message, hint);
  }
  const lines = text.split('\n').map((line) => line.trim());
  const parameters = lines.find((line) => line !== '' && !line.startsWith('#')) ?? '';
  return addDevice(type, parameters, context);
};

export const addStonithHost: Handler = (rest, context) => {
  const [host, type, ...parameters] = blankWords(rest);
  if (host === undefined) {
    const message = 'The stonith_host line names no host.';
    return refuse(context, rest, 'stonith-no-host', message, 'Write stonith_host HOST TYPE PARAMETER...');
  }
  // Lines for other nodes are theirs to judge: this node may not even have the plugin.
  if (host.text !== '*' && host.text.toLowerCase() !== context.self) return true;
  if (type === undefined) {
    const message = 'The stonith_host line names no device type.';
    return refuse(context, host, 'stonith-no-type', message, 'Write stonith_host HOST TYPE PARAMETER...');
  }
  return addDevice(type, parameters.map((word) => word.text).join(' '), context);
};

export const addRespawn: Handler = (rest, context) => {
  const { machine, draft } = context;
  const [user, command] = blankWords(rest);
  const form = 'Write respawn USER /PATH/COMMAND ARGUMENT...';
  if (user === undefined) {
    return refuse(context, rest, 'respawn-empty', 'The respawn line names no user.', form);
  }
  if (!machine.hasUser(user.text)) {
    const message = `respawn: there is no account ${shown(user.text)} on this machine.`;
    return refuse(context, user, 'respawn-user-unknown', message, 'Write an account name, not a number.');
  }
  if (command === undefined || !command.text.startsWith('/')) {
    const message = `respawn: ${shown(command?.text ?? '')} is no absolute path.`;
    return refuse(context, command ?? user, 'respawn-relative', message, form);
  }
  if (!machine.isExecutable(command.text)) {
    const message = `respawn: ${shown(command.text)} is not there or may not be executed.`;
    return refuse(
      context,
      command,
      'respawn-not-executable',
      message,
      'Correct the path, or remove the line.',
    );
  }
  const commandLine = rest.text.slice(command.column - rest.column);
  draft.respawn.push({ user: user.text, command: commandLine, line: rest.line });
  return true;
};

const APIAUTH_FORM = 'Write apiauth CLIENT uid=NAME,NAME gid=NAME,NAME with at least one of the two lists.';

export const addApiAuth: Handler = (rest, context) => {
  const { machine, draft } = context;
  const [client, ...lists] = blankWords(rest);
  if (client === undefined || lists.length === 0) {
    const message = 'The apiauth line names no client with a list of users or groups.';
    return refuse(context, rest, 'apiauth-invalid', message, APIAUTH_FORM);
  }
  if (draft.apiauth.some((entry) => entry.client === client.text)) {
    const message = `apiauth: the client ${shown(client.text)} has a line already.`;
    return refuse(context, client, 'apiauth-duplicate', message, 'Join the two lines.');
  }
  const names = new Map<string, readonly string[]>();
  for (const list of lists) {
    const [keyword = '', values] = splitOnce(list.text);
    if ((keyword !== 'uid' && keyword !== 'gid') || values === undefined) {
      const message = `apiauth: ${shown(list.text)} is neither uid= nor gid=.`;
      return refuse(context, list, 'apiauth-keyword', message, `${APIAUTH_FORM} No blanks inside a list.`);
    }
    if (names.has(keyword)) {
      const message = `apiauth: ${keyword}= stands twice in one line.`;
      return refuse(context, list, 'apiauth-two-lists', message, `Write ${keyword}=NAME,NAME once.`);
    }
    const entries = values.split(',').filter((name) => name !== '');
    const exists = keyword === 'uid' ? machine.hasUser : machine.hasGroup;
    const unknown = entries.find((name) => !exists(name));
    if (unknown !== undefined || entries.length === 0) {
      const kind = keyword === 'uid' ? 'user' : 'group';
      const message = `apiauth: there is no ${kind} ${shown(unknown ?? '')} on this machine.`;
      return refuse(context, list, `${kind}-unknown`, message, `Correct the ${keyword} list.`);
    }
    names.set(keyword, entries);
  }
  draft.apiauth.push({ client: client.text, users: names.get('uid') ?? [], groups: names.get('gid') ?? [] });
  return true;
};

/** Name and value of `NAME=VALUE`. */
function splitOnce(text: string): readonly [string, string?] {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
