/** What went wrong with a picture's file, as errors of ours. */
import { ServerError } from '../errors.ts';

/** Codes of `open` and `stat` that say: under this name there is nothing that we may read. */
const ABSENT_CODES = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
  'ENXIO',
]);

/** What a failed system call on a picture's file means to a client. */
export function fileError(cause: unknown, path: string): ServerError {
  const code = errorCode(cause);
  const facts = { path, code };
  if (ABSENT_CODES.has(code)) return new ServerError('not-found', 'image not found', { facts, cause });
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new ServerError('overloaded', 'too many files are open', { facts, cause });
  }
  return new ServerError('internal', 'the image file can not be read', { facts, cause });
}

/** The same of a file that was there a moment ago: when it is gone now, it was removed or replaced. */
export function openError(cause: unknown, path: string): ServerError {
  const error = fileError(cause, path);
  return error.kind === 'not-found' ? staleError(path, String(error.facts['code']), cause) : error;
}

/** The name leads to another version of the file, or to none. */
export function staleError(path: string, reason: string, cause?: unknown): ServerError {
  const facts = { path, stale: true, reason };
  return new ServerError('not-found', 'the image was replaced or removed', { facts, cause });
}

/**
 * Whether an error says that the file is gone or is no longer the version that was asked for: look it up again,
 * once, and retry.
 */
export function isStale(error: unknown): error is ServerError {
  return error instanceof ServerError && error.facts['stale'] === true;
}

function errorCode(cause: unknown): string {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
}
