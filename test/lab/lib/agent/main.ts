/** The one script of the lab's helper processes: `node main.js hub` and `node main.js client`. */
import { setRealtime } from '../../../../src/system/scheduler.js';
import { INSTRUMENT_PRIORITY } from './priority.js';

const role = process.argv[2];
if (process.env.LAB_REALTIME === '1') setRealtime(INSTRUMENT_PRIORITY);
if (role === 'hub') (await import('./hub.js')).runHub();
else if (role === 'client') (await import('./client.js')).runClient();
else {
  process.stderr.write('usage: main.js hub|client\n');
  process.exit(2);
}
