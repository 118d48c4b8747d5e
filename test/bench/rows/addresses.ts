/** Takeover of many addresses: the last of them after the first, as the network hears their gratuitous ARPs. */
import { nowMs } from '../../lab/lib/index.js';
import type { Setup } from '../support/contender.js';
import { type Row, serve, withPair } from '../support/row.js';

/** As many addresses, from 10.77.4.1 on. */
function addressesOf(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `10.77.${4 + Math.floor(index / 200)}.${1 + (index % 200)}`,
  );
}

function takeover(count: number, bounds: Row['bounds']): Row {
  const addresses = addressesOf(count);
  const setup: Setup = {
    keepaliveMs: 100,
    deadtimeMs: 1000,
    initdeadMs: 8000,
    autoFailback: false,
    addresses,
  };
  return {
    key: `addresses-${count}`,
    title: `takeover of ${count} address${count === 1 ? '' : 'es'}: the last answers after the first`,
    unit: 'ms',
    contenders: ['ours', 'original', 'keepalived'],
    bounds,
    runs: count > 100 ? 5 : 10,
    measure: (contender, { begin }) =>
      withPair(contender, setup, async ({ lab, client }) => {
        await lab.node('client').run(['ip', 'addr', 'add', '10.77.3.1/16', 'dev', 'eth0']);
        const last = addresses.at(-1) ?? '';
        const middle = addresses[addresses.length >> 1] ?? '';
        const others = await Promise.all(
          [...new Set([middle, last])].map((address) => lab.client(`udp://${address}`, { everyMs: 2 })),
        );
        const clients = [client, ...others];
        await serve(contender, setup, lab, client);
        // The original sets one address after the other.
        for (const one of clients)
          await lab.until(() => one.firstAnswerFrom('node1'), { withinMs: 120_000, what: 'every address' });
        if (contender.name === 'original') await waitMs(8000);
        await begin();
        const { atMs } = await lab.node('node1').powerOff();
        const answers = await Promise.all(
          clients.map((one) =>
            lab.until(() => one.firstAnswerFrom('node2', atMs), { withinMs: 120_000, what: 'takeover' }),
          ),
        );
        const times = answers.map(({ receivedAtMs }) => receivedAtMs ?? Number.NaN);
        return { ms: Math.max(...times) - Math.min(...times) };
      }),
  };
}

function waitMs(ms: number): Promise<void> {
  const untilMs = nowMs() + ms;
  return new Promise((resolve) => setTimeout(resolve, untilMs - nowMs()));
}

export const ADDRESSES: readonly Row[] = [takeover(20, {}), takeover(200, { ms: 20 })];
