import { MemorySegment } from '../../src/links/memory.js';
import { linkCompliance } from './link-compliance.js';

const FAULT = 'the cable is pulled';

linkCompliance('memory', [FAULT], () => {
  const segment = new MemorySegment();
  const left = segment.attach('eth0');
  const elsewhere = new MemorySegment();
  const stranger = elsewhere.attach('eth1');
  stranger.open({ onPacket: () => undefined, onHealth: () => undefined });
  return {
    left,
    right: segment.attach('eth0'),
    onRight: (action) => action(),
    message: (length) => Uint8Array.from({ length }, (_, i) => i & 0xff),
    faults: [
      { name: FAULT, says: /unplugged/, break: () => left.setUp(false), repair: () => left.setUp(true) },
    ],
    onlyLeftIsHurt: true,
    sendElsewhere: (bytes) => stranger.send(bytes),
    close: () => stranger.close(),
  };
});
