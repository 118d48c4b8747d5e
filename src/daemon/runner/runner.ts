/**
 * The runner: supervises the loop, runs scripts, owns the files and the control socket. It decides nothing about the
 * cluster; what it does is asked for by the loop, by a signal or by a command.
 */
import { FENCING_FOLDERS } from '../../actions/fencing/call.js';
import { killGroup } from '../../actions/scripts-process.js';
import type { LogLevel } from '../../core/effect.js';
import { createThrottle } from '../../log/throttle.js';
import { type Api, openApi } from '../api/index.js';
import { type ControlServer, openControlServer } from '../control/server.js';
import type { Boot, ToLoop, ToRunner } from '../mailbox.js';
import { controlSocketPath } from '../paths.js';
import { createAnswers } from './answers.js';
import { freshBoot } from './boot.js';
import { createChronicle } from './chronicle.js';
import { createClients } from './clients.js';
import { startConfigured, wantsDopd } from './clients-configured.js';
import { fileMarks } from './configuration.js';
import { clientsDiffer, loopPartDiffers, vrrpDiffers, withoutInstances } from './differences.js';
import { createDirectorRunner } from './director.js';
import { createDisks } from './disks.js';
import { createDopd } from './dopd.js';
import { createDriftWatch } from './drift.js';
import { createFencing } from './fencing.js';
import { loadAverage } from './load-average.js';
import { createNotifier } from './notify.js';
import { createOperations } from './operations.js';
import type { Runner, RunnerParts } from './parts.js';
import { createPeerGenerations } from './peer-generations.js';
import { createRecorder, recorderLimits } from './recorder.js';
import { type InForce, reload } from './reload.js';
import { createResources } from './resources.js';
import { createSchedule } from './schedule.js';
import { keptMaintenance, StateFileError } from './state-files.js';
import { createSupervisor } from './supervisor.js';
import { configForLoop, recalledConfig, withoutDirector } from './virtual-servers.js';
import { createVrrpRunner } from './vrrp.js';

export type { Runner, RunnerParts } from './parts.js';

const LOAD_AVERAGE_INTERVAL_MS = 5000;
const DISARM_LIMIT_MS = 1000;
const HOUSEKEEPING_INTERVAL_MS = 10_000;
const VRRP_SETTLE_MS = 200;
/** For the answer to the command that asked. */
const LEAVE_MS = 30;

type Handlers = {
  readonly [Kind in ToRunner['kind']]?: (message: Extract<ToRunner, { readonly kind: Kind }>) => void;
};

/** Joins the parts; nothing runs yet. */
export function createRunner(parts: RunnerParts): Runner {
  const { paths, log } = parts;
  const throttle = createThrottle({ windowMs: 60_000, nowMs: () => performance.now() });
  const startedWallMs = Date.now();
  let inForce: InForce | undefined;
  let boot: Boot | undefined;
  let control: ControlServer | undefined;
  let api: Api | undefined;
  let shuttingDown = false;
  let announced = false;
  let over = false;
  let loopRestarts = 0;
  let nextCommandId = -1;
  const timers: NodeJS.Timeout[] = [];

  const say = (level: LogLevel, code: string, text: string): void => {
    log.log(level, code, text);
    chronicle.noteOwnLine(level, code, text);
  };
  const sayThrottled = (code: string, text: string): void => {
    const line = throttle.line(code, text);
    if (line !== undefined) say('error', code, line);
  };
  const chronicle = createChronicle({
    stateDir: paths.stateDir,
    ask: (request) => answers.answer(request),
    config: () => inForce?.config,
    log: say,
    problem: (text) => sayThrottled('chronicle', text),
  });
  const peers = createPeerGenerations(paths.stateDir, (text) => sayThrottled('peer-generations', text));

  const configInForce = (): Boot['config'] => {
    if (inForce === undefined) throw new Error('no configuration is in force');
    return inForce.config;
  };

  const resources = createResources({ ...parts, config: configInForce });
  const operations = createOperations({ run: resources.run, tell: (message) => send(message) });
  const fencing = createFencing({
    stateDir: paths.stateDir,
    context: { folders: FENCING_FOLDERS, workingDirectory: parts.scriptDir, log: say },
    config: configInForce,
    log: say,
    tell: (message) => send(message),
  });
  const disks = createDisks({
    log: say,
    tell: (message) => send(message),
    abandon: () => supervisor.stop(),
    reboot: (reason) => void rebootSelf(reason),
    shutdown: () => shutdown(),
  });
  const recorder = createRecorder(
    paths.stateDir,
    () => recorderLimits(configInForce()),
    (text) => sayThrottled('recorder', text),
  );
  const release = async (reason: string): Promise<void> => {
    if ((boot?.maintenanceEpoch ?? 0) % 2 === 1) {
      say('crit', 'maintenance-kept', `${reason}, but maintenance is on: all resources stay as they are.`);
      await operations.reset();
      return;
    }
    await resources.release(reason, () => operations.reset());
  };

  const end = (code: number, reason: string): void => {
    if (over) return;
    over = true;
    stopServices();
    chronicle.noteOwnLine('info', 'ended', `heartbeat ends here: ${reason}.`);
    // What is still to be notified is, within a bound.
    const last = [vrrp.drain(), director.stop(), notifier.drain(), clients.stop(), chronicle.drain()];
    void Promise.all(last)
      .then(() => vrrp.end())
      .then(() => parts.onEnd(code, reason));
  };

  const supervisor = createSupervisor(parts.spawnLoop, {
    log: say,
    onMessage: (message) => handle(message),
    onReady: () => {
      sendLoadAverage();
      operations.tellUnheard();
      disks.attend();
      fencing.attend();
      resources.attend();
      drift.tell();
      vrrp.attend();
      chronicle.start();
      schedule.attend();
      if (shuttingDown) askForShutdown();
      // Not before: on a slow machine it would keep the processor from the loop.
      else director.use(inForce?.config.vrrp);
      parts.service?.loopReady();
      if (announced) return;
      announced = true;
      chronicle.noteOwnLine('info', 'up', `heartbeat ${parts.program} runs here.`);
      parts.onReady();
    },
    onLost: () => {
      loopRestarts += 1;
      answers.snapshots.abandon();
      answers.commands.abandon();
    },
    boot: (checkpoint) => {
      const now = boot;
      if (now === undefined || inForce === undefined) throw new Error('the boot message is not prepared');
      const { program } = parts;
      const { authKeys } = inForce;
      const config = configForLoop(inForce.config);
      const current = { ...now, program, config, authKeys, runnerPid: process.pid };
      if (checkpoint !== undefined) return { ...current, checkpoint };
      // Another run counts its attempts anew.
      if (announced) fencing.reset();
      boot = announced ? newRun(inForce) : current;
      return boot;
    },
    release,
    end,
  });
  const newRun = (current: InForce): Boot =>
    freshBoot({
      ...current,
      config: configForLoop(current.config),
      program: parts.program,
      stateDir: paths.stateDir,
      realtime: parts.realtime,
      nowS: Math.floor(Date.now() / 1000),
    });

  const send = (message: ToLoop): boolean => supervisor.send(message);
  const drift = createDriftWatch({
    configDir: paths.configDir,
    authKeys: () => inForce?.authKeys,
    tell: send,
  });
  const schedule = createSchedule({
    stateDir: paths.stateDir,
    config: () => inForce?.config,
    tell: (message) => send(message),
    log: say,
    ask: (request) => answers.answer(request),
    raise: (event) => handle(event),
  });
  const processes = () => ({ runnerPid: process.pid, loopPid: supervisor.loopPid });
  const facts = () => ({ ...processes(), startedWallMs, loopRestarts, ...schedule.facts() });
  const answers = createAnswers({
    send,
    chronicle,
    config: () => inForce?.config,
    program: () => parts.program,
    facts: () => facts(),
    absence: () =>
      supervisor.ready
        ? 'The loop process does not answer; try again in a moment.'
        : 'The loop process is being started; try again in a moment.',
    director: () => director.snapshot(),
    restart: () => doReload(true),
    renew: () => leave(),
  });

  /** The loop starts another runner as soon as this one is gone. */
  const leave = (): { readonly ok: boolean; readonly text: string } => {
    if (!supervisor.ready || shuttingDown) {
      return { ok: false, text: 'Heartbeat is starting or stopping: try again in a moment.' };
    }
    if (operations.running > 0) {
      return { ok: false, text: 'Resource scripts are running: try again when they have ended.' };
    }
    send({ kind: 'runnerLeaves' });
    parts.service?.leaving(supervisor.loopPid);
    setTimeout(() => {
      director.leave();
      stopServices();
      parts.onLeave();
    }, LEAVE_MS);
    return { ok: true, text: 'A new runner takes over.' };
  };

  const vrrp = createVrrpRunner({
    config: () => inForce?.config.vrrp,
    log: say,
    tell: (message) => send(message),
    ...(parts.sendMail === undefined ? {} : { sendMail: parts.sendMail }),
  });
  const director = createDirectorRunner({ paths, log: say });
  const notifier = createNotifier({
    config: () => inForce?.config,
    log: say,
    sendMail: async (server, mail) =>
      (await import('../../actions/notification/mail.js')).sendMail(server, mail),
  });
  /** What the supervisor and VRRP deal with themselves has no row. */
  const handlers: Handlers = {
    operation: ({ operation }) => operations.start(operation),
    cancelOperation: ({ operationId }) => operations.cancel(operationId),
    fence: ({ command }) => fencing.start(command),
    cancelFence: ({ commandId }) => fencing.cancel(commandId),
    fencingRecord: ({ record }) => fencing.record(record),
    communicationUp: () => startClients(),
    log: (message) => {
      log.record({ ...message, pid: supervisor.loopPid });
      notifier.noteLine(message);
    },
    event: (message) => {
      chronicle.note(message);
      notifier.note(message);
      schedule.note(message);
      parts.service?.changed();
    },
    maintenance: ({ epoch }) => keepMaintenance(epoch),
    peerGeneration: ({ node, generation }) => peers.note(node, generation),
    recorderSegment: ({ head }) => recorder.begin(head),
    recorded: ({ inputs }) => recorder.add(inputs),
    clientMessage: (message) => dopd.hear(message),
    reply: (message) => answers.commands.answer(message.commandId, message),
    snapshot: ({ requestId, snapshot }) => answers.snapshots.answer(requestId, snapshot),
    restartSelf: ({ reason }) => {
      say('info', 'self-restart', `A new run begins: ${reason}.`);
      supervisor.beginAnew();
    },
    rebootSelf: ({ reason }) => void rebootSelf(reason),
    disarmed: () => disarmed?.(),
  };
  const handle = (message: ToRunner): void => {
    director.note(message);
    if (vrrp.handle(message)) return;
    const handler = handlers[message.kind] as ((message: ToRunner) => void) | undefined;
    handler?.(message);
  };

  const clients = createClients({
    runDir: paths.runDir,
    environment: () => resources.environment(),
    workingDirectory: parts.scriptDir,
    log: say,
    failed: (reason) => void rebootSelf(reason),
  });
  const dopd = createDopd({
    paths,
    self: () => configInForce().self,
    status: async () => (await loopSnapshot())?.status,
    command: (command) => void answers.answer({ kind: 'command', command }),
    log: say,
  });
  const startClients = (): void => {
    if (wantsDopd(configInForce())) void dopd.open();
    else dopd.close();
    startConfigured(clients, configInForce(), say);
  };

  const keepMaintenance = (epoch: number): void => {
    if (boot !== undefined) boot = { ...boot, maintenanceEpoch: epoch };
    const problem = keptMaintenance(paths.stateDir, epoch);
    if (problem !== undefined) say('error', 'maintenance-not-kept', problem);
  };

  /** Nothing of heartbeat goes on talking to the peers while the machine falls: they see a dead node. */
  const rebootSelf = async (reason: string): Promise<void> => {
    say('crit', 'killing-heartbeat', 'Killing heartbeat ungracefully!');
    supervisor.stop();
    await parts.reboot(reason);
    end(1, `This machine could not be rebooted although ${reason}.`);
  };

  const sendLoadAverage = (): void => {
    const text = loadAverage();
    if (text !== undefined) send({ kind: 'loadAverage', text });
  };
  const housekeeping = (): void => {
    resources.captures.trim();
    for (const line of throttle.flush()) say('error', 'throttled', line);
  };

  const loopSnapshot = async () => {
    const answer = await answers.answer({ kind: 'snapshot' });
    return answer.kind === 'snapshot' ? answer.snapshot : undefined;
  };
  const openServices = async (): Promise<void> => {
    control = await openControlServer(controlSocketPath(paths), (request) => answers.answer(request));
    api = await openApi({
      paths,
      program: parts.program,
      config: () => inForce?.config,
      snapshot: loopSnapshot,
      command: (command) => void answers.answer({ kind: 'command', command }),
      log: say,
    });
    parts.service?.begin({
      healthy: () => supervisor.healthy,
      status: async () => (await loopSnapshot())?.status,
    });
    timers.push(setInterval(sendLoadAverage, LOAD_AVERAGE_INTERVAL_MS));
    timers.push(setInterval(housekeeping, HOUSEKEEPING_INTERVAL_MS));
  };
  const stopServices = (): void => {
    for (const timer of timers) clearInterval(timer);
    parts.service?.close();
    control?.close();
    api?.close();
    chronicle.close();
    schedule.close();
    fencing.stop();
    disks.stop();
    dopd.close();
    drift.close();
    peers.flush();
    recorder.close();
  };

  const shutdown = (): void => {
    if (shuttingDown) return;
    shuttingDown = true;
    // Before anything else: a backup that hears it at once is the shorter outage.
    if (supervisor.ready) askForShutdown();
    else if (!announced) {
      supervisor.stop();
      end(0, 'stopped before it was up');
    }
    parts.service?.stopping();
  };
  const askForShutdown = (): void => {
    send({ kind: 'command', commandId: nextCommandId, command: { kind: 'shutdown' } });
    nextCommandId -= 1;
  };

  let disarmed: (() => void) | undefined;
  /** A device that the next loop does not open would reset this machine: the present loop stops it first. */
  const disarmWatchdog = async (): Promise<void> => {
    const done = new Promise<void>((resolve) => {
      disarmed = resolve;
    });
    if (!send({ kind: 'disarmWatchdog' })) return;
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, DISARM_LIMIT_MS))]);
  };

  const doReload = async (force: boolean): Promise<{ readonly ok: boolean; readonly text: string }> => {
    parts.service?.reloading();
    const outcome = await reread(force);
    parts.service?.reloaded(outcome.text);
    return outcome;
  };
  const reread = async (force: boolean): Promise<{ readonly ok: boolean; readonly text: string }> => {
    if (inForce === undefined || shuttingDown || !supervisor.ready) {
      return { ok: false, text: 'Heartbeat is starting or stopping: nothing is reread now.' };
    }
    log.reopen();
    say('info', 'reread', `Signalling ${process.pid} to reread config files`);
    const outcome = await reload(inForce, paths.configDir, parts.load, say, force);
    switch (outcome.kind) {
      case 'nothing':
        return { ok: true, text: 'Configuration unchanged.' };
      case 'refused':
        return {
          ok: false,
          text: 'The new configuration has errors: see the log. The old one stays in force.',
        };
      case 'keys':
        inForce = outcome.next;
        send({ kind: 'authKeys', authKeys: outcome.next.authKeys });
        return { ok: true, text: 'Rereading authentication file.' };
      case 'vrrp':
        await useVrrp(outcome.next);
        return { ok: true, text: 'Rereading the VRRP configuration.' };
      case 'restart': {
        const unreadable = await disks.begin(outcome.next.config, false);
        if (unreadable !== undefined) {
          say('error', 'disk-failed', unreadable);
          return { ok: false, text: `${unreadable} The old configuration stays in force.` };
        }
        if (inForce.config.watchdog !== outcome.next.config.watchdog) await disarmWatchdog();
        if (vrrpDiffers(inForce, outcome.next)) {
          // The running loop lets go of what is no longer configured before another takes its place.
          await useVrrp(outcome.next);
          await new Promise((resolve) => setTimeout(resolve, VRRP_SETTLE_MS));
        }
        if (clientsDiffer(inForce, outcome.next)) {
          await clients.stop();
          inForce = outcome.next;
          startClients();
        }
        inForce = outcome.next;
        say('info', 'restarting', 'Performing heartbeat restart exec.');
        supervisor.replace(parts.times(outcome.next.config));
        return { ok: true, text: 'Restarting heartbeat.' };
      }
    }
  };

  const useVrrp = async (next: InForce): Promise<void> => {
    await vrrp.prepare(next.config.vrrp);
    const before = inForce?.config.vrrp;
    const config = next.config.vrrp ?? (before === undefined ? undefined : withoutInstances(before));
    if (config !== undefined && (before === undefined || loopPartDiffers(before, config)))
      send({ kind: 'vrrpConfig', config: withoutDirector(config) });
    director.use(next.config.vrrp);
    inForce = next;
    vrrp.attend();
  };

  const use = (next: Boot): void => {
    boot = next;
    inForce = { config: next.config, authKeys: next.authKeys, marks: fileMarks(paths.configDir) };
  };

  return {
    async start(first) {
      use(first);
      const unreadable = await disks.begin(first.config, true);
      if (unreadable !== undefined) throw new StateFileError(unreadable);
      await openServices();
      await vrrp.begin();
      // Somebody may have asked for the end meanwhile.
      if (!over) supervisor.start(parts.times(first.config));
    },
    async adopt(state, loop) {
      use({ ...state.boot, config: await recalledConfig(state.boot.config, paths, parts.load, say) });
      announced = true;
      for (const { processGroup } of state.operations) {
        if (processGroup !== undefined) killGroup(processGroup, 'SIGKILL');
      }
      const handlers = supervisor.adopt(loop, state.checkpoint, parts.times(state.boot.config));
      for (const { operation } of state.operations) operations.start(operation);
      if (state.fence !== undefined) fencing.start(state.fence);
      void disks.begin(state.boot.config, false);
      await openServices();
      director.use(inForce?.config.vrrp);
      parts.service?.loopReady();
      sendLoadAverage();
      if (state.checkpoint?.communicationUp === true) startClients();
      return handlers;
    },
    shutdown,
    reload: (force = false) => doReload(force),
    changeDebug(by) {
      log.debugLevel += by;
      say('info', 'debug-level', `Debug level is now ${log.debugLevel}.`);
    },
    stop() {
      director.leave();
      supervisor.stop();
      stopServices();
    },
  };
}
