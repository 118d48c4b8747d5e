/** Manual pages and completion, as `npm run package` puts them into the package and `npm run manual` into man/. */
import { KEEPALIVED_USAGE } from '../cli/keepalived.js';
import {
  clStatusPage,
  heartbeatPage,
  keepalivedPage,
  movePage,
  nodesPage,
  outdaterPage,
} from './command-pages.js';
import { bashCompletion, zshCompletion } from './completion.js';
import { authkeysPage, haCfPage, haresourcesPage, iniPage } from './configuration-pages.js';
import { pageText } from './mdoc.js';
import { scenarioPage } from './scenario-page.js';

/** "man/NAME.SECTION" or "completion/FILE": text. */
export function manualFiles(): Readonly<Record<string, string>> {
  const pages = [
    heartbeatPage(),
    keepalivedPage(KEEPALIVED_USAGE),
    haCfPage(),
    haresourcesPage(),
    authkeysPage(),
    iniPage(),
    scenarioPage(),
    clStatusPage(),
    movePage('standby'),
    movePage('takeover'),
    nodesPage('hb_addnode'),
    nodesPage('hb_delnode'),
    outdaterPage(),
  ];
  return {
    ...Object.fromEntries(pages.map((page) => [`man/${page.name}.${page.section}`, pageText(page)])),
    'completion/heartbeat.bash': bashCompletion(),
    'completion/_heartbeat': zshCompletion(),
  };
}
