import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeMailbox,
  decodeOwner,
  decodePillHeader,
  disksToRead,
  disksToWrite,
  encodeMailbox,
  encodeOwner,
  encodePillHeader,
  isPillName,
  PILL_COMMANDS,
  type PillHeader,
} from '../../../src/wire/sbd.js';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const headers: fc.Arbitrary<PillHeader> = fc.record(
  {
    minorVersion: fc.integer({ min: 0, max: 255 }),
    slots: fc.integer({ min: 1, max: 255 }),
    sectorBytes: fc.constantFrom(512, 4096),
    watchdogS: u32,
    allocateS: u32,
    loopS: u32,
    msgwaitS: u32,
    uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  },
  { noNullPrototype: true },
);
const names = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength: 63 })
  .map((codes) => String.fromCharCode(...codes));

test('a header, an owner and a mailbox are read as they were written, in a whole sector', () => {
  fc.assert(
    fc.property(headers, names, fc.constantFrom(...PILL_COMMANDS), (header, name, command) => {
      const sector = encodePillHeader(header);
      assert.equal(sector.length, header.sectorBytes);
      assert.deepEqual(decodePillHeader(sector), { ok: true, header });
      assert.equal(decodeOwner(encodeOwner(header.sectorBytes, name)), name);
      assert.equal(decodeOwner(encodeOwner(header.sectorBytes, null)), undefined);
      const mailbox = decodeMailbox(encodeMailbox(header.sectorBytes, command, name));
      assert.deepEqual(mailbox, { command, from: command === 'clear' ? '' : name });
      assert.equal(isPillName(name), true);
    }),
  );
});

test('whatever stands on a disk is read or refused with a sentence, and a name is always printable', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 1024 }), (bytes) => {
      const read = decodePillHeader(bytes);
      assert.ok(read.ok || read.reason.endsWith('.') || read.reason.includes('overwrites'));
      assert.match(decodeMailbox(bytes).from, /^[\x20-\x7e]{0,63}$/);
    }),
  );
});

/** Bytes that sbd 1.5.2 wrote: `create -1 5 -4 10`, `allocate node1`, `message node1 crashdump` on a machine named vm. */
const HEADER =
  '5342445f5342445f02ff00000000020000000005000000020000000' + '10000000a017c1d19259c684e2b9ff6fb1880eb71d2';
const sectorOf = (hex: string): Uint8Array => {
  const sector = new Uint8Array(512);
  sector.set(Buffer.from(hex, 'hex'));
  return sector;
};

test('what the program sbd wrote is understood, and ours is the same byte for byte', () => {
  const header: PillHeader = {
    minorVersion: 1,
    slots: 255,
    sectorBytes: 512,
    watchdogS: 5,
    allocateS: 2,
    loopS: 1,
    msgwaitS: 10,
    uuid: '7c1d19259c684e2b9ff6fb1880eb71d2',
  };
  assert.deepEqual(decodePillHeader(sectorOf(HEADER)), { ok: true, header });
  assert.deepEqual(encodePillHeader(header), sectorOf(HEADER));
  assert.deepEqual(encodeOwner(512, 'node1'), sectorOf('016e6f646531'));
  assert.deepEqual(encodeMailbox(512, 'crashdump', 'vm'), sectorOf('05766d'));
  assert.deepEqual(decodeMailbox(sectorOf('00766d')), { command: 'clear', from: 'vm' });
  assert.equal(decodeMailbox(sectorOf('09766d')).command, null);
});

test('a header of another version, without slots or with impossible sectors is refused', () => {
  for (const [at, value] of [
    [8, 3],
    [9, 0],
    [15, 1],
    [0, 0],
  ] as const) {
    const sector = sectorOf(HEADER);
    sector[at] = value;
    assert.equal(decodePillHeader(sector).ok, false, `byte ${at}`);
  }
});

test('two of three disks, one of two to read and both to write: a reader and a writer always share one', () => {
  assert.deepEqual([1, 2, 3].map(disksToRead), [1, 1, 2]);
  assert.deepEqual([1, 2, 3].map(disksToWrite), [1, 2, 2]);
  for (const disks of [1, 2, 3]) assert.ok(disksToRead(disks) + disksToWrite(disks) > disks);
});
