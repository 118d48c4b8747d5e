import { SerialLink } from '../../src/links/serial.js';
import { type LinkPair, linkCompliance } from './link-compliance.js';
import { Modem } from './support/modem.js';

const GONE = 'the device disappears';
const HELD = 'the other end takes no bytes';

/** A frame of exactly `length` bytes, of which the smallest has 8. */
function frame(length: number): Uint8Array {
  const noise = Array.from({ length: length - 9 }, (_, i) =>
    String.fromCharCode(33 + ((i * 7 + length) % 90)),
  );
  return Buffer.from(`>>>\n${noise.join('').replace(/[<>]/g, '.')}\n<<<\n`, 'latin1');
}

async function makePair(): Promise<LinkPair> {
  const modem = new Modem();
  await modem.start();
  // Fast enough for 9 kB frames; a pty takes no notice of it.
  const left = new SerialLink(modem.left, 115_200);
  const right = new SerialLink(modem.right, 115_200);
  return {
    left,
    right,
    onRight: (action) => action(),
    message: frame,
    untilSent: async () => {
      while (right.counters.sentPackets === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    faults: [
      {
        name: GONE,
        says: /the device has disappeared/,
        break: () => modem.signal('SIGKILL'),
        repair: () => void modem.start(),
      },
      {
        name: HELD,
        says: /the other end takes no bytes/,
        break: () => modem.signal('SIGSTOP'),
        repair: () => modem.signal('SIGCONT'),
      },
    ],
    close: () => modem.close(),
  };
}

linkCompliance('serial', [GONE, HELD], makePair, { ofInterface: false });
