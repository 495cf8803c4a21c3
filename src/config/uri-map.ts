/** URI_MAP: which protocol answers the addresses that begin with a prefix (BEHAVIOUR 3). */
import type { ProtocolName, UriMapping } from './config.ts';
import type { Outcome, Rule } from './rules.ts';

const PROTOCOLS: readonly ProtocolName[] = ['IIP', 'IIIF', 'DeepZoom', 'Zoomify'];

export interface UriMatch {
  readonly protocol: ProtocolName;
  /** What follows the prefix and its slash, as sent: nothing is decoded; the query string is cut off. */
  readonly argument: string;
  /** Without slashes around it. */
  readonly prefix: string;
}

/** `prefix=>protocol`, several separated by commas. Malformed ones are left out, with a warning. */
export const uriMap: Rule<readonly UriMapping[]> = {
  accepts: 'prefix=>protocol,…',
  parse: parseUriMap,
  show: (map) => map.map(({ prefix, protocol }) => `${prefix}=>${protocol}`).join(','),
};

function parseUriMap(text: string): Outcome<readonly UriMapping[]> {
  const map: UriMapping[] = [];
  const complaints: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const mapping = parseMapping(entry);
    if (typeof mapping === 'string') complaints.push(mapping);
    else if (map.some(({ prefix }) => prefix === mapping.prefix))
      complaints.push(`maps ${entry} a second time`);
    else map.push(mapping);
  }
  const value = Object.freeze(map);
  return complaints.length === 0
    ? { kind: 'good', value }
    : { kind: 'adjusted', value, why: complaints.join(' and ') };
}

/** One `prefix=>protocol`; a text says what is wrong with it. */
function parseMapping(entry: string): UriMapping | string {
  const arrow = entry.lastIndexOf('=>');
  if (arrow < 0) return `has no => in ${entry}`;
  const wanted = entry.slice(arrow + 2).trim();
  const protocol = PROTOCOLS.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (protocol === undefined) return `names no protocol (${PROTOCOLS.join(', ')}) in ${entry}`;
  const prefix = entry.slice(0, arrow).trim().replace(/^\/+/, '').replace(/\/+$/, '');
  if (/[?#\s]/.test(prefix)) return `has a prefix that is no path in ${entry}`;
  return Object.freeze({ prefix, protocol });
}

/**
 * The mapping for a request, or undefined when none fits. The longest prefix wins.
 *
 * A prefix ends at a slash or at the end of the path: `iiif` maps `/iiif/a.tif` and not `/iiif2/a.tif`.
 *
 * @param uri REQUEST_URI: path and query string as the client sent them.
 */
export function matchUri(map: readonly UriMapping[], uri: string): UriMatch | undefined {
  const path = pathOf(uri);
  let best: UriMapping | undefined;
  for (const mapping of map) {
    if (isUnder(path, mapping.prefix) && (best === undefined || mapping.prefix.length > best.prefix.length)) {
      best = mapping;
    }
  }
  if (best === undefined) return undefined;
  const { prefix, protocol } = best;
  return { protocol, prefix, argument: prefix === '' ? path : path.slice(prefix.length + 1) };
}

function pathOf(uri: string): string {
  const end = uri.indexOf('?');
  return uri.slice(uri.startsWith('/') ? 1 : 0, end < 0 ? undefined : end);
}

function isUnder(path: string, prefix: string): boolean {
  return (
    prefix === '' ||
    (path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/'))
  );
}
