/** The short text that answers a request which never reached the rest of the house. */
import type { ServerError } from '../errors.ts';
import type { Response } from './response.ts';

/** A plain-text answer with the status and the message of `error`. */
export function refusal(error: ServerError): Response {
  const body = Buffer.from(`${error.message}\n`);
  return {
    status: error.status,
    headers: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', String(body.length)],
    ],
    body,
  };
}
