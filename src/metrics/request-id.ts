/** Names of requests, by which the lines of several logs are found together. */
import { randomBytes } from 'node:crypto';

const SANE = /^[\w.:+/=@-]{1,128}$/;

/** The id that a proxy gave (X-Request-Id) when it is harmless in a log, else a new one. */
export function requestIdOf(given: string): string {
  return SANE.test(given) ? given : newId();
}

/** Random numbers are made for many ids at once. */
const POOL_IDS = 256;
const ID_BYTES = 12;
let pool = Buffer.alloc(0);
let used = 0;

function newId(): string {
  if (used >= pool.length) {
    pool = randomBytes(POOL_IDS * ID_BYTES);
    used = 0;
  }
  used += ID_BYTES;
  return pool.toString('base64url', used - ID_BYTES, used);
}
