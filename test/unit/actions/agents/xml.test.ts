import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readXml } from '../../../../src/actions/agents/xml.js';

test('XML: elements, attributes, text, entities, CDATA and comments', () => {
  const read = readXml(
    '<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "a.dtd">\n<!-- c --><a x="1&amp;2" y=\'"\'>t&lt;<b/><![CDATA[<&]]>&#65;&#x42;<!-- d --></a>\n',
  );
  assert.ok(read.ok);
  assert.deepEqual(
    [...read.root.attributes],
    [
      ['x', '1&2'],
      ['y', '"'],
    ],
  );
  assert.equal(read.root.text, 't<<&AB');
  assert.deepEqual(
    read.root.children.map(({ name }) => name),
    ['b'],
  );
});

test('XML: what is not well-formed is refused with its line', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /"<" is missing/],
    ['<a>', /the element a does not end/],
    ['<a></b>', /a is ended by b/],
    ['<a/><b/>', /more behind the outermost element/],
    ['<a x=1/>', /stands in no quotes/],
    ['<a x="1" x="2"/>', /x stands there twice/],
    ['<a x="1"y="2"/>', /a blank is missing/],
    ['<a>&nbsp;</a>', /is no character that is known here/],
    ['<a>&#0;</a>', /is no character/],
    ['<a>& b</a>', /is no character/],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /declares something itself/],
    ['<a>'.repeat(100), /nested more than 64 deep/],
  ];
  for (const [text, expected] of rows) {
    const read = readXml(text);
    assert.match(read.ok ? 'ok' : read.reason, expected, text.slice(0, 40));
  }
  const third = readXml('<a>\n\n<b></c></a>');
  assert.equal(third.ok ? 0 : third.line, 3);
});

test('XML: no text makes the reader throw or hang', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    'a',
    '"',
    "'",
    '=',
    '&',
    ';',
    '#',
    '!',
    '-',
    '[',
    ']',
    '?',
    ' ',
    '\n',
    '<![CDATA[',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      readXml(pieces.join(''));
    }),
  );
});
