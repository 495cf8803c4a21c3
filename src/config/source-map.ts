/** SOURCE_MAP: which names are read from web servers and buckets, and where these are. */
import type { SourceBase, SourceMapping } from './config.ts';
import type { Outcome, Rule } from './rules.ts';

/** `prefix=>base URL`, several separated by commas. Malformed ones are left out, with a warning. */
export const sourceMap: Rule<readonly SourceMapping[]> = {
  accepts: 'prefix=>http(s)://host[:port]/path or prefix=>s3://bucket/path, …',
  parse: parseSourceMap,
  show: (map) => map.map(({ prefix, base }) => `${prefix}=>${showBase(base)}`).join(','),
};

/** The base as it is written: also what the paths of its objects begin with in logs and keys. */
export function showBase(base: SourceBase): string {
  return base.kind === 's3' ? `s3://${base.bucket}${base.path}` : base.origin + base.path;
}

/** The mapping of a name, the longest prefix first, and what is left of the name; undefined for a file. */
export function matchSource(
  map: readonly SourceMapping[],
  name: string,
): { readonly mapping: SourceMapping; readonly key: string } | undefined {
  const bare = name.replace(/^\/+/, '');
  let best: SourceMapping | undefined;
  for (const mapping of map) {
    const fits = mapping.prefix === '' || bare.startsWith(`${mapping.prefix}/`);
    if (fits && (best === undefined || mapping.prefix.length > best.prefix.length)) best = mapping;
  }
  if (best === undefined) return undefined;
  return { mapping: best, key: best.prefix === '' ? bare : bare.slice(best.prefix.length + 1) };
}

function parseSourceMap(text: string): Outcome<readonly SourceMapping[]> {
  const map: SourceMapping[] = [];
  const complaints: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const mapping = parseMapping(entry);
    if (typeof mapping === 'string') complaints.push(mapping);
    else if (map.some(({ prefix }) => prefix === mapping.prefix))
      complaints.push(`maps ${mapping.prefix} a second time`);
    else map.push(mapping);
  }
  const value = Object.freeze(map);
  if (complaints.length === 0) return { kind: 'good', value };
  return { kind: 'adjusted', value, why: complaints.join(' and ') };
}

/** One `prefix=>base`; a text says what is wrong with it, without what may be a password. */
function parseMapping(entry: string): SourceMapping | string {
  const arrow = entry.indexOf('=>');
  if (arrow < 0) return `has no => in ${entry}`;
  const prefix = entry.slice(0, arrow).trim().replace(/^\/+/, '').replace(/\/+$/, '');
  const written = entry.slice(arrow + 2).trim();
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined) return `has no URL for ${prefix}`;
  if (url.username + url.password + url.search + url.hash !== '')
    return `has a URL with more than host and path for ${prefix}`;
  const base = baseOf(url);
  return base === undefined
    ? `has no http, https or s3 URL for ${prefix}`
    : Object.freeze({ prefix, base: Object.freeze(base) });
}

function baseOf(url: URL): SourceBase | undefined {
  const path = `${url.pathname.replace(/\/+$/, '')}/`;
  if (url.protocol === 'http:' || url.protocol === 'https:')
    return { kind: 'http', origin: url.origin, path };
  const isBucket = url.protocol === 's3:' && /^[a-z0-9][a-z0-9.-]{1,62}$/.test(url.host);
  return isBucket ? { kind: 's3', bucket: url.host, path } : undefined;
}
