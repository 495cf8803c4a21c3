/** The tags of an XML text one after the other, without a tree: enough for descriptions that writers put into TIFFs. */

export interface XmlTag {
  /** Without prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly kind: 'open' | 'close' | 'empty';
  /** Text between this tag and the next one. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Goes through the text once. Comments, declarations and processing instructions are skipped; what is no XML gives
 * whatever tags it seems to have, never an error.
 */
export function* xmlTags(xml: string): Generator<XmlTag> {
  let at = xml.indexOf('<');
  while (at >= 0) {
    const end = endOfMarkup(xml, at);
    if (end < 0) return;
    const next = xml.indexOf('<', end);
    if (!isSkipped(xml, at)) {
      const text = xml.slice(end, next < 0 ? undefined : next);
      const tag = parseTag(xml.slice(at + 1, end - 1), text);
      if (tag !== undefined) yield tag;
    }
    at = next;
  }
}

function isSkipped(xml: string, at: number): boolean {
  return xml[at + 1] === '!' || xml[at + 1] === '?';
}

/** Behind the `>` that ends what begins at `at`; quoted ones do not. */
function endOfMarkup(xml: string, at: number): number {
  if (xml.startsWith('<!--', at)) return endOf(xml, '-->', at);
  if (xml.startsWith('<![CDATA[', at)) return endOf(xml, ']]>', at);
  let quote = '';
  for (let i = at + 1; i < xml.length; i++) {
    const sign = xml[i]!;
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '>') return i + 1;
  }
  return -1;
}

function endOf(xml: string, mark: string, at: number): number {
  const found = xml.indexOf(mark, at);
  return found < 0 ? -1 : found + mark.length;
}

function parseTag(inner: string, text: string): XmlTag | undefined {
  const name = /^\/?(?:[\w.-]+:)?([\w.-]+)/.exec(inner)?.[1];
  if (name === undefined) return undefined;
  const attributes = new Map<string, string>();
  for (const [, key, double, single] of inner.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    attributes.set(key ?? '', unescapeXml(double ?? single ?? ''));
  const kind = inner.startsWith('/') ? 'close' : inner.endsWith('/') ? 'empty' : 'open';
  return { name, attributes, kind, text: unescapeXml(text) };
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{2,4}));/g, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return ENTITIES[name] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : parseInt(String(hex), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
