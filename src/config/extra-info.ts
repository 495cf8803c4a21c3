/** IIIF_EXTRA_INFO: members of a JSON object, without its braces, that are added to every info.json. */
import type { Outcome, Rule } from './rules.ts';

type Members = Readonly<Record<string, unknown>>;

/** What is no list of JSON members is refused: a server that started would send broken documents. */
export const extraInfo: Rule<Members> = {
  accepts: '"key": JSON value, …',
  parse: parseMembers,
  show: (members) =>
    Object.entries(members)
      .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(', '),
};

function parseMembers(text: string): Outcome<Members> {
  try {
    const members: unknown = JSON.parse(`{${text}}`);
    // Text between braces parses to an object or not at all.
    return { kind: 'good', value: Object.freeze(Object.fromEntries(Object.entries(members ?? {}))) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', why: `is not JSON members like "key": value without braces (${detail})` };
  }
}
