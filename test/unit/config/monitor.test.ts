import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, judge } from './support.js';

const RESOURCES = 'node1 10.0.0.10/24/eth0 nginx::/etc/nginx.conf\n';

describe('[monitor] of heartbeat.ini', () => {
  it('watches nothing by default', () => {
    assert.equal(judge({}).config?.settings.monitor?.intervalMs, 0);
    assert.equal(judge({ ini: '[monitor]\ninterval = off\n' }).config?.settings.monitor?.intervalMs, 0);
  });

  it('a section with a name takes what it does not say from [monitor]', () => {
    const ini = `[monitor]
interval = 10
timeout = 5
restarts = 1
[monitor nginx]
interval = 500ms
[monitor "10.0.0.10"]
failures = 2
`;
    const judged = judge({ ini, haresources: RESOURCES });
    assert.deepEqual(codes(judged, 'error'), []);
    const settings = judged.config?.settings;
    const common = { timeoutMs: 5000, failures: 1, windowMs: 600_000, restarts: 1 };
    assert.deepEqual(settings?.monitor, { ...common, intervalMs: 10_000 });
    assert.deepEqual(settings?.monitorOf, {
      nginx: { ...common, intervalMs: 500 },
      '10.0.0.10': { ...common, intervalMs: 10_000, failures: 2 },
    });
  });

  it('a name that haresources does not have is said, with the likely one', () => {
    const judged = judge({ ini: '[monitor nginxx]\ninterval = 1\n', haresources: RESOURCES });
    const [warning] = judged.diagnostics.filter(({ code }) => code === 'monitor-unmatched');
    assert.equal(warning?.message, 'Section [monitor "nginxx"] names nothing of haresources.');
    assert.equal(warning?.hint, 'Did you mean nginx?');
    assert.equal(warning?.line, 1);
  });

  it('wrong values, keys and names are errors with what to write instead', () => {
    const hintOf = (ini: string): string | undefined =>
      judge({ ini }).diagnostics.find(({ severity }) => severity === 'error')?.hint;
    assert.equal(hintOf('[monitor]\ninterval = 1ms\n'), 'Write a time of 0.1 s to 86400 s.');
    assert.equal(hintOf('[monitor web]\nintervall = 1\n'), 'Did you mean interval?');
    assert.equal(hintOf('[monitr web]\ninterval = 1\n'), 'Did you mean [monitor]?');
    assert.equal(hintOf('[groups web]\nparallel = 1\n'), 'Write [groups].');
  });

  it('a key may stand in several named sections, but only once in each', () => {
    const ini = '[monitor a]\ninterval = 1\n[monitor b]\ninterval = 1\ninterval = 2\n';
    const duplicates = judge({ ini }).diagnostics.filter(({ code }) => code === 'duplicate-key');
    assert.deepEqual(
      duplicates.map(({ line }) => line),
      [5],
    );
  });
});
