import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/scripts.js';
import { cannotRun, inNamespace } from './support/namespace.js';

/** A folder with a file of ext4, its own loop devices and the word FS for the script. */
const DISK = `
mkdir -p /run/dev; mount --bind /dev /dev 2>/dev/null
[ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
truncate -s 8M "$BOX/disk"; mkfs.ext4 -q "$BOX/disk"
FS="./Filesystem $BOX/disk $BOX/data ext4 loop,noatime"
`;
const probe = inNamespace(
  'd=$(mktemp -d); truncate -s 8M $d/i; mkfs.ext4 -q $d/i && mkdir $d/m && mount -o loop $d/i $d/m && umount $d/m && echo ready; rm -rf $d',
);
const skip =
  cannotRun('mkfs.ext4', 'findmnt') ||
  (probe === 'ready' ? false : 'there is no loop device to mount a file with');

test('Filesystem mounts with its type and options, says so, and unmounts; twice is the same as once', {
  skip,
}, (t) => {
  const box = temporaryFolder(t);
  const output = inNamespace(
    `${DISK}
    $FS status; echo $?; $FS start; echo $?; $FS start; echo $?; $FS status; echo $?
    grep " $BOX/data " /proc/mounts | cut -d ' ' -f 3,4
    ./Filesystem $BOX/other $BOX/data ext4 loop status; ./Filesystem $BOX/disk $BOX/data ext4 loop start; echo $?
    $FS stop; echo $?; $FS stop; echo $?; $FS status; echo $?`,
    { env: { BOX: box } },
  ).split('\n');
  assert.deepEqual(
    output.filter((line) => !/clean,/.test(line)),
    [
      `${box}/disk on ${box}/data is not running`,
      '3',
      `Filesystem: made the folder ${box}/data.`,
      '0',
      '0',
      `${box}/disk on ${box}/data is running`,
      '0',
      'ext4 rw,noatime',
      `${box}/other on ${box}/data is not running`,
      '0',
      '0',
      '0',
      `${box}/disk on ${box}/data is not running`,
      '3',
    ],
  );
  assert.ok(
    output.some((line) => /clean,/.test(line)),
    'fsck has looked at it',
  );
});

test('Filesystem ends the users of a busy folder: TERM first, and KILL for those that ignore it', {
  skip,
}, (t) => {
  const box = temporaryFolder(t);
  writeFileSync(join(box, 'deaf'), '#!/bin/sh\ntrap "" TERM\necho ready >&2\nwhile :; do sleep 1; done\n', {
    mode: 0o755,
  });
  const output = inNamespace(
    `${DISK}
    $FS start >/dev/null
    (cd $BOX/data && exec setsid sleep 500) & polite=$!
    setsid sh $BOX/deaf 3>$BOX/data/open 2>$BOX/deaf-ready & deaf=$!
    (cd / && exec sleep 501) & stranger=$!
    until [ -s $BOX/deaf-ready ] && [ "$(readlink /proc/$polite/cwd)" = "$BOX/data" ]; do sleep 0.05; done
    $FS stop; echo "stop $?"
    wait $polite; echo "polite $?"; wait $deaf; echo "deaf $?"
    kill -0 $stranger && echo "stranger lives"
    grep -c " $BOX/data " /proc/mounts`,
    { env: { BOX: box } },
  );
  assert.match(output, /is used by process \d+ \(sleep\): TERM/);
  assert.match(output, /is used by process \d+ \(sh\): TERM[\s\S]*is used by process \d+ \(sh\): KILL/);
  assert.match(output, /stop 0\npolite 143\ndeaf 137\nstranger lives\n0/);
});

test('Filesystem names what is wrong: no device, a folder that has something else, damage that needs a person', {
  skip,
}, (t) => {
  const box = temporaryFolder(t);
  const output = inNamespace(
    `${DISK}
    ./Filesystem $BOX/absent $BOX/data ext4 loop start; echo "absent $?"
    ./Filesystem $BOX/disk data start; echo "relative $?"
    mkdir -p $BOX/data; mount -t tmpfs tmpfs $BOX/data
    $FS start; echo "taken $?"; $FS stop; echo "stop $?"; grep -c " $BOX/data tmpfs" /proc/mounts; umount $BOX/data
    dd if=/dev/urandom of=$BOX/disk bs=1k count=2 seek=1 conv=notrunc 2>/dev/null; $FS start >$BOX/log 2>&1; echo "damaged $?"; tail -1 $BOX/log`,
    { env: { BOX: box } },
  );
  assert.match(output, /absent 1\nrelative 1\ntaken 1\nstop 0\n1\ndamaged 1\n/);
  for (const sentence of [
    /there is no device \S+absent\./,
    /the folder "data" has to begin with a slash/,
    /tmpfs is mounted on \S+ already: unmount it/,
    /damage on \S+ that it does not repair by itself \(code \d+\): run fsck by hand/,
  ])
    assert.match(output, sentence);
});

test('Filesystem takes what is mounted below it away first', { skip }, (t) => {
  const box = temporaryFolder(t);
  const output = inNamespace(
    `${DISK}
    $FS start >/dev/null; mkdir "$BOX/data/in side"; mount -t tmpfs tmpfs "$BOX/data/in side"; mkdir "$BOX/data/in side/b"
    mount -t tmpfs tmpfs "$BOX/data/in side/b"; $FS stop; echo "stop $?"; grep -c "$BOX/data" /proc/mounts`,
    { env: { BOX: box } },
  );
  assert.equal(output, 'stop 0\n0');
});
