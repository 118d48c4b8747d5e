/**
 * The lab: whole nodes in namespaces, joined by virtual switches, with faults, an observer and a client. Every lab
 * test starts here; README.md beside this file shows how.
 */
export { type Ability, labAbility, type Privilege } from './ability.js';
export { LabClient } from './asking.js';
export { answeredIn, firstAnswerFrom, longestOutage, type Outage } from './client-log.js';
export { nowMs } from './clock.js';
export type { CommandOptions, CommandResult, LabProcess } from './enter.js';
export { type Cable, createLab, Lab } from './lab.js';
export type { LabOptions } from './layout.js';
export { LabNode, type NodeAddress, type NodeEnd, type NodeProcess } from './node.js';
export { Observation } from './observing.js';
export {
  type Announcement,
  type Answer,
  type Overlap,
  overlapsIn,
  ownersIn,
  type Window,
} from './ownership.js';
export { exitWithParent } from './parent.js';
export type { ClientEntry, Direction, EndReason, Impairment } from './protocol.js';
export { Sleeper } from './sleeper.js';
export { until } from './until.js';
