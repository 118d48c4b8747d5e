import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { advisedTimeouts } from '../../../src/actions/agents/metadata.js';
import { runScriptOperation, type ScriptContext } from '../../../src/actions/scripts.js';
import { createCaptureKeeper } from '../../../src/actions/scripts-capture.js';
import type { OperationResult } from '../../../src/core/input.js';
import { temporaryFolder } from '../../support/scripts.js';

type Verb = 'start' | 'stop' | 'release' | 'monitor';

interface Bench {
  readonly folder: string;
  readonly logged: string[];
  /** Writes an executable file below the folder. */
  put(path: string, body: string): void;
  run(word: string, verb: Verb, deadlineMs?: number): Promise<OperationResult>;
  read(name: string): string;
}

function bench(t: TestContext, options: { systemd?: boolean } = {}): Bench {
  const folder = temporaryFolder(t);
  const logged: string[] = [];
  if (options.systemd === true) mkdirSync(join(folder, 'systemd'));
  const context: ScriptContext = {
    folders: {
      configDir: join(folder, 'etc'),
      programDir: join(folder, 'program'),
      initDir: join(folder, 'init.d'),
      ocfRoot: join(folder, 'ocf'),
      systemdDir: join(folder, 'systemd'),
    },
    environment: (own) => ({ PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, FOLDER: folder, ...own }),
    workingDirectory: folder,
    statusDeadlineMs: 5000,
    log: (level, _code, text) => logged.push(`${level}: ${text}`),
    output: () => undefined,
    captures: createCaptureKeeper(),
  };
  return {
    folder,
    logged,
    put(path, body) {
      const whole = join(folder, path);
      mkdirSync(join(whole, '..'), { recursive: true });
      writeFileSync(whole, `#!/bin/sh\n${body}\n`);
      chmodSync(whole, 0o755);
    },
    run(word, verb, deadlineMs = 5000) {
      const [type = '', ...args] = word.split('::');
      return runScriptOperation(
        { verb, deadlineMs, environment: {}, resource: { word, type, args } },
        context,
      );
    },
    read: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : ''),
  };
}

/** An agent that keeps its state in a file and writes down how it is called. */
const AGENT = `
echo "$1 level=$OCF_CHECK_LEVEL name=$OCF_RESKEY_name odd=[$OCF_RESKEY_odd] $OCF_RESOURCE_TYPE/$OCF_RESOURCE_PROVIDER" >> $FOLDER/calls
case $1 in
  start) : > $FOLDER/state ;;
  stop) rm -f $FOLDER/state ;;
  monitor) [ -e $FOLDER/code ] && exit $(cat $FOLDER/code); [ -e $FOLDER/state ] || exit 7 ;;
  meta-data) echo '<resource-agent><actions><action name="start" timeout="20s" /></actions></resource-agent>' ;;
  *) exit 3 ;;
esac`;

describe('OCF agents', () => {
  it('are called with their parameters by name, asked by monitor, and told apart by their exit code', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    const word = 'ocf:own:Thing::name=a b::odd=$(x)';
    assert.deepEqual(await b.run(word, 'start'), { ok: true });
    assert.deepEqual(await b.run(word, 'start'), { ok: true, alreadyActive: true });
    assert.deepEqual(await b.run(word, 'monitor'), { ok: true });
    assert.deepEqual(await b.run(word, 'stop'), { ok: true });
    const down = await b.run(word, 'monitor');
    assert.match(down.ok ? '' : down.detail, /does not run/);
    const calls = b
      .read('calls')
      .split('\n')
      .filter((line) => !line.startsWith('meta-data'));
    assert.equal(calls[1], 'start level= name=a b odd=[$(x)] Thing/own');
    assert.deepEqual(
      calls
        .map((line) => line.split(' ')[0])
        .join(' ')
        .trim(),
      'monitor start monitor monitor stop monitor',
    );
  });

  it('OCF::PROVIDER::AGENT is the same, and OCF_CHECK_LEVEL is the depth of the monitor', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    await b.run('OCF::own::Thing::name=n::OCF_CHECK_LEVEL=10', 'monitor');
    assert.match(b.read('calls'), /^monitor level=10 name=n/m);
  });

  it("OCF::AGENT::INSTANCE reads its parameters from the file of the original's way", async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    mkdirSync(join(b.folder, 'etc/conf/OCF/Thing'), { recursive: true });
    writeFileSync(
      join(b.folder, 'etc/conf/OCF/Thing/one'),
      '# mine\nOCF_RESKEY_name="from the file"\nodd=$(touch /tmp/x)\n',
    );
    assert.deepEqual(await b.run('OCF::Thing::one', 'start'), { ok: true });
    assert.match(
      b.read('calls'),
      /start level= name=from the file odd=\[\$\(touch\]|start level= name=from the file odd=\[\]/,
    );
  });

  it('a monitor that fails says why in words', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    writeFileSync(join(b.folder, 'code'), '1');
    const result = await b.run('ocf:own:Thing', 'monitor');
    assert.match(result.ok ? '' : result.detail, /Thing monitor failed: generic error$/);
  });

  it('one whose program is not installed fails at its start, and has nothing to release', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    writeFileSync(join(b.folder, 'code'), '5');
    const result = await b.run('ocf:own:Thing', 'start');
    assert.match(result.ok ? '' : result.detail, /the program behind it is not installed/);
    assert.deepEqual(await b.run('ocf:own:Thing', 'release'), { ok: true });
    assert.doesNotMatch(b.read('calls'), /^(start|stop)/m);
  });

  it('one that fails its probe is started all the same, and stopped when it is released', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    writeFileSync(join(b.folder, 'code'), '1');
    assert.deepEqual(await b.run('ocf:own:Thing', 'start'), { ok: true });
    assert.deepEqual(await b.run('ocf:own:Thing', 'release'), { ok: true });
    assert.match(b.read('calls'), /start[\s\S]*stop/);
  });

  it('its metadata give it more time than the settings', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Slow', AGENT.replace('start) :', 'start) sleep 0.6; :'));
    assert.deepEqual(await b.run('ocf:own:Slow', 'start', 200), { ok: true });
    await b.run('ocf:own:Slow', 'stop');
    b.put(
      'ocf/resource.d/own/Slower',
      AGENT.replace('start) :', 'start) sleep 5; :').replace('20s', '100ms'),
    );
    const result = await b.run('ocf:own:Slower', 'start', 200);
    assert.match(result.ok ? '' : result.detail, /did not end within \d+ ms/);
  });

  it('a wrong word, an absent agent and a wrong parameter are sentences', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    const detail = async (word: string) => {
      const result = await b.run(word, 'start');
      return result.ok ? 'ok' : result.detail;
    };
    assert.match(await detail('ocf:own'), /names no OCF agent\. Write ocf:PROVIDER:AGENT/);
    assert.match(await detail('ocf:own:None'), /There is no OCF agent .*own\/None: correct the name/);
    assert.match(await detail('ocf:other:Thing'), /resource-agents has the provider heartbeat.*here are own/);
    assert.match(await detail('ocf:own:Thing::10.0.0.1'), /"10\.0\.0\.1" is no parameter\. Write name=value/);
    assert.match(await detail('ocf:..:..'), /names no OCF agent|There is no OCF agent/);
  });
});

describe('metadata', () => {
  it('timeouts of actions are read in any unit, the most patient monitor counts, nonsense is left out', () => {
    const xml =
      '<action name="start" timeout="40s"/><action timeout="2min" name="stop" />' +
      '<action name="monitor" depth="0" timeout="20" interval="10"/><action name="monitor" depth="10" timeout="30s"/>' +
      '<action name="validate-all" timeout="5s"/><action name="start" timeout="soon"/>';
    assert.deepEqual(advisedTimeouts(xml), { start: 40_000, stop: 120_000, status: 30_000 });
    assert.deepEqual(advisedTimeouts('<action name="start" timeout="999999999h"'), {});
    assert.deepEqual(advisedTimeouts('no XML at all'), {});
  });
});

describe('init scripts', () => {
  it('whose status prints nothing are judged by their exit code', async (t) => {
    const b = bench(t);
    b.put(
      'init.d/quiet',
      'case $1 in start) : > $FOLDER/up;; stop) rm -f $FOLDER/up;; status) [ -e $FOLDER/up ] || exit 3;; esac',
    );
    assert.deepEqual(await b.run('quiet', 'start'), { ok: true });
    assert.deepEqual(await b.run('quiet', 'monitor'), { ok: true });
    assert.deepEqual(await b.run('quiet', 'stop'), { ok: true });
    assert.equal((await b.run('quiet', 'monitor')).ok, false);
  });

  it('whose status prints something are judged by that, whatever their exit code', async (t) => {
    const b = bench(t);
    b.put('init.d/wordy', 'echo "wordy is not running"; exit 0');
    assert.equal((await b.run('wordy', 'monitor')).ok, false);
  });
});

describe('systemd units', () => {
  const SYSTEMCTL = `
echo "$*" >> $FOLDER/calls
case $1 in
  start) : > $FOLDER/up ;;
  stop) rm -f $FOLDER/up ;;
  is-active) if [ -e $FOLDER/up ]; then echo active; else echo inactive; exit 3; fi ;;
esac`;

  it('are started, asked and stopped by systemctl', async (t) => {
    const b = bench(t, { systemd: true });
    b.put('bin/systemctl', SYSTEMCTL);
    assert.deepEqual(await b.run('systemd:nginx', 'start'), { ok: true });
    assert.deepEqual(await b.run('systemd:nginx', 'monitor'), { ok: true });
    assert.deepEqual(await b.run('systemd:nginx', 'stop'), { ok: true });
    assert.equal((await b.run('systemd:nginx', 'monitor')).ok, false);
    assert.match(b.read('calls'), /^is-active nginx\.service\nstart nginx\.service\n/);
  });

  it('where systemd does not run are a clear sentence', async (t) => {
    const result = await bench(t).run('systemd:nginx', 'start');
    assert.match(
      result.ok ? '' : result.detail,
      /needs systemd, which does not run on this machine\. Use a script/,
    );
  });
});
