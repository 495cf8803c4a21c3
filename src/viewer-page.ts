/** The page that `--http` serves to people without a viewer of their own: a few files kept in memory, and a list. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Header, Response } from './server/response.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
};

/** Everything comes from this server; pictures may also be inlined. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'";

/** Answers a URL path, or nothing when the page has no such file. */
export type ServePage = (urlPath: string) => Response | undefined;

/** The page that comes with the program. @param imageNames what it lists; undefined: nothing. */
export function viewerPage(imageNames: readonly string[] | undefined): ServePage {
  const directory = fileURLToPath(new URL('./viewer/', import.meta.url));
  return createViewerPage(directory, imageNames && (() => imageNames));
}

/**
 * Reads the page's files once.
 *
 * @param directory with `index.html` and what it needs.
 * @param listImages names for `gallery.json`; without it the page lists nothing.
 */
export function createViewerPage(directory: string, listImages?: () => readonly string[]): ServePage {
  const files = new Map<string, Response>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(directory, name);
    const contentType = CONTENT_TYPES[path.extname(name)];
    if (contentType === undefined || !statSync(file).isFile()) continue;
    files.set(`/viewer/${name.split(path.sep).join('/')}`, found(readFileSync(file), contentType));
  }
  const index = files.get('/viewer/index.html');
  if (index !== undefined) files.set('/', index);
  return (urlPath) => {
    if (urlPath === '/viewer/gallery.json' && listImages !== undefined) {
      return found(Buffer.from(JSON.stringify(listImages())), 'application/json');
    }
    return files.get(urlPath);
  };
}

function found(body: Uint8Array, contentType: string): Response {
  const headers: readonly Header[] = [
    ['Content-Type', contentType],
    ['Content-Length', String(body.length)],
    ['Cache-Control', 'no-cache'],
    ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
    ['X-Content-Type-Options', 'nosniff'],
  ];
  return { status: 200, headers, body };
}

/** Names that look like images; whether they are is told when they are opened. */
const IMAGE_NAME = /\.(tiff?|svs|ndpi|jpe?g|jp2|jpx|j2k|jph|png|webp|gif|avif)$/i;

const MAX_LISTED = 500;
const MAX_DEPTH = 6;

/** Image files under a directory, as paths relative to it, sorted; at most 500, at most six directories deep. */
export async function listImages(directory: string): Promise<readonly string[]> {
  const names: string[] = [];
  await collect(directory, '', names);
  return names.sort();
}

async function collect(root: string, folder: string, names: string[]): Promise<void> {
  if (folder.split('/').length > MAX_DEPTH) return;
  for await (const entry of await opendir(path.join(root, folder))) {
    if (names.length >= MAX_LISTED) return;
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) await collect(root, name, names);
    else if (entry.isFile() && IMAGE_NAME.test(entry.name)) names.push(name);
  }
}
