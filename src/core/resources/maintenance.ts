/** Maintenance: resources stay as they are while people work on them. */
import type { State } from '../state.js';

/** True while nothing may be started, stopped, moved, judged by a monitor or fenced. */
export function inMaintenance(state: State): boolean {
  return state.maintenanceEpoch % 2 === 1;
}
