/** Entity tags: strong, because equal matter makes equal bytes (RFC 9110, 8.8.3). */
import { sha1 } from '../sha1.ts';

/** The tag for whatever determines the bytes of an answer. */
export function etagFor(matter: string): string {
  return etagOf(sha1(matter));
}

/** The tag for something whose SHA-1 is known. @param hash as base64url. */
export function etagOf(hash: string): string {
  return `"${hash.slice(0, 22)}"`;
}
