/** A director made of the text of a keepalived.conf. */

import type { Director, DirectorConfig } from '../../../../src/core/director/state.js';
import { configureDirector, createDirector } from '../../../../src/core/director/step.js';
import { good } from '../../config/keepalived/support.js';

/** What the director is told of a file. */
export function directorConfig(text: string): DirectorConfig {
  const config = good(text);
  return {
    servers: config.virtualServers,
    groups: config.virtualServerGroups ?? [],
    routerId: config.global.routerId,
  };
}

/** A director that has just read the file, at time 0. */
export function directorOf(text: string): Director {
  const director = createDirector();
  configureDirector(director, directorConfig(text), 0);
  return director;
}
