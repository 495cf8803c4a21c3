/** SHA-1 of short texts: names for what they say, no secret. */
import * as crypto from 'node:crypto';

/** Node.js has had a hash in one step since 20.12; the object that the other way makes costs twice as much. */
type HashAtOnce = (algorithm: string, data: string, encoding: 'base64url') => string;
const { hash: hashAtOnce } = crypto as { readonly hash?: HashAtOnce };

/** In base64url, 27 characters. */
export const sha1: (text: string) => string =
  hashAtOnce === undefined
    ? (text) => crypto.createHash('sha1').update(text).digest('base64url')
    : (text) => hashAtOnce('sha1', text, 'base64url');
