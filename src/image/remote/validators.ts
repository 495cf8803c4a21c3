/** Which version of an object an answer is about, and how a request is bound to one (RFC 9110, sections 8.8, 13, 14). */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FileIdentity } from '../source.ts';

/** Longer ETags are kept as their hash, and then only compared. */
const MAX_ETAG_LENGTH = 128;

export interface ContentRange {
  readonly first: number;
  /** The last byte, inclusive. */
  readonly last: number;
  readonly size: number;
}

/** `Content-Range: bytes 0-99/1234`; undefined for anything else, an unknown size included. */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(text ?? '');
  if (match === null) return undefined;
  const [first, last, size] = match.slice(1).map(Number) as [number, number, number];
  return first <= last && last < size ? { first, last, size } : undefined;
}

/** The version that an answer of `size` bytes is of. Without a date it is dated when it was first seen. */
export function identityOf(headers: IncomingHttpHeaders, size: number, now: number): FileIdentity {
  const { etag } = headers;
  const modified = Date.parse(headers['last-modified'] ?? '');
  return {
    size,
    mtimeMs: Number.isNaN(modified) ? Math.floor(now / 1000) * 1000 : modified,
    inode: 0,
    ...(etag === undefined || etag === '' ? {} : { etag: shortened(etag) }),
  };
}

function shortened(etag: string): string {
  if (etag.length <= MAX_ETAG_LENGTH && /^[\x21-\x7e]+$/.test(etag)) return etag;
  return `hash:${createHash('sha256').update(etag).digest('base64url')}`;
}

/** Headers that let a server refuse any other version, with 412. */
export function onlyThisVersion({ etag, mtimeMs }: FileIdentity): Readonly<Record<string, string>> {
  if (etag?.startsWith('"') === true) return { 'if-match': etag };
  // Weak validators never match there. The date is only sent when it may have come from the server.
  return etag === undefined ? { 'if-unmodified-since': new Date(mtimeMs).toUTCString() } : {};
}

/** Headers that let a server say that nothing has changed, with 304. */
export function onlyAnotherVersion({ etag, mtimeMs }: FileIdentity): Readonly<Record<string, string>> {
  if (etag === undefined) return { 'if-modified-since': new Date(mtimeMs).toUTCString() };
  return etag.startsWith('hash:') ? {} : { 'if-none-match': etag };
}

/** Whether an answer is of this version: a server that ignores conditions is found out. */
export function isSameVersion(identity: FileIdentity, headers: IncomingHttpHeaders, size: number): boolean {
  const found = identityOf(headers, size, identity.mtimeMs);
  return found.size === identity.size && found.etag === identity.etag && isSameTime(found, identity);
}

/** Where there is an ETag the time does not matter: servers of a cluster may differ in it. */
function isSameTime(found: FileIdentity, identity: FileIdentity): boolean {
  return found.etag !== undefined || found.mtimeMs === identity.mtimeMs;
}
