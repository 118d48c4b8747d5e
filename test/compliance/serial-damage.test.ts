/** What a serial line does to the bytes, and what the link makes of it: real ptys, real frames, real signatures. */
import assert from 'node:assert/strict';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { Random } from '../../src/core/random.js';
import { SerialLink } from '../../src/links/serial.js';
import { createSigner, createVerifier } from '../../src/wire/auth.js';
import { encodeClassic } from '../../src/wire/encode.js';
import { text, textOf } from '../../src/wire/message.js';
import { decodePacket } from '../../src/wire/packet.js';
import { sampleKeys } from '../support/configuration.js';
import { Heard } from './support/heard.js';
import { Modem } from './support/modem.js';
import { until } from './support/until.js';

const sign = createSigner(sampleKeys);
const verifier = createVerifier(sampleKeys);
const LF = 0x0a;

let modem: Modem;
let link: SerialLink;
let heard: Heard;
let line: number;

beforeEach(async () => {
  modem = new Modem();
  await modem.start();
  link = new SerialLink(modem.left, 115_200);
  heard = new Heard();
  link.open(heard);
  line = openSync(modem.right, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  await until(() => heard.up, 'the line is up');
});

afterEach(() => {
  link.close();
  closeSync(line);
  modem.close();
});

/** A frame with a number of its own, as the sender writes it: with an empty line before it. */
function frame(number: number): Buffer {
  const message = { fields: [text('t', 'status'), text('src', 'node2'), text('seq', number.toString(16))] };
  return Buffer.concat([Buffer.from('\n'), encodeClassic(message, sign)]);
}

/** Writes as the line takes it, and lets the reader have its turn. */
async function put(bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += writeSome(bytes.subarray(done));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many bytes the line took; 0 when it is full. */
function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(line, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}

/** Numbers of the frames that arrived whole and with the right signature. */
function good(): number[] {
  return heard.packets.flatMap((packet) => {
    const decoded = decodePacket(packet, verifier);
    return decoded.ok ? [Number.parseInt(textOf(decoded.message, 'seq') ?? '', 16)] : [];
  });
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Sends three sound frames and demands that they arrive; gives all that arrived before them. */
async function thenAllIsWell(): Promise<number[]> {
  for (const number of [1001, 1002, 1003]) await put(frame(number));
  await until(() => good().at(-1) === 1003, `the last sound frame (arrived: ${good().join(' ')})`);
  const arrived = good();
  assert.deepEqual(arrived.slice(-3), [1001, 1002, 1003], 'every sound frame after the damage is read');
  return arrived.slice(0, -3);
}

test('frames that come in two pieces, split at each byte, all arrive', async () => {
  const length = frame(1).length;
  for (let at = 1; at < length; at++) {
    const bytes = frame(at);
    await put(bytes.subarray(0, at));
    const before = heard.packets.length;
    // Both halves must not come in one read: wait until the first has been taken.
    await until(() => !link.hasUnread() && heard.packets.length === before, 'the first piece was read');
    await put(bytes.subarray(at));
    await until(() => heard.packets.length === before + 1, 'the frame arrived');
  }
  assert.deepEqual(await thenAllIsWell(), numbers(1, length - 1));
});

test('with one byte in a hundred flipped, every frame that was not hit arrives', async () => {
  const random = new Random(20261121);
  const sound: number[] = [];
  for (let number = 1; number <= 300; number++) {
    const bytes = frame(number);
    let hit = false;
    for (let i = 0; i < bytes.length; i++) {
      if (random.between(1, 1000) > 10) continue;
      bytes[i] = (bytes[i] ?? 0) ^ (1 << random.between(0, 6));
      hit = true;
    }
    if (!hit) sound.push(number);
    await put(bytes);
  }
  const arrived = await thenAllIsWell();
  assert.ok(sound.length > 30, `some frames were not hit (${sound.length})`);
  assert.deepEqual(
    sound.filter((number) => !arrived.includes(number)),
    [],
  );
});

test('with one byte in a hundred lost, every frame that was not hit arrives', async () => {
  const random = new Random(4711);
  const sound: number[] = [];
  for (let number = 1; number <= 300; number++) {
    const whole = frame(number);
    const left = whole.filter(() => random.between(1, 1000) > 10);
    if (left.length === whole.length) sound.push(number);
    await put(left);
  }
  const arrived = await thenAllIsWell();
  assert.ok(sound.length > 30, `some frames were not hit (${sound.length})`);
  assert.deepEqual(
    sound.filter((number) => !arrived.includes(number)),
    [],
  );
});

test('a frame cut in the middle, at each byte, costs itself only', async () => {
  const length = frame(1).length;
  // The last byte is the line end, which the empty line before the next frame replaces.
  for (let at = 1; at < length - 1; at++) {
    await put(frame(500).subarray(0, at));
    await put(frame(at));
  }
  const arrived = await thenAllIsWell();
  assert.deepEqual(
    arrived.filter((number) => number !== 500),
    numbers(1, length - 2),
  );
});

test('after 1 MB of noise without a line end the very next frame is read, and the noise is told in words', async () => {
  const random = new Random(7);
  const before = process.memoryUsage().rss;
  for (let part = 0; part < 256; part++) {
    await put(Uint8Array.from({ length: 4096 }, () => random.between(LF + 1, 127)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await thenAllIsWell(), []);
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024, 'nothing of the noise is kept');
  assert.match(heard.notices[0] ?? '', /Nothing but noise on serial .*: \d+ bytes and no heartbeat/);
});

test('a port that another program holds is a clear error, and is taken when it is free', async () => {
  link.close();
  const holder = new SerialLink(modem.left, 9600);
  const held = new Heard();
  holder.open(held);
  await until(() => held.up, 'the first program has the line');
  const second = new SerialLink(modem.left, 9600);
  const wanting = new Heard();
  second.open(wanting);
  await until(() => wanting.down, 'the second one is refused');
  assert.match(wanting.reason, /another program uses it .*fuser/);
  holder.close();
  await until(() => wanting.up, 'the line is taken');
  second.close();
});
