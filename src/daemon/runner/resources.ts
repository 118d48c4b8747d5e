/** What the runner does with resources: single operations for the loop, and the release of everything without it. */
import { askChecks, checksOf } from '../../actions/checks/of-resource.js';
import { runScriptOperation, type ScriptContext } from '../../actions/scripts.js';
import { type CaptureKeeper, createCaptureKeeper } from '../../actions/scripts-capture.js';
import { scriptEnvironment } from '../../actions/scripts-environment.js';
import type { AddressSpec, ClusterConfig } from '../../config/types.js';
import type { OperationResult } from '../../core/input.js';
import type { DaemonLog } from '../../log/logger.js';
import type { Paths } from '../paths.js';
import { examineResources, resourceDiagnostics } from '../resource-check.js';
import type { OperationRunner } from './operations.js';
import { releaseEverything } from './release.js';

export interface ResourceParts {
  readonly paths: Paths;
  readonly log: DaemonLog;
  /** Working directory of scripts. */
  readonly scriptDir: string;
  /** The configuration in force. */
  readonly config: () => ClusterConfig;
  /** Removes an address of haresources from this machine, if it is there. */
  readonly removeAddress: (address: AddressSpec) => Promise<OperationResult>;
  /** Does not come back if it works. */
  readonly reboot: (reason: string) => Promise<unknown>;
}

export interface RunnerResources {
  readonly run: OperationRunner['run'];
  /** Stops all that haresources names, or reboots. `quiet` resolves when no operation runs any more. */
  release(reason: string, quiet: () => Promise<void>): Promise<void>;
  readonly captures: CaptureKeeper;
  /** Variables that scripts and clients get. */
  environment(): Record<string, string>;
  /** The loop is ready: agents of a configuration that is new are asked for their meta-data, and judged, beforehand. */
  attend(): void;
}

/** Makes the runner's hands. */
export function createResources(parts: ResourceParts): RunnerResources {
  const { log, paths } = parts;
  const captures = createCaptureKeeper();
  let attended: ClusterConfig | undefined;

  const context = (): ScriptContext => {
    const config = parts.config();
    return {
      folders: paths,
      environment: (own) => scriptEnvironment(config, paths, process.env, own),
      workingDirectory: parts.scriptDir,
      statusDeadlineMs: config.settings.statusDeadlineMs,
      writtenDeadlines: config.settings.writtenDeadlines ?? [],
      log: (level, code, text) => log.log(level, code, text),
      output: (line) => log.output(line),
      captures,
    };
  };

  return {
    captures,
    environment: () => scriptEnvironment(parts.config(), paths, process.env, {}),
    attend() {
      const config = parts.config();
      if (attended === config) return;
      attended = config;
      void examineResources(config, paths).then((examined) => {
        // What is not there was said when the files were read, where a name alone told it.
        const untold = examined.filter(
          ({ kind, word }) => kind !== undefined || /^(?:OCF::|systemd:)/.test(word),
        );
        for (const { message } of resourceDiagnostics(untold, '')) log.log('warn', 'resource', message);
      });
    },
    async run(operation, cancel, onStarted) {
      const { target } = operation;
      if (target.kind !== 'script') return { ok: false, detail: 'addresses are set by the loop process' };
      const request = { ...operation, resource: target.resource };
      const beganMs = performance.now();
      const result = await runScriptOperation(request, context(), { cancel, onStarted });
      const checks = checksOf(parts.config().settings, target.resource);
      if (operation.verb !== 'monitor' || !result.ok || checks.length === 0) return result;
      const detail = await askChecks(checks, operation.deadlineMs - (performance.now() - beganMs), cancel);
      return detail === undefined ? result : { ok: false, detail };
    },
    async release(reason, quiet) {
      log.log('crit', 'releasing', `Giving up all HA resources: ${reason}.`);
      await quiet();
      const config = parts.config();
      const deadlineMs = config.settings.stopDeadlineMs;
      const failures = await releaseEverything(config, {
        releaseScript: (resource) =>
          runScriptOperation({ verb: 'release', deadlineMs, environment: {}, resource }, context()),
        removeAddress: parts.removeAddress,
      });
      if (failures.length === 0) {
        log.log('info', 'released', 'All HA resources relinquished.');
        return;
      }
      await parts.reboot(`these resources cannot be stopped: ${failures.join('; ')}`);
    },
  };
}
