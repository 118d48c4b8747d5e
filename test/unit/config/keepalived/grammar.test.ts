import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { good, instanceWith, read, told } from './support.js';

describe('keepalived.conf, its letters and lines', () => {
  it('comments begin with # or ! anywhere outside quotes, and a backslash keeps the sign', () => {
    const config = good(
      `global_defs { router_id a#b\n}\n${instanceWith('state BACKUP ! x', 'notify_master "/bin/a # b" # c')}`,
    );
    assert.equal(config.global.routerId, 'a');
    assert.deepEqual(config.instances[0]?.notify.master?.words, ['/bin/a', '#', 'b']);
    assert.equal(good(`global_defs {\n router_id a\\#b\n}\n${instanceWith()}`).global.routerId, 'a#b');
  });

  it('a brace ends its line, wherever it stands', () => {
    const one = good(
      'vrrp_instance A { interface eth0\nvirtual_router_id 5\nvirtual_ipaddress { 10.0.0.9 } }',
    );
    const two = good(
      'vrrp_instance A\n{\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress\n{\n10.0.0.9\n}\n}',
    );
    assert.deepEqual({ ...one.instances[0], line: 0 }, { ...two.instances[0], line: 0 });
  });

  it('a block that is not closed is named with the line where it begins', () => {
    const parsed = read('global_defs {\n router_id x\nvrrp_instance A {\n interface eth0\n}\n');
    assert.ok(told(parsed).includes('error missing-close 1:1'));
    assert.match(
      parsed.diagnostics.find(({ code }) => code === 'missing-close')?.message ?? '',
      /"global_defs"/,
    );
  });

  it('an unknown block is one diagnostic, not one for each of its lines', () => {
    assert.deepEqual(told(read(`frobnicate {\n a 1\n b 2\n}\n${instanceWith()}`)), [
      'error unknown-keyword 1:1',
    ]);
  });

  it('the nearest keyword of the same block is suggested', () => {
    const [first] = read(instanceWith('prioritty 100')).diagnostics;
    assert.equal(first?.hint, 'Did you mean priority?');
  });

  it('any text is judged without a throw, and every diagnostic names a line of the file', () => {
    const piece = fc.constantFrom(
      ...[
        'vrrp_instance',
        'A',
        '{',
        '}',
        '\n',
        ' ',
        '"',
        'interface eth0',
        '#',
        '$X=1',
        '$X',
        '@node1 ',
        'virtual_server',
      ],
      ...[
        'virtual_ipaddress',
        '10.0.0.1',
        'real_server',
        'HTTP_GET',
        'url',
        '-1',
        '\\',
        'include x',
        '\u00a0',
        '//',
        '<-',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        for (const { line } of read(text).diagnostics)
          assert.ok(line >= 0 && line <= text.split('\n').length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('keepalived.conf, definitions, conditions and includes', () => {
  it('a name is replaced by what was defined above it, also inside another word and another definition', () => {
    const text = `$NET=10.0.0\n$VIP=\${NET}.77\n${instanceWith('virtual_ipaddress_excluded { $VIP/24 }')}`;
    assert.equal(good(text).instances[0]?.excludedAddresses[0]?.address, '10.0.0.77');
  });

  it('a definition that names itself does not hang, and a name in braces that is not defined is told', () => {
    read(`$A=$B\n$B=$A$A\n${instanceWith('priority $A')}`);
    const braced = ['priority $', '{NONE}'].join('');
    assert.ok(told(read(instanceWith(braced))).includes('error undefined-name 5:0'));
  });

  it('a line of another machine does not count', () => {
    const text = instanceWith('@node1 priority 120', '@node2 priority 90', '@^node1 nopreempt');
    assert.deepEqual([good(text).instances[0]?.priority, good(text).instances[0]?.preempt], [120, true]);
    assert.equal(good(text, { configId: 'node2' }).instances[0]?.priority, 90);
  });

  it('an included file counts where it is named, and its diagnostics name it', () => {
    const files = { '/etc/keepalived/conf.d/a.conf': instanceWith('priority 300') };
    const parsed = read('include conf.d/*', { files });
    assert.deepEqual(
      parsed.diagnostics.map(({ file, code }) => [file, code]),
      [['/etc/keepalived/conf.d/a.conf', 'number-invalid']],
    );
  });

  it('an include that leads in a circle is an error, and one that finds nothing too', () => {
    const files = { '/etc/keepalived/a.conf': 'include a.conf\n' };
    assert.ok(told(read('include a.conf', { files })).some((one) => one.startsWith('error include-circle')));
    assert.ok(told(read('include b.conf')).includes('error include-missing 1:1'));
  });
});

it('notify_fifo and its reader are taken as they are written', () => {
  const { global } = good(
    `global_defs {\n notify_fifo /run/all keeper\n notify_fifo_script "/usr/bin/reader -v"\n vrrp_notify_fifo /run/vrrp\n}\n${instanceWith()}`,
  );
  assert.deepEqual(
    [global.notifyFifo, global.notifyFifoScript?.words, global.vrrpNotifyFifo, global.vrrpNotifyFifoScript],
    [{ path: '/run/all', user: 'keeper' }, ['/usr/bin/reader', '-v'], { path: '/run/vrrp' }, undefined],
  );
});
