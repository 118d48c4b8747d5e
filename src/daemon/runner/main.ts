/** Entry of the runner process: `main.js [--adopt] [--notify-fd N] [directories and options of heartbeat]`. */
import { parseArgs } from 'node:util';
import { keepalivedPaths, resolvePaths } from '../paths.js';
import { takeServiceManager } from '../service-manager.js';
import { adoptDaemon, runDaemon } from './daemon.js';
import { keepalivedFromEnvironment } from './keepalived.js';

const { values } = parseArgs({
  options: {
    adopt: { type: 'boolean', default: false },
    'notify-fd': { type: 'string' },
    'config-dir': { type: 'string' },
    'state-dir': { type: 'string' },
    'run-dir': { type: 'string' },
    'no-realtime': { type: 'boolean', default: false },
    'no-resources': { type: 'boolean', default: false },
    debug: { type: 'string', default: '0' },
    'loop-entry': { type: 'string' },
    keepalived: { type: 'string' },
  },
});

const service = takeServiceManager(process.env);
const notifyFd = values['notify-fd'];
const loopEntry = values['loop-entry'];
const keepalived =
  values.keepalived === undefined
    ? keepalivedFromEnvironment(process.env)
    : keepalivedFromEnvironment({ KEEPALIVED_OPTIONS: values.keepalived });
if (keepalived === undefined) delete process.env.KEEPALIVED_OPTIONS;
const options = {
  paths: resolvePaths(
    {
      ...(values['config-dir'] === undefined ? {} : { configDir: values['config-dir'] }),
      ...(values['state-dir'] === undefined ? {} : { stateDir: values['state-dir'] }),
      ...(values['run-dir'] === undefined ? {} : { runDir: values['run-dir'] }),
    },
    process.env,
  ),
  foreground: false,
  realtime: !values['no-realtime'],
  manageResources: !values['no-resources'],
  extraDebug: Number(values.debug) || 0,
  ...(notifyFd === undefined ? {} : { notifyFd: Number(notifyFd) }),
  ...(service === undefined ? {} : { service }),
  ...(loopEntry === undefined ? {} : { loopEntry }),
  ...(keepalived === undefined
    ? {}
    : { keepalived, paths: keepalivedPaths(keepalived.file, process.env, keepalived.pidFile) }),
};

await (values.adopt ? adoptDaemon(options) : runDaemon(options));
