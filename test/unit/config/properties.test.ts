/** Whatever a file holds, the parsers answer; and what they print of it, they read back the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HA_CF_NAMES } from '../../../src/config/ha-cf/keywords.js';
import type { Configuration } from '../../../src/config/parse.js';
import { printDirectives, printEffective } from '../../../src/config/print.js';
import { judge } from './support.js';

const noise = fc.string({ unit: 'binary', maxLength: 12 });
const bytes = fc.uint8Array({ maxLength: 300 });

const words = fc.oneof(
  fc.constantFrom(
    'eth0',
    'eth1',
    'lo',
    'node1',
    'node2',
    '10.0.0.10',
    '239.0.0.1',
    '694',
    '1',
    '0',
    'on',
    'off',
  ),
  fc.constantFrom(
    'legacy',
    '5',
    '500ms',
    '/dev/ttyS0',
    '/dev/null',
    '*',
    'null',
    'uid=root',
    '::',
    '\\',
    '#',
    ',',
  ),
  fc.constantFrom(
    '10.0.0.10/24/eth0',
    'IPaddr2::10.0.0.1',
    'IPv6addr::2001:db8::1/64',
    'Filesystem::/a::/b',
    'auth',
  ),
  noise,
);

const anyText = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.tuple(
        fc.oneof(fc.constantFrom(...names), noise),
        fc.array(words, { maxLength: 6 }),
        fc.constantFrom(' ', '\t', ','),
      ),
      { maxLength: 20 },
    )
    .chain((lines) =>
      fc
        .constantFrom('\n', '\r\n', '\\\n')
        .map((end) => lines.map(([name, values, blank]) => [name, ...values].join(blank)).join(end)),
    );

/** What must hold of every outcome. */
function assertSound(judged: Configuration): void {
  const hasErrors = judged.diagnostics.some((entry) => entry.severity === 'error');
  assert.equal(judged.accepted, !hasErrors);
  for (const { line, column, message, code } of judged.diagnostics) {
    assert.ok(line >= 0 && column >= 0 && Number.isInteger(line) && Number.isInteger(column));
    assert.match(code, /^[a-z0-9_-]+$/);
    assert.ok(message.length < 500 && !/\p{Cc}/u.test(message), JSON.stringify(message));
  }
}

describe('no input makes the parsers throw', () => {
  it('ha.cf', () => {
    fc.assert(
      fc.property(anyText(HA_CF_NAMES), (haCf) => assertSound(judge({ haCf }))),
      { numRuns: 500 },
    );
  });

  it('haresources', () => {
    const names = ['node1', 'node2', 'NODE1', 'node3', '#'];
    fc.assert(
      fc.property(anyText(names), (haresources) => assertSound(judge({ haresources }))),
      { numRuns: 500 },
    );
  });

  it('authkeys', () => {
    const names = ['auth', '1', '2', '16', 'a', '1 sha1', '2 crc', '3 sha256'];
    fc.assert(
      fc.property(anyText(names), (authkeys) => assertSound(judge({ authkeys }))),
      { numRuns: 500 },
    );
  });

  it('heartbeat.ini', () => {
    const names = [
      '[groups]',
      '[log]',
      'parallel =',
      'format=',
      '[',
      '[]',
      ';',
      '__proto__',
      '[__proto__]',
      'a[]=',
    ];
    fc.assert(
      fc.property(anyText(names), (ini) => assertSound(judge({ ini }))),
      { numRuns: 500 },
    );
  });

  it('bytes that are no text', () => {
    fc.assert(
      fc.property(bytes, (any) =>
        assertSound(judge({ haCf: any, haresources: any, authkeys: any, ini: any })),
      ),
      { numRuns: 300 },
    );
  });
});

/** A medium that the machine of the corpus can open. */
const medium = fc.constantFrom(
  'bcast eth0',
  'bcast eth1',
  'udp lo',
  'mcast eth0 239.0.0.1 695 1 0',
  'mcast6 eth1 ff12::1 694 5 1',
  'ucast eth0 10.87.0.2',
  'ucast6 eth1 fe80::2',
  'ping 10.87.0.254',
  'ping_group gw 10.87.0.254 10.87.0.253',
  'serial /dev/ttyS0',
  'udpport 1694',
  'udpport 70000',
);

const option = fc.constantFrom(
  'keepalive 500ms',
  'deadtime 7.5',
  'warntime 3',
  'initdead 90',
  'deadping 20',
  'auto_failback on',
  'auto_failback no',
  'nice_failback on',
  'logfile /var/log/a',
  'logfacility local3',
  'logfacility none',
  'use_logd yes',
  'realtime off',
  'rtprio 40',
  'hopfudge 4',
  'debug 2',
  'hbgenmethod time',
  'compression bz2',
  'max_rexmit_delay 400',
  'env A=1,B=2',
  'crm off',
  'watchdog /dev/watchdog',
);

const goodFile = fc
  .record({
    media: fc.array(medium, { minLength: 1, maxLength: 8 }),
    options: fc.uniqueArray(option, { selector: (line) => line.split(' ')[0], maxLength: 8 }),
    baud: fc.constantFrom('', 'baud 9600', 'baud 19200'),
    baudFirst: fc.boolean(),
  })
  .map(({ media, options, baud, baudFirst }) => {
    const body = ['bcast eth0', ...media, ...options, 'node node1 node2', 'node node3'];
    return (baudFirst ? [baud, ...body] : [...body, baud]).join('\n');
  });

describe('the printed configuration', () => {
  it('is a ha.cf that comes to the same configuration and the same print', () => {
    fc.assert(
      fc.property(goodFile, (haCf) => {
        const first = judge({ haCf });
        assert.ok(first.accepted, JSON.stringify(first.diagnostics));
        const printed = printEffective(first.config);
        const second = judge({ haCf: printed });
        assert.ok(second.accepted, `${printed}${JSON.stringify(second.diagnostics, null, 1)}`);
        const { parameters: before, ...firstRest } = first.config;
        const { parameters: after, ...secondRest } = second.config;
        assert.deepEqual(secondRest, firstRest);
        assert.equal(after.udpport, before.udpport);
        assert.equal(printEffective(second.config), printed);
      }),
      { numRuns: 300 },
    );
  });

  it('has a line with four columns for every scalar option', () => {
    const judged = judge({});
    assert.ok(judged.accepted);
    const line = printEffective(judged.config)
      .split('\n')
      .find((text) => text.startsWith('keepalive'));
    assert.equal(line, 'keepalive\t1000ms\t#\tTime between two heartbeats.');
  });
});

describe('the table of directives', () => {
  it('documents every directive with one sentence, in both formats', () => {
    for (const table of [printDirectives(), printDirectives('wiki')]) {
      for (const name of HA_CF_NAMES.filter((known) => known !== 'crm')) {
        assert.match(table, new RegExp(`^\\W*${name}\\W.*\\. Accepted: .+\\.`, 'm'));
      }
    }
  });
});
