import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPage } from '../../../src/front/page/page.js';
import { renderSections } from '../../../src/front/page/sections.js';
import { fullPicture } from '../../support/pictures.js';

const at = (picture = fullPicture(), ageMs = 0) =>
  renderSections({ picture, takenWallMs: 100_000 }, 100_000 + ageMs);

test('nothing from outside is markup on the page, wherever it stands', () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u0000';
  // Every text of a picture is replaced, one at a time would be the same.
  const poison = (value: unknown): unknown => {
    if (typeof value === 'string')
      return ['up', 'dead', 'normal', 'running', 'backup'].includes(value) ? value : evil;
    if (Array.isArray(value)) return value.map(poison);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poison(item)]));
    return value;
  };
  const picture = poison(fullPicture()) as ReturnType<typeof fullPicture>;
  const page = renderPage({ picture, takenWallMs: 100_000 }, 100_000);
  assert.equal(page.match(/<script/g)?.length, 1, 'the one script is the page’s own');
  assert.doesNotMatch(page, /<img src=x/);
  assert.doesNotMatch(page, /"&gt;&lt;script/, 'no value ends its attribute');
  assert.equal(page.includes('\u0000'), false);
  for (const [, value] of page.matchAll(/="([^"]*)"/g)) assert.doesNotMatch(value ?? '', /[<>]/);
});

test('the page holds no script, style or address of elsewhere, and no style of its own in an attribute', () => {
  const page = renderPage({ picture: fullPicture(), takenWallMs: 100_000 }, 100_000);
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]*)"/g)) assert.match(address ?? '', /^[/#]/);
  assert.doesNotMatch(page, / style=| on[a-z]+=/);
});

test('every section says its part', () => {
  const sections = at();
  assert.match(sections.verdict ?? '', /data-level="warning".*one link of two to node2 is dead: eth1/s);
  assert.match(sections.drawing ?? '', /aria-label="[^"]*node1 is active, runs 10\.0\.0\.10/);
  assert.match(sections.groups ?? '', /10\.0\.0\.10.*node1.*httpd/s);
  assert.match(sections.timeline ?? '', /class="down".*served by none from .* for 2 s/s);
  assert.match(sections.timeline ?? '', /98\.0000 %/);
  assert.match(sections.vrrp ?? '', /VI_1.*100 \(of 150\)/s);
  assert.match(
    sections.director ?? '',
    /TCP 10\.0\.0\.10:80.*no quorum.*10\.0\.0\.2:80 \(NAT\).*7 active, 1 inactive/s,
  );
  assert.match(
    sections.director ?? '',
    /10\.0\.0\.3:80 \(DR\).*failed.*connection refused.*sorry server.*in use/s,
  );
  assert.match(sections.safety ?? '', /external\/ssh.*failed.*no answer/s);
  assert.match(sections.safety ?? '', /ha\.cf on node2/);
  assert.match(sections.history ?? '', /Taking over/);
});

test('a picture that is old is said to be old, and no picture at all too', () => {
  assert.match(at(fullPicture(), 6000).verdict ?? '', /data-level="critical".*No news .* for 6 s/s);
  assert.doesNotMatch(at(fullPicture(), 4000).verdict ?? '', /No news/);
  assert.match(renderPage(undefined, 0), /has not said anything yet/);
});

test('a hundred groups, an original without loss figures and VRRP alone are drawn too', () => {
  const [group] = fullPicture().snapshot.status.groups;
  assert.ok(group);
  const groups = Array.from({ length: 100 }, (_, number) => ({ ...group, key: `group${number}` }));
  assert.match(at(fullPicture({ groups })).drawing ?? '', /and 94 more/);
  const alone = at(fullPicture({ groups: [], nodes: [] }));
  assert.deepEqual([alone.drawing, alone.groups, alone.timeline, alone.nodes], ['', '', '', '']);
  assert.match(alone.vrrp ?? '', /VI_1/);
});
