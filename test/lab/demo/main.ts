/** `npm run demo`: the main job on this one machine, within a minute, and nothing left behind. */
import { exitWithParent, type Lab, labAbility, nowMs } from '../lib/index.js';
import { Screen } from './screen.js';
import { tellStory } from './story.js';

const ALL_WITHIN_MS = 58_000;
const CLEAN_UP_WITHIN_MS = 5000;
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const screen = new Screen(process.stdout, nowMs);
let lab: Lab | null = null;
let ending = false;

/** Ends the demonstration; the lab goes with this process in any case, destroy only waits for it. */
async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(code), CLEAN_UP_WITHIN_MS).unref();
  await lab?.destroy();
  process.exit(code);
}

const ability = labAbility();
if (!ability.possible) {
  screen.plain(`The demonstration cannot run here: ${ability.reason}.`);
  process.exit(1);
}

exitWithParent();
process.stdout.on('error', () => void end(1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    screen.say(`Stopped by ${signal}: the nodes are taken down.`);
    void end(SIGNAL_CODES[signal]);
  });
}
setTimeout(() => {
  screen.say(
    'The minute of the demonstration is over before its story: this machine is too slow or too busy.',
  );
  void end(1);
}, ALL_WITHIN_MS).unref();

try {
  const { outageMs, returnMs } = await tellStory(screen, (made) => {
    lab = made;
  });
  screen.say('The nodes are taken down; nothing stays behind on this machine.');
  screen.plain(`Outage at the loss of power: ${outageMs} ms. Outage at the return: ${returnMs} ms.`);
  await end(0);
} catch (error) {
  if (!ending) {
    screen.say(`It did not go as it should: ${error instanceof Error ? error.message : String(error)}`);
    await showLogs();
    await end(1);
  }
}

async function showLogs(): Promise<void> {
  for (const name of ['xuanfei1-server', 'xuanfei2-server']) {
    const log = (await lab?.node(name).log()) ?? '';
    screen.plain(`The end of the log of ${name}:\n${log.split('\n').slice(-25).join('\n')}`);
  }
}
