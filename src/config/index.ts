/** What the other rooms use of the configuration. */
export { effectiveOf, groupCalls } from './effective.js';
export { defaultSettings } from './ini/parse.js';
export { sampleSettings } from './ini/sample.js';
export { type LoadedConfiguration, type LoadOptions, loadConfiguration, loadForDaemon } from './load.js';
export { type Machine, type MachineFacts, machineOf } from './machine-facts.js';
export { type Configuration, parseConfiguration } from './parse.js';
export { mediumLine, printDirectives, printEffective } from './print.js';
