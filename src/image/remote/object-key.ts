/** From what a client wrote to the key of an object, spelled so that a server can take it in one way only. */
import { ServerError } from '../../errors.ts';

/** S3's limit for a key. */
const MAX_KEY_BYTES = 1_024;

/** Half of a pair of UTF-16: no text that could be encoded. */
const HALF_SIGN = /\p{Surrogate}/u;

/** Every sign but those that RFC 3986 calls unreserved is encoded, as signature 4 asks. */
const LEFT_BY_JAVASCRIPT = /[!'()*]/g;

/**
 * The key, percent-encoded between its slashes.
 *
 * @param key percent-decoded once, by the protocol; what is still encoded is taken for signs of the name.
 * @throws {ServerError} `not-found` for a key that leads upwards, has empty parts, signs of control or backslashes
 * (which some servers take for slashes), or is too long.
 */
export function encodeKey(key: string): string {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES || HALF_SIGN.test(key) || hasStrangeSigns(key))
    throw refused(key);
  const parts = key.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) throw refused(key);
  return parts.map(encodePart).join('/');
}

function encodePart(part: string): string {
  return encodeURIComponent(part).replace(
    LEFT_BY_JAVASCRIPT,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hasStrangeSigns(key: string): boolean {
  for (const sign of key) if (sign < ' ' || sign === '\x7f' || sign === '\\') return true;
  return false;
}

function refused(key: string): ServerError {
  return new ServerError('not-found', 'image not found', { facts: { key: key.slice(0, 200) } });
}
