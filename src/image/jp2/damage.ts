/** Errors about JPEG 2000 files. */
import { ServerError } from '../../errors.ts';
import type { ErrorFacts } from '../../errors.ts';

export function damagedJp2(message: string, facts: ErrorFacts = {}): ServerError {
  return new ServerError('damaged', `damaged JPEG 2000: ${message}`, { facts });
}

export function unsupportedJp2(what: string): ServerError {
  return new ServerError('unsupported', `JPEG 2000 with ${what} is not supported`);
}
