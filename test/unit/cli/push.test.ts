import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfiguration } from '../../../src/config/load.js';
import { repositoryRoot } from '../../support/root.js';

const FILES = ['ha.cf', 'haresources', 'heartbeat.ini'] as const;
const HEARTBEAT = join(repositoryRoot(), 'bin', 'heartbeat');
const AUTHKEYS = 'auth 1\n1 sha1 a-secret\n';
const haCf = (lines: string, peer: string): string =>
  `keepalive 1\ndeadtime 10\nucast lo 127.0.0.${peer}\n${lines}node a b c\nlogfile /dev/null\n`;

const OLD = {
  'ha.cf': haCf('', '9'),
  haresources: 'a 127.9.9.1/32/lo\n',
  'heartbeat.ini': '[groups]\nparallel = 2\n',
};
const NEW = {
  'ha.cf': haCf('auto_failback off\n', '1'),
  haresources: 'a 127.9.9.2/32/lo\n',
  'heartbeat.ini': '[groups]\nparallel = 3\n',
};
/** The way to the peer is its own. */
const MERGED = NEW['ha.cf'].replace('127.0.0.1', '127.0.0.9');

interface Stage {
  readonly folder: string;
  readonly dir: (node: string) => string;
  /** The value in a file of a node. */
  readonly read: (node: string, file: string) => string;
  readonly push: (environment?: Record<string, string>) => ReturnType<typeof spawnSync>;
}

/** Three nodes as folders; ssh is a script that runs the text with HA_DIR of the node. */
async function withNodes(story: (stage: Stage) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-push-'));
  const dir = (node: string): string => join(folder, node);
  const put = (node: string, files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(dir(node), name), text, { mode: 0o600 });
  };
  const bin = join(folder, 'bin');
  const ssh = join(bin, 'fake-ssh');
  const run = join(folder, 'run');
  mkdirSync(bin);
  for (const node of ['a', 'b', 'c']) {
    mkdirSync(dir(node));
    put(node, { ...OLD, authkeys: AUTHKEYS, nodeinfo: `${node}\n` });
  }
  const push = `\n[push]\nssh = ${ssh} root@NODE\n`;
  put('a', { ...NEW, 'heartbeat.ini': NEW['heartbeat.ini'] + push });
  // The call of ssh of number KILL_AT kills the push; the mv of number MV_KILL_AT the push and its own shell.
  writeFileSync(
    ssh,
    `#!/bin/sh
node=\${1#root@}
echo x >> "$COUNT"
[ "$(wc -l < "$COUNT")" -ne "\${KILL_AT:-0}" ] || { kill -9 $PPID; exit 1; }
[ "$node" != "\${AWAY:-}" ] || { echo "no route to $node" >&2; exit 255; }
HA_DIR="${folder}/$node" HA_RUN_DIR="${run}/$node" HA_STATE_DIR="${run}/$node" PATH="${bin}:$PATH" exec /bin/sh -c "$2"
`,
  );
  writeFileSync(
    join(bin, 'mv'),
    `#!/bin/sh
echo x >> "$COUNT.mv"
[ "$(wc -l < "$COUNT.mv")" -ne "\${MV_KILL_AT:-0}" ] || { kill -9 "$(cut -d' ' -f4 /proc/$PPID/stat)" $PPID; exit 1; }
[ "$(wc -l < "$COUNT.mv")" -ne "\${MV_FAIL_AT:-0}" ] || { echo "disk full" >&2; exit 1; }
exec /bin/mv "$@"
`,
  );
  // Where many states are judged by the test itself, the peers agree to everything: CONTENT.
  writeFileSync(join(bin, 'heartbeat'), `#!/bin/sh\n[ -z "$CONTENT" ] || exit 0\nexec ${HEARTBEAT} "$@"\n`);
  for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
  try {
    await story({
      folder,
      dir,
      read: (node, file) => readFileSync(join(dir(node), file), 'utf8'),
      push: (environment = {}) =>
        spawnSync(HEARTBEAT, ['push'], {
          encoding: 'utf8',
          env: {
            ...process.env,
            HA_DIR: dir('a'),
            COUNT: join(folder, 'count'),
            ...environment,
          },
        }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const changed = (stage: Stage, node: string): boolean =>
  FILES.some((file) => stage.read(node, file) !== OLD[file]);

test('a push puts the files in place on every node; its own lines of ha.cf and its keys stay', async () => {
  await withNodes((stage) => {
    const { status, stdout, stderr } = stage.push();
    assert.equal(status, 0, String(stderr));
    assert.match(String(stdout), /b: heartbeat\.ini, haresources, ha\.cf in place\./);
    for (const node of ['b', 'c']) {
      assert.equal(stage.read(node, 'ha.cf'), MERGED);
      assert.equal(stage.read(node, 'haresources'), NEW.haresources);
      assert.equal(stage.read(node, 'heartbeat.ini'), stage.read('a', 'heartbeat.ini'));
      assert.equal(stage.read(node, 'authkeys'), AUTHKEYS);
      for (const file of FILES) assert.equal(stage.read(node, join('backup', file)), OLD[file]);
      assert.deepEqual(
        readdirSync(stage.dir(node)).filter((name) => name.startsWith('.')),
        [],
      );
    }
    assert.match(String(stage.push().stdout), /b: its files are the same already/);
  });
});

test('a push with an error changes nothing anywhere', async () => {
  await withNodes((stage) => {
    const wrongHere = `${NEW['ha.cf']}keepalife 2\n`;
    writeFileSync(join(stage.dir('a'), 'ha.cf'), wrongHere);
    const refused = stage.push();
    assert.equal(refused.status, 6);
    assert.match(String(refused.stderr), /nothing was pushed/);
    writeFileSync(join(stage.dir('a'), 'ha.cf'), NEW['ha.cf']);
    // Valid here, but not on the last of the peers: its keys are readable by all.
    chmodSync(join(stage.dir('c'), 'authkeys'), 0o644);
    const judged = stage.push();
    assert.equal(judged.status, 1);
    assert.match(
      String(judged.stderr),
      /c does not accept the files, nothing was changed anywhere[\s\S]*authkeys/,
    );
    chmodSync(join(stage.dir('c'), 'authkeys'), 0o600);
    const away = stage.push({ AWAY: 'c' });
    assert.equal(away.status, 1);
    assert.match(String(away.stderr), /c cannot be prepared: no route to c/);
    for (const node of ['b', 'c']) assert.equal(changed(stage, node), false, node);
  });
});

test('a peer that fails while files are put in place brings all of them back', async () => {
  await withNodes((stage) => {
    // Node b: one rename of the backup and three of files; the sixth is the first file of node c.
    const { status, stderr } = stage.push({ MV_FAIL_AT: '6' });
    assert.equal(status, 1);
    assert.match(String(stderr), /c: disk full\. Everything was put back as it was\./);
    for (const node of ['b', 'c']) {
      for (const file of FILES) assert.equal(stage.read(node, file), OLD[file], `${node} ${file}`);
    }
  });
});

test('a push that is killed at any step leaves every node with a valid configuration of known files', async () => {
  for (const [variable, steps] of [
    ['KILL_AT', 13],
    ['MV_KILL_AT', 8],
  ] as const) {
    for (let step = 1; step <= steps; step++) {
      await withNodes(async (stage) => {
        stage.push({ [variable]: String(step), CONTENT: 'yes' });
        for (const node of ['b', 'c']) {
          const where = `${node} after ${variable} ${step}`;
          for (const file of FILES) {
            const isMerged = file === 'ha.cf' ? MERGED : stage.read('a', file);
            assert.ok([OLD[file], isMerged].includes(stage.read(node, file)), `${where}: ${file}`);
          }
          const judged = await loadConfiguration({ configDir: stage.dir(node), hostname: node });
          assert.ok(
            judged.accepted,
            `${where}: ${judged.diagnostics.map(({ message }) => message).join('; ')}`,
          );
        }
        if (step % 4 !== 0) return;
        assert.equal(stage.push({ CONTENT: 'yes' }).status, 0, 'the next push goes through');
        const left = readdirSync(stage.dir('b')).filter((name) => name.startsWith('.push'));
        assert.deepEqual(left, [], 'and clears what was left');
      });
    }
  }
});
