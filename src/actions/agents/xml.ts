/**
 * A small strict reader of XML, for the meta-data of agents: elements, attributes, text, CDATA, comments, processing
 * instructions and a DOCTYPE without declarations of its own. Foreign input: bounded in size and depth, and no entity
 * but the five of XML and numeric ones is ever replaced, so nothing can grow or be fetched.
 */

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

export type XmlResult =
  | { readonly ok: true; readonly root: XmlElement }
  /** One sentence without full stop; `line` is 1-based. */
  | { readonly ok: false; readonly reason: string; readonly line: number };

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 20_000;
const NAME = /[A-Za-z_:][\w:.-]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads one document. Never throws. */
export function readXml(text: string): XmlResult {
  const reader = new Reader(text);
  try {
    return { ok: true, root: reader.document() };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const line = text.slice(0, reader.position).split('\n').length;
    return { ok: false, reason: error.message, line };
  }
}

class Malformed extends Error {}

class Reader {
  position = 0;
  #elements = 0;

  constructor(private readonly text: string) {
    if (text.startsWith('\ufeff')) this.position = 1;
  }

  document(): XmlElement {
    this.#misc();
    const root = this.#element(1);
    this.#misc();
    if (this.position < this.text.length) throw new Malformed('there is more behind the outermost element');
    return root;
  }

  /** Blanks, comments, processing instructions and a DOCTYPE between the elements. */
  #misc(): void {
    for (;;) {
      this.#blanks();
      if (this.#at('<?')) this.#skipTo('?>');
      else if (this.#at('<!--')) this.#skipTo('-->');
      else if (this.#at('<!DOCTYPE')) this.#doctype();
      else return;
    }
  }

  #doctype(): void {
    const end = this.text.indexOf('>', this.position);
    const own = this.text.indexOf('[', this.position);
    if (end < 0) throw new Malformed('the DOCTYPE does not end');
    if (own >= 0 && own < end)
      throw new Malformed('the DOCTYPE declares something itself, which is not read');
    this.position = end + 1;
  }

  #element(depth: number): XmlElement {
    if (depth > MAX_DEPTH) throw new Malformed(`elements are nested more than ${MAX_DEPTH} deep`);
    if (++this.#elements > MAX_ELEMENTS) throw new Malformed(`there are more than ${MAX_ELEMENTS} elements`);
    this.#expect('<');
    const name = this.#name();
    const attributes = this.#attributes();
    if (this.#at('/>')) {
      this.position += 2;
      return { name, attributes, children: [], text: '' };
    }
    this.#expect('>');
    const children: XmlElement[] = [];
    let content = '';
    for (;;) {
      const next = this.text.indexOf('<', this.position);
      if (next < 0) throw new Malformed(`the element ${name} does not end`);
      content += decoded(this.text.slice(this.position, next));
      this.position = next;
      if (this.#at('</')) break;
      if (this.#at('<!--')) this.#skipTo('-->');
      else if (this.#at('<?')) this.#skipTo('?>');
      else if (this.#at('<![CDATA[')) {
        const from = this.position + '<![CDATA['.length;
        this.#skipTo(']]>');
        content += this.text.slice(from, this.position - ']]>'.length);
      } else children.push(this.#element(depth + 1));
    }
    this.position += 2;
    const closing = this.#name();
    if (closing !== name) throw new Malformed(`the element ${name} is ended by ${closing}`);
    this.#blanks();
    this.#expect('>');
    return { name, attributes, children, text: content };
  }

  #attributes(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (;;) {
      const before = this.position;
      this.#blanks();
      if (this.#at('>') || this.#at('/>')) return found;
      if (this.position === before) throw new Malformed('a blank is missing before an attribute');
      const name = this.#name();
      this.#blanks();
      this.#expect('=');
      this.#blanks();
      const quote = this.text[this.position];
      if (quote !== '"' && quote !== "'") throw new Malformed(`the value of ${name} stands in no quotes`);
      const end = this.text.indexOf(quote, this.position + 1);
      if (end < 0) throw new Malformed(`the value of ${name} does not end`);
      const value = this.text.slice(this.position + 1, end);
      if (value.includes('<')) throw new Malformed(`the value of ${name} holds a "<"`);
      if (found.has(name)) throw new Malformed(`the attribute ${name} stands there twice`);
      found.set(name, decoded(value));
      this.position = end + 1;
    }
  }

  #name(): string {
    NAME.lastIndex = this.position;
    const match = NAME.exec(this.text);
    if (match === null) throw new Malformed('a name is missing');
    this.position += match[0].length;
    return match[0];
  }

  #blanks(): void {
    while (/[ \t\r\n]/.test(this.text[this.position] ?? '')) this.position += 1;
  }

  #at(words: string): boolean {
    return this.text.startsWith(words, this.position);
  }

  #expect(word: string): void {
    if (!this.#at(word)) throw new Malformed(`"${word}" is missing`);
    this.position += word.length;
  }

  #skipTo(end: string): void {
    const at = this.text.indexOf(end, this.position);
    if (at < 0) throw new Malformed(`"${end}" is missing`);
    this.position = at + end.length;
  }
}

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]*);?/g, (whole, name: string) => {
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known !== undefined && whole.endsWith(';')) return known;
    const numeric = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
    const code =
      numeric === null
        ? Number.NaN
        : Number.parseInt(numeric[1] ?? numeric[2] ?? '', numeric[1] === undefined ? 10 : 16);
    if (!whole.endsWith(';') || !(code > 0 && code <= 0x10ffff)) {
      throw new Malformed(`${JSON.stringify(whole.slice(0, 20))} is no character that is known here`);
    }
    return String.fromCodePoint(code);
  });
}
