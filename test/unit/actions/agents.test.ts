import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parseMetadata } from '../../../src/actions/agents/metadata.js';
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
  run(
    word: string,
    verb: Verb,
    deadlineMs?: number,
    writtenDeadlines?: ScriptContext['writtenDeadlines'],
  ): Promise<OperationResult>;
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
      unitDirs: [join(folder, 'units')],
      ocfStateDir: join(folder, 'state'),
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
    run(word, verb, deadlineMs = 5000, writtenDeadlines = []) {
      const [type = '', ...args] = word.split('::');
      return runScriptOperation(
        { verb, deadlineMs, environment: {}, resource: { word, type, args } },
        { ...context, writtenDeadlines },
      );
    },
    read: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : ''),
  };
}

/** An agent that keeps its state in a file and writes down how it is called. */
const AGENT = `
echo "$1 level=$OCF_CHECK_LEVEL name=$OCF_RESKEY_name odd=[$OCF_RESKEY_odd] $OCF_RESOURCE_TYPE/$OCF_RESOURCE_PROVIDER" >> $FOLDER/calls
case $1 in
  start) : > $FOLDER/on ;;
  stop) rm -f $FOLDER/on ;;
  monitor) [ -e $FOLDER/code ] && exit $(cat $FOLDER/code); [ -e $FOLDER/on ] || exit 7 ;;
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

  it("OCF::AGENT::INSTANCE reads its parameters from the file of the original's way, and runs nothing of it", async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    mkdirSync(join(b.folder, 'etc/conf/OCF/Thing'), { recursive: true });
    const file = join(b.folder, 'etc/conf/OCF/Thing/one');
    writeFileSync(file, '# mine\nexport OCF_RESKEY_name="from the file" # here\n\nodd=[x]\n');
    assert.deepEqual(await b.run('OCF::Thing::one', 'start'), { ok: true });
    assert.match(b.read('calls'), /start level= name=from the file odd=\[\[x\]\]/);
    writeFileSync(file, `name=n\nodd=$(touch ${b.folder}/touched)\n`);
    const refused = await b.run('OCF::Thing::one', 'start');
    assert.match(refused.ok ? '' : refused.detail, /Thing\/one:2: this is no parameter\. Write name=value/);
    assert.equal(existsSync(join(b.folder, 'touched')), false);
  });

  it('an IPv6 address may be a value though it holds the separator', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    await b.run('ocf:own:Thing::name=2001:db8::10/64::odd=::1', 'monitor');
    assert.match(b.read('calls'), /^monitor level=0 name=2001:db8::10\/64 odd=\[::1\]/m);
  });

  it('look for helpers in the folders of their package, and have a folder for their marks', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Env', 'env > $FOLDER/env; [ "$1" = monitor ] && exit 7; [ -d "$HA_RSCTMP" ]');
    assert.deepEqual(await b.run('ocf:own:Env', 'start'), { ok: true });
    assert.match(b.read('env'), /^HA_BIN=$/m);
    assert.match(b.read('env'), /^OCF_RESOURCE_INSTANCE=Env_[0-9a-f]{8}$/m);
  });

  it('are asked for their metadata once, and again when their file has changed', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    const asked = () =>
      b
        .read('calls')
        .split('\n')
        .filter((line) => line.startsWith('meta-data')).length;
    await b.run('ocf:own:Thing', 'start');
    await b.run('ocf:own:Thing', 'stop');
    assert.equal(asked(), 1);
    b.put('ocf/resource.d/own/Thing', `${AGENT}\n# newer`);
    await b.run('ocf:own:Thing', 'stop');
    assert.equal(asked(), 2);
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

  it('one that fails its probe is stopped before it is started, and stopped when it is released', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Thing', AGENT);
    writeFileSync(join(b.folder, 'code'), '1');
    assert.deepEqual(await b.run('ocf:own:Thing', 'start'), { ok: true });
    assert.deepEqual(await b.run('ocf:own:Thing', 'release'), { ok: true });
    const verbs = b
      .read('calls')
      .split('\n')
      .map((line) => line.split(' ')[0]);
    assert.equal(verbs.join(' ').trim(), 'meta-data monitor stop start monitor stop');
    assert.match(b.logged[0] ?? '', /^warn: Running .*Thing stop before the start: generic error$/);
  });

  it('its metadata give it its time, unless heartbeat.ini does', async (t) => {
    const b = bench(t);
    b.put('ocf/resource.d/own/Slow', AGENT.replace('start) :', 'start) sleep 0.6; :'));
    assert.deepEqual(await b.run('ocf:own:Slow', 'start', 200), { ok: true });
    await b.run('ocf:own:Slow', 'stop');
    const written = await b.run('ocf:own:Slow', 'start', 200, ['start']);
    assert.match(written.ok ? '' : written.detail, /did not end within \d+ ms/);
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
    const read = parseMetadata(`<resource-agent><actions>${xml}</actions></resource-agent>`);
    assert.deepEqual(read.ok ? read.metadata.advisedMs : read, {
      start: 40_000,
      stop: 120_000,
      status: 30_000,
    });
  });

  it('what is no XML of an agent is a sentence with its line', () => {
    const rows: readonly (readonly [string, RegExp])[] = [
      [
        '<resource-agent>\n<actions>',
        /^Its meta-data is no XML: line 2: the element actions does not end\.$/,
      ],
      ['no XML at all', /^Its meta-data is no XML: line 1: "<" is missing\.$/],
      ['<html/>', /describes no resource-agent, but html\.$/],
    ];
    for (const [text, expected] of rows) {
      const read = parseMetadata(text);
      assert.match(read.ok ? 'ok' : read.sentence, expected);
    }
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

  it('that fail say their exit code in the words of the LSB', async (t) => {
    const b = bench(t);
    b.put('init.d/gone', 'case $1 in status) exit 3;; *) exit 5;; esac');
    const result = await b.run('gone', 'start');
    assert.match(result.ok ? '' : result.detail, /gone start returned 5 \(the program is not installed\)$/);
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
case $3 in
  start) [ -e $FOLDER/broken ] && { echo "Job for nginx.service failed." >&2; exit 1; }; : > $FOLDER/up ;;
  stop) rm -f $FOLDER/up ;;
  show) if [ -e $FOLDER/show ]; then cat $FOLDER/show
        elif [ -e $FOLDER/up ]; then echo ActiveState=active; else echo ActiveState=inactive; fi ;;
esac`;
  const machine = (t: TestContext, systemd = true): Bench => {
    const b = bench(t, { systemd });
    b.put('bin/systemctl', SYSTEMCTL);
    for (const unit of ['nginx.service', 'tunnel@.service']) b.put(`units/${unit}`, '');
    return b;
  };
  const SHOW = 'show --property=LoadState,ActiveState,SubState,Result';

  it('are started, asked and stopped by systemctl', async (t) => {
    const b = machine(t);
    assert.deepEqual(await b.run('systemd:nginx', 'start'), { ok: true });
    assert.deepEqual(await b.run('nginx', 'monitor'), { ok: true });
    assert.deepEqual(await b.run('systemd:nginx', 'stop'), { ok: true });
    assert.equal((await b.run('systemd:nginx', 'monitor')).ok, false);
    const quiet = '--no-pager --no-ask-password';
    assert.deepEqual(b.read('calls').split('\n').slice(0, 2), [
      `${quiet} ${SHOW} nginx.service`,
      `${quiet} start nginx.service`,
    ]);
  });

  it('may be instances of a template', async (t) => {
    const b = machine(t);
    assert.deepEqual(await b.run('tunnel@home', 'stop'), { ok: true });
    assert.match(b.read('calls'), / stop tunnel@home\.service\n$/);
  });

  it('that failed are forgotten to have failed before they are started', async (t) => {
    const b = machine(t);
    writeFileSync(join(b.folder, 'show'), 'ActiveState=failed\nResult=exit-code\n');
    assert.deepEqual(await b.run('nginx', 'start'), { ok: true });
    assert.match(b.read('calls'), / reset-failed nginx\.service\n.* start nginx\.service\n$/);
  });

  it('say their state in words', async (t) => {
    const b = machine(t);
    const rows: readonly (readonly [string, RegExp])[] = [
      ['ActiveState=reloading', /^ok$/],
      ['ActiveState=inactive', /does not run/],
      ['ActiveState=failed\nSubState=failed\nResult=exit-code', /nginx\.service is failed \(exit-code\)/],
      ['ActiveState=activating\nSubState=auto-restart', /nginx\.service is activating \(auto-restart\)/],
      ['LoadState=masked\nActiveState=inactive', /is masked; run "systemctl unmask nginx\.service"/],
      ['LoadState=not-found\nActiveState=inactive', /systemd knows no unit nginx\.service/],
      ['', /does not tell the state of nginx\.service/],
    ];
    for (const [show, expected] of rows) {
      writeFileSync(join(b.folder, 'show'), `${show}\n`);
      const result = await b.run('nginx', 'monitor');
      assert.match(result.ok ? 'ok' : result.detail, expected, show);
    }
  });

  it('that do not start say what systemctl said', async (t) => {
    const b = machine(t);
    writeFileSync(join(b.folder, 'broken'), '');
    const result = await b.run('nginx', 'start');
    assert.match(result.ok ? '' : result.detail, /start returned 1: Job for nginx\.service failed\.$/);
  });

  it('where systemd does not run are a clear sentence', async (t) => {
    const b = machine(t, false);
    for (const word of ['systemd:nginx', 'nginx']) {
      const result = await b.run(word, 'start');
      assert.match(
        result.ok ? '' : result.detail,
        /needs systemd, which does not run on this machine\. Use a script/,
        word,
      );
    }
    assert.equal(b.read('calls'), '');
  });

  it('that are not installed are a clear sentence', async (t) => {
    const result = await machine(t).run('systemd:ngnix', 'start');
    assert.match(result.ok ? '' : result.detail, /^There is no unit ngnix\.service on this machine: install/);
  });

  it('come last: a script of the same name wins', async (t) => {
    const b = machine(t);
    b.put('init.d/nginx', 'echo "init.d $1" >> $FOLDER/calls');
    await b.run('nginx', 'stop');
    assert.equal(b.read('calls'), 'init.d stop\n');
  });
});
