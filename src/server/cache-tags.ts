/** Tags by which a cache in front can be told to forget everything of one image (CACHE_TAGS). */
import { createHash } from 'node:crypto';
import type { Header } from './response.ts';

/** Cache-Tag (Cloudflare, Akamai) and Surrogate-Key (Fastly, Varnish) of an image, by its name for clients. */
export function cacheTagHeaders(path: string): readonly Header[] {
  const tag = cacheTagOf(path);
  return [
    ['Cache-Tag', `iipsrv,${tag}`],
    ['Surrogate-Key', `iipsrv ${tag}`],
  ];
}

/** Short, without signs that have a meaning in one of the headers, and telling no path. */
export function cacheTagOf(path: string): string {
  return `image-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}
