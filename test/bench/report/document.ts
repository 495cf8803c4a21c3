/** Puts tables into a document between `<!-- bench: NAME -->` and `<!-- end -->`; all other text is people's. */

/**
 * The document with its part `name` replaced.
 *
 * @throws Error when the document has no place for it.
 */
export function withPart(document: string, name: string, content: string): string {
  const begin = `<!-- bench: ${name} -->\n`;
  const from = document.indexOf(begin);
  const to = document.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`the document has no place for "${name}"`);
  return `${document.slice(0, from + begin.length)}\n${content}\n\n${document.slice(to)}`;
}
