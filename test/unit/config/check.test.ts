import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, judge } from './support.js';

const haresources = 'node1 10.0.0.10/24/eth0 nginx::/etc/nginx.conf\n';
const WATCHED = '[monitor nginx]\ninterval = 5\n';

describe('[check NAME] of heartbeat.ini', () => {
  it('is a check of a resource, beside its monitor of the same name', () => {
    const ini = `${WATCHED}[check]\nretries = 2\n[check nginx]\nresource = nginx\ntype = http\nurl = http://127.0.0.1:80/x\nstatus = 200 300-399\n`;
    const judged = judge({ ini, haresources });
    assert.deepEqual(codes(judged, 'error'), []);
    const settings = judged.config?.settings;
    const [check] = settings?.checks ?? [];
    assert.equal(settings?.checks?.length, 1);
    assert.equal(check?.name, 'nginx');
    assert.equal(check?.url, 'http://127.0.0.1:80/x');
    assert.equal(check?.retries, 2);
    assert.deepEqual(Object.keys(settings?.monitorOf ?? {}), ['nginx']);
    assert.equal(settings?.monitorOf?.nginx?.intervalMs, 5000);
  });

  it('says what is missing or wrong, and what to write', () => {
    const firstOf = (lines: string): string | undefined =>
      judge({ ini: `${WATCHED}[check a]\n${lines}`, haresources }).diagnostics.find(
        ({ severity }) => severity === 'error',
      )?.message;
    assert.match(firstOf('') ?? '', /is empty/);
    assert.match(firstOf('type = tcp\nport = 1\n') ?? '', /names no resource/);
    assert.match(firstOf('resource = nginx\n') ?? '', /names no port/);
    assert.match(firstOf('resource = nginx\ntype = http\nurl = ftp://x/\n') ?? '', /no url/);
    assert.match(
      firstOf('resource = nginx\ntype = http\nurl = http://x/\nstatus = 20\n') ?? '',
      /no HTTP status/,
    );
    assert.match(firstOf('resource = nginx\ntype = http\nurl = http://x/\nmatch = (\n') ?? '', /pattern/);
    assert.match(firstOf('resource = nginx\ntype = http\nurl = http://x/\ndigest = 12\n') ?? '', /digest/);
    assert.match(firstOf('resource = nginx\ntype = dns\n') ?? '', /no name/);
    assert.match(firstOf('resource = nginx\ntype = script\n') ?? '', /no program/);
    assert.match(firstOf('resource = ngin\nport = 1\n') ?? '', /"ngin" is no script/);
    assert.match(firstOf('resource = 10.0.0.10/24/eth0\nport = 1\n') ?? '', /is no script/);
  });

  it('of a resource that nobody monitors is said to be never made', () => {
    const judged = judge({ ini: '[check a]\nresource = nginx\nport = 80\n', haresources });
    assert.deepEqual(codes(judged, 'error'), []);
    assert.ok(codes(judged, 'warning').includes('check-unused'));
  });
});
