/** Reads objects of one kind of storage: finds out their version, then parts of exactly that version. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerError } from '../../errors.ts';
import type { FileIdentity } from '../source.ts';
import { RemoteBase, type ObjectRequest } from './base.ts';
import type { SourceCounters } from './counters.ts';
import { ExchangeError, HttpClient, type Exchange } from './exchange.ts';
import { retrying, Transient, type RetryOptions } from './retry.ts';
import { RoleCredentials } from './role-credentials.ts';
import type { RemoteSettings } from './settings.ts';
import {
  identityOf, isSameVersion, onlyAnotherVersion, onlyThisVersion, parseContentRange,
} from './validators.ts'; // prettier-ignore

/** The first request for an object brings its beginning along: the directories of most files made for the web. */
export const HEAD_BYTES = 65_536;

/** What the first request tells. */
export interface Probe {
  readonly identity: FileIdentity;
  readonly head: Uint8Array;
}

export interface ByteRange {
  readonly offset: number;
  /** At least 1; the object has all of these bytes. */
  readonly length: number;
}

export interface ObjectStoreDeps {
  readonly counters: SourceCounters;
  readonly retry?: Partial<RetryOptions>;
  readonly now?: () => number;
}

const RETRY: RetryOptions = {
  attempts: 3,
  baseMs: 100,
  maxMs: 2_000,
  sleep: async (ms) => void (await sleep(ms)),
  random: Math.random,
};

/** Slower than this, in bytes a second, an answer is given up even when it keeps coming. */
const SLOWEST = 65_536;

/** Busy and broken servers (RFC 9110): the same request may be answered the next time. */
const TRANSIENT_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/** S3 says 403 of objects that are not there to those who may not list the bucket. */
const ABSENT_STATUSES = new Set([401, 403, 404, 410]);

/** Trying again would not help against these. */
const LASTING_CODES = new Set(['ENOTFOUND', 'EREFUSEDADDRESS']);

export class ObjectStore {
  readonly #bases: readonly RemoteBase[];
  readonly #client = new HttpClient();
  readonly #silenceMs: number;
  readonly #retry: RetryOptions;
  readonly #counters: SourceCounters;
  readonly #now: () => number;

  constructor(settings: RemoteSettings, { counters, retry, now = Date.now }: ObjectStoreDeps) {
    const role = settings.s3Credentials === 'environment' ? undefined : new RoleCredentials(settings, now);
    this.#bases = settings.sourceMap.map(({ base }) => new RemoteBase(base, settings, role));
    this.#silenceMs = settings.sourceTimeoutSeconds * 1000;
    this.#retry = { ...RETRY, ...retry };
    this.#counters = counters;
    this.#now = now;
  }

  /**
   * The version that an object has now, with its beginning; undefined when it still is the `known` one.
   *
   * @param path as `RemoteBase.shown` and an encoded key make it.
   * @throws {ServerError} `not-found`; `unreachable`; `unsupported` for a server that gives no parts of objects.
   */
  async probe(path: string, known?: FileIdentity): Promise<Probe | undefined> {
    const headers = {
      range: `bytes=0-${HEAD_BYTES - 1}`,
      ...(known === undefined ? {} : onlyAnotherVersion(known)),
    };
    return this.#ask(path, headers, HEAD_BYTES, (answer) => {
      if (answer.status === 304 && known !== undefined) return undefined;
      if (answer.status === 416) throw fault('not-a-picture', 'this file is no picture', path, answer);
      const probe = this.#readProbe(answer, path);
      const isSame = known !== undefined && isSameVersion(known, answer.headers, probe.identity.size);
      return isSame ? undefined : probe;
    });
  }

  /**
   * Exactly these bytes of exactly this version.
   *
   * @throws {ServerError} `not-found` with the fact `stale` when the object has another version by now.
   */
  async range(path: string, identity: FileIdentity, { offset, length }: ByteRange): Promise<Uint8Array> {
    const headers = { range: `bytes=${offset}-${offset + length - 1}`, ...onlyThisVersion(identity) };
    return this.#ask(path, headers, length, (answer) => {
      if (answer.status === 412 || answer.status === 416) throw stale(path, answer.status);
      const { first, last, size } = this.#readRange(answer, path);
      if (!isSameVersion(identity, answer.headers, size)) throw stale(path, answer.status);
      if (first !== offset || last !== offset + length - 1) throw broken('another range', path);
      if (answer.body.length !== length) throw broken('truncated', path);
      return answer.body;
    });
  }

  close(): void {
    this.#client.close();
  }

  #readProbe(answer: Exchange, path: string): Probe {
    const { first, last, size } = this.#readRange(answer, path);
    if (first !== 0 || last !== Math.min(HEAD_BYTES, size) - 1) throw broken('another range', path);
    if (answer.body.length !== last + 1) throw broken('truncated', path);
    return { identity: identityOf(answer.headers, size, this.#now()), head: answer.body };
  }

  #readRange({ status, headers }: Exchange, path: string) {
    if (status === 200)
      throw new ServerError('unsupported', 'the storage gives no parts of images', {
        facts: { path, originStatus: status },
      });
    const encoding = headers['content-encoding'] ?? 'identity';
    const range =
      status === 206 && encoding === 'identity' ? parseContentRange(headers['content-range']) : undefined;
    if (range === undefined) throw broken(`status ${status} without the range`, path);
    return range;
  }

  async #ask<T>(
    path: string,
    headers: Readonly<Record<string, string>>,
    maxBytes: number,
    read: (answer: Exchange) => T,
  ): Promise<T> {
    const request = await this.#requestFor(path);
    const limits = {
      silenceMs: this.#silenceMs,
      wholeMs: 3 * this.#silenceMs + (maxBytes / SLOWEST) * 1000,
      maxBytes,
    };
    const attempt = async (): Promise<T> => {
      this.#counters.add('requests');
      const answer = await this.#client
        .get(request, { 'accept-encoding': 'identity', ...headers }, limits)
        .catch((cause: unknown) => {
          throw connectionFault(cause, path);
        });
      this.#counters.add('bytes', answer.body.length);
      checkStatus(answer, path);
      return read(answer);
    };
    try {
      return await retrying(attempt, this.#retry, () => this.#counters.add('retries'));
    } catch (thrown) {
      if (thrown instanceof ServerError && thrown.kind === 'unreachable') this.#counters.add('failures');
      throw thrown;
    }
  }

  /**
   * @throws {ServerError} for a path that is not under a configured base: it is not asked for, whoever wants it;
   * `unreachable` when there are no keys of a role.
   */
  async #requestFor(path: string): Promise<ObjectRequest> {
    const base = this.#bases.find(({ shown }) => path.startsWith(shown));
    const key = base === undefined ? '' : path.slice(base.shown.length);
    if (base === undefined || key === '' || key.split('/').some((part) => /^\.{0,2}$/.test(part))) {
      throw new ServerError('not-found', 'image not found', { facts: { path, reason: 'not in SOURCE_MAP' } });
    }
    try {
      return await base.request(key);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ServerError('unreachable', UNREACHABLE, { facts: { path, credentials: reason }, cause });
    }
  }
}

/** @throws what statuses other than those that the caller reads mean. */
function checkStatus(answer: Exchange, path: string): void {
  const { status, headers } = answer;
  if (ABSENT_STATUSES.has(status)) throw fault('not-found', 'image not found', path, answer);
  if (TRANSIENT_STATUSES.has(status)) {
    const seconds = Number(headers['retry-after']);
    const error = fault('unreachable', UNREACHABLE, path, answer);
    throw new Transient(error, Number.isFinite(seconds) ? seconds * 1000 : undefined);
  }
  const isRead = status === 200 || status === 206 || status === 304 || status === 412 || status === 416;
  if (!isRead) throw fault('unreachable', UNREACHABLE, path, answer);
}

const UNREACHABLE = 'the storage of this image cannot be reached; try again later';

function fault(
  kind: 'not-found' | 'not-a-picture' | 'unreachable',
  message: string,
  path: string,
  { status, headers }: Exchange,
): ServerError {
  const { location } = headers;
  const redirect = location === undefined ? {} : { refusedRedirect: location.slice(0, 200) };
  return new ServerError(kind, message, { facts: { path, originStatus: status, ...redirect } });
}

/** An answer that contradicts itself or the question: perhaps a proxy in trouble. */
function broken(reason: string, path: string): Transient {
  return new Transient(new ServerError('unreachable', UNREACHABLE, { facts: { path, reason } }));
}

function connectionFault(cause: unknown, path: string): Error {
  const code = cause instanceof ExchangeError ? cause.code : 'unknown';
  const error = new ServerError('unreachable', UNREACHABLE, { facts: { path, code }, cause });
  const isLasting = LASTING_CODES.has(code) || /CERT|SIGNATURE|TLS_|SSL/.test(code);
  return isLasting ? error : new Transient(error);
}

function stale(path: string, originStatus: number): ServerError {
  return new ServerError('not-found', 'the image was replaced or removed', {
    facts: { path, stale: true, originStatus },
  });
}
