/** Conditional requests: whether what the client has is still right (RFC 9110, section 13). */
import { parseHttpDate } from './http-date.ts';
import type { Request } from './request.ts';

export { formatHttpDate } from './http-date.ts';

/** What tells one state of a resource from another. */
export interface Validators {
  /** Modification time in milliseconds since 1970; fractions of a second don't count. */
  readonly mtimeMs: number;
  /** With its quotes, and `W/` when it is weak. */
  readonly etag?: string;
}

/** An entity tag (RFC 9110, section 8.8.3): `W/` when weak, then the opaque tag in quotes. */
const ENTITY_TAG = /(?:W\/)?("[^"]*")/g;

/**
 * Whether a GET or HEAD is to be answered 304. If-None-Match wins over If-Modified-Since (section 13.2.2), which
 * is ignored when it is no HTTP date; a date later than the modification counts as well as an equal one.
 */
export function isNotModified(
  request: Pick<Request, 'method' | 'ifNoneMatch' | 'ifModifiedSince'>,
  { mtimeMs, etag }: Validators,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (request.ifNoneMatch !== '') return matchesTag(request.ifNoneMatch, etag);
  if (request.ifModifiedSince === '') return false;
  const since = parseHttpDate(request.ifModifiedSince);
  return since !== undefined && since >= Math.floor(mtimeMs / 1000) * 1000;
}

/** Weak comparison (section 8.8.3.2): only what is in quotes counts. `*` matches whatever there is. */
function matchesTag(list: string, etag: string | undefined): boolean {
  if (list.trim() === '*') return true;
  if (etag === undefined) return false;
  const wanted = etag.replace(/^W\//, '');
  for (const [, opaque] of list.matchAll(ENTITY_TAG)) if (opaque === wanted) return true;
  return false;
}
