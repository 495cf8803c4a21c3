/** Finds the file that a client's name means, and nothing outside the configured prefix (BEHAVIOUR 4, "Finding the image"). */
import fs from 'node:fs';
import type { Stats } from 'node:fs';
import path from 'node:path';
import { LRUCache } from 'lru-cache';
import { ServerError } from '../errors.ts';
import { fileError } from './file-errors.ts';
import { statIdentity } from './file-source.ts';
import { findSequence } from './sequence.ts';
import type { View, Views } from './sequence.ts';
import { isSameIdentity, type FileIdentity } from './source.ts';

export interface LocatedImage {
  /** Real path: no symbolic link is left in it. Of a remote image its URL. */
  readonly path: string;
  readonly identity: FileIdentity;
  readonly mtimeMs: number;
  /** File name as the client wrote it, without directories and extension: for Content-Disposition. */
  readonly stem: string;
  /** Present for a sequence of files. */
  readonly views?: Views;
}

export interface Locator {
  /**
   * @param name percent-decoded, otherwise as the client wrote it.
   * @param view which file of a sequence; single files ignore it.
   * @throws {ServerError} `not-found` for everything that is no regular file inside the prefix.
   */
  locate(name: string, view?: View): LocatedImage | Promise<LocatedImage>;
  /** The version that was found at `path` is no longer there. */
  forget?(path: string): void;
}

export interface LocatorOptions {
  /** A directory, or any text that is put before names: `/data/img_`. Empty: names are paths of the whole system. */
  readonly filesystemPrefix: string;
  readonly filesystemSuffix: string;
  /** Between the name of a sequence and its angles: `_pyr_`. Empty: no sequences. */
  readonly filenamePattern: string;
  /** How long a name is taken to mean the same file without being resolved again. */
  readonly trustMs?: number;
  readonly maxEntries?: number;
  readonly now?: () => number;
}

/** Linux's limit for a path; also keeps regular expressions and loops over names short. */
const MAX_NAME_LENGTH = 4_096;

/** What a name was resolved to. */
interface Resolved {
  readonly path: string;
  readonly stem: string;
  readonly views?: Views;
  readonly resolvedAt: number;
  /** What was told of it last; it is told again, the same object, as long as the file is the same. */
  told: LocatedImage | undefined;
}

/**
 * A locator over the local file system, synchronous because asking the kernel costs less than a promise.
 *
 * A name that was resolved within the last `trustMs` (a second) costs one `stat` of the real path. So a symbolic
 * link, or a directory above the file, that is swapped is noticed after that time at the latest; a file that is
 * replaced in place is noticed at once.
 */
export function createLocator(options: LocatorOptions): Locator {
  const { trustMs = 1_000, maxEntries = 10_000, now = () => performance.now() } = options;
  const resolvedNames = new LRUCache<string, Resolved>({ max: maxEntries });
  return {
    locate(name, view = { horizontal: 0, vertical: 90 }) {
      if (name.length > MAX_NAME_LENGTH) throw notFound(name.slice(0, 80));
      const key = `${view.horizontal},${view.vertical},${name}`;
      const known = resolvedNames.get(key);
      const isTrusted = known !== undefined && now() - known.resolvedAt < trustMs;
      const trusted = isTrusted ? statFile(known.path) : undefined;
      if (known !== undefined && trusted !== undefined) return located(known, trusted);
      resolvedNames.delete(key);
      const resolved = resolve(cleanName(name), view, options, now());
      const stats = statFile(resolved.path);
      if (stats === undefined) throw notFound(resolved.path);
      if (known !== undefined && meansSame(known, resolved)) resolved.told = known.told;
      resolvedNames.set(key, resolved);
      return located(resolved, stats);
    },
  };
}

/**
 * A name without the parts that lead upwards: every `../` is taken out, also those that only come to be when
 * others are; NULs end no text early.
 */
export function cleanName(name: string): string {
  const kept: string[] = [];
  for (const character of name) {
    if (character === '\0') continue;
    kept.push(character);
    const end = kept.length;
    if (character === '/' && kept[end - 2] === '.' && kept[end - 3] === '.') kept.length = end - 3;
  }
  return kept.join('');
}

function resolve(name: string, view: View, options: LocatorOptions, resolvedAt: number): Resolved {
  const { filesystemPrefix, filesystemSuffix, filenamePattern } = options;
  const isInside = boundary(filesystemPrefix);
  const stem = path.parse(name).name;
  const file = realFile(filesystemPrefix + name + filesystemSuffix, isInside);
  if (file !== undefined) return { path: file, stem, resolvedAt, told: undefined };
  const sequence =
    filenamePattern === '' ? undefined : findSequence(filesystemPrefix + name, filenamePattern);
  const member = sequence && realFile(sequence.fileOf(view), isInside);
  if (sequence === undefined || member === undefined) throw notFound(filesystemPrefix + name);
  return { path: member, stem, views: sequence.views, resolvedAt, told: undefined };
}

/** Tells of real paths whether they are inside the prefix. */
function boundary(prefix: string): (realPath: string) => boolean {
  if (prefix === '') return () => true;
  const directory =
    prefix.endsWith('/') || statOf(prefix)?.isDirectory() === true ? prefix : path.dirname(prefix);
  const root = realPath(directory);
  if (root === undefined) return () => false;
  const isWhole = directory === prefix;
  const start = path.join(root, '/') + (isWhole ? '' : path.basename(prefix));
  return (real) => real.startsWith(start);
}

/** The real path of a regular file inside the boundary; undefined when there is none. */
function realFile(wanted: string, isInside: (realPath: string) => boolean): string | undefined {
  const real = realPath(wanted);
  return real !== undefined && isInside(real) && statFile(real) !== undefined ? real : undefined;
}

function realPath(wanted: string): string | undefined {
  try {
    return fs.realpathSync.native(wanted);
  } catch (cause) {
    return absentOrThrow(cause, wanted);
  }
}

function statFile(file: string): Stats | undefined {
  const stats = statOf(file);
  return stats?.isFile() === true ? stats : undefined;
}

function statOf(file: string): Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch (cause) {
    return absentOrThrow(cause, file);
  }
}

function absentOrThrow(cause: unknown, file: string): undefined {
  const error = fileError(cause, file);
  if (error.kind !== 'not-found') throw error;
  return undefined;
}

/** Of one name. A sequence is told anew: it may have grown. */
const meansSame = (one: Resolved, other: Resolved): boolean =>
  one.path === other.path && one.views === undefined && other.views === undefined;

function located(resolved: Resolved, stats: Stats): LocatedImage {
  const identity = statIdentity(stats);
  const { path: file, stem, views, told } = resolved;
  if (told !== undefined && isSameIdentity(told.identity, identity)) return told;
  const found = { path: file, identity, mtimeMs: stats.mtimeMs, stem };
  return (resolved.told = views === undefined ? found : { ...found, views });
}

function notFound(file: string): ServerError {
  return new ServerError('not-found', 'image not found', { facts: { path: file } });
}
