/** Errors by whose fault they are; one table maps each kind to an HTTP status and a log level. */

/** What went wrong, seen from the person who has to mend it. */
export type ErrorKind =
  | 'bad-request'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-a-picture'
  | 'too-large'
  | 'damaged'
  | 'unsupported'
  | 'overloaded'
  /** The request took longer than REQUEST_TIMEOUT. */
  | 'timed-out'
  /** The file has ended decoders, and is left alone until it changes. */
  | 'quarantined'
  /** The storage that holds the image does not answer as it should. */
  | 'unreachable'
  | 'internal';

interface ErrorRule {
  readonly status: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** HTTP status and log level for every kind of error. */
export const ERROR_RULES: Readonly<Record<ErrorKind, ErrorRule>> = {
  'bad-request': { status: 400, logLevel: 'debug' },
  'not-found': { status: 404, logLevel: 'debug' },
  'not-a-picture': { status: 404, logLevel: 'info' },
  'method-not-allowed': { status: 405, logLevel: 'debug' },
  'too-large': { status: 413, logLevel: 'info' },
  damaged: { status: 500, logLevel: 'warn' },
  internal: { status: 500, logLevel: 'error' },
  unsupported: { status: 501, logLevel: 'info' },
  overloaded: { status: 503, logLevel: 'warn' },
  'timed-out': { status: 503, logLevel: 'warn' },
  quarantined: { status: 500, logLevel: 'info' },
  unreachable: { status: 503, logLevel: 'warn' },
};

/** Facts for the log; never sent to a client. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ServerErrorOptions {
  readonly facts?: ErrorFacts;
  readonly cause?: unknown;
  /** The IIP error code and argument (BEHAVIOUR: Errors), for requests made in IIP. */
  readonly iip?: string;
}

/**
 * The one class of errors that this server throws on purpose.
 *
 * `message` is sent to the client: it says what is wrong with the request or the picture and holds no path of
 * the server. Paths and offsets go into `facts`.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly kind: ErrorKind;
  readonly facts: ErrorFacts;
  readonly iip: string | undefined;

  constructor(kind: ErrorKind, message: string, options: ServerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.facts = options.facts ?? {};
    this.iip = options.iip;
  }

  /** The HTTP status of this error. */
  get status(): number {
    return ERROR_RULES[this.kind].status;
  }
}

/** Turns anything that was thrown into a `ServerError`; what is not ours becomes `internal`. */
export function toServerError(thrown: unknown): ServerError {
  if (thrown instanceof ServerError) return thrown;
  return new ServerError('internal', 'internal server error', { cause: thrown });
}

/** `thrown` with the file that it is about among its facts, for the log; what is not ours passes as it is. */
export function aboutFile(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof ServerError) || thrown.facts['path'] !== undefined) return thrown;
  const { kind, message, facts, cause, iip } = thrown;
  const error = new ServerError(kind, message, {
    facts: { path, ...facts },
    cause,
    ...(iip === undefined ? {} : { iip }),
  });
  if (thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}

/** Whether `thrown` only says that nobody waits for the result any more. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}
