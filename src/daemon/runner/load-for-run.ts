/** Joins the runner to the configuration room. */
import type { Loaded } from './configuration.js';

/** Reads the configuration directory for a run on this machine. */
export async function loadForRun(configDir: string): Promise<Loaded> {
  const file: string = '../../config/load.js';
  const { loadConfiguration } = (await import(file)) as {
    loadConfiguration: (configDir: string) => Promise<Loaded>;
  };
  return await loadConfiguration(configDir);
}
