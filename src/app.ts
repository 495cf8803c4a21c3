/** Puts the parts together: `createApp(config, parts).respond(request)` answers without any socket. */
import { after, rescued, type Awaitable } from './awaitable.ts';
import type { Config } from './config/config.ts';
import { aboutFile, ERROR_RULES, isAbort, ServerError, toServerError } from './errors.ts';
import { isStale } from './image/file-errors.ts';
import type { Log } from './log.ts';
import { requestIdOf } from './metrics/request-id.ts';
import type { Answer, ImageStore, ProtocolContext } from './protocols/protocol.ts';
import { route } from './protocols/route.ts';
import type { PictureOrigin, Render } from './render/picture.ts';
import type { Plan } from './render/plan.ts';
import { budgetOf, type Budget } from './render/budgets.ts';
import type { ReadSamples } from './render/samples.ts';
import type { ReadStatistics } from './render/statistics.ts';
import { withinTime } from './render/time-limit.ts';
import { isUnchanged, representationOf, type Sendable } from './representation.ts';
import { ResponseMaker, type Representation } from './server/headers.ts';
import type { Request } from './server/request.ts';
import type { Respond, Response } from './server/response.ts';

/** What an app is made of; tests put in their own. */
export interface AppParts {
  readonly images: ImageStore;
  readonly render: Render;
  readonly readSamples: ReadSamples;
  readonly readStatistics: ReadStatistics;
  readonly log: Log;
  /** Version of this program, for headers and texts. */
  readonly version: string;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** A finished picture that needs no waiting for. */
  readonly peek?: (plan: Plan) => Uint8Array | undefined;
  /** Where it is kept what was found out about a request. */
  readonly known?: KnownRequests;
  /** Refuses a request that is one too many. What is at hand is sent without asking. @throws {ServerError} */
  readonly admit?: () => void;
  /** A request was refused, or broken off. */
  readonly onOverBudget?: (budget: Budget) => void;
}

export interface App {
  readonly respond: Respond;
}

/** What one request asks for, with everything but the bytes of the picture. */
export interface Prepared {
  readonly answer: Sendable;
  readonly representation: Representation;
  /** Of a document. */
  readonly body?: Uint8Array;
  /** The file that it is about. */
  readonly path?: string;
  isCurrent(): boolean;
}

/** Keeps what is prepared for equal requests; gives back only what still holds. */
export interface KnownRequests {
  get(request: Request): Prepared | undefined;
  set(request: Request, prepared: Prepared): void;
}

/** A response and what the log says of its making. */
interface Outcome {
  readonly response: Response;
  readonly origin?: PictureOrigin;
}

/** Statuses that nginx taught people to read: the client left before the answer. */
const CLIENT_LEFT = 499;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST']);

/** An app whose `respond` never rejects; what is at hand is answered at once, without a promise. */
export function createApp(config: Config, parts: AppParts): App {
  const { log, now } = parts;
  const maker = new ResponseMaker({ ...config, version: parts.version });
  const exchange: Exchange = {
    parts,
    maker,
    context: { config, images: parts.images, version: parts.version },
  };
  const timeLimitMs = config.requestTimeoutSeconds * 1000;
  const msSince = (start: number): number => Math.round((now() - start) * 10) / 10;

  const logged = (request: Request, { response, origin }: Outcome, start: number): Response => {
    if (log.isSilent === true) return response;
    const { method, uri, remoteAddress, isOwn } = request;
    log[isOwn ? 'debug' : 'info']({ id: requestIdOf(request.requestId), method, uri, status: response.status, bytes: response.body.length, ms: msSince(start), cache: origin ?? '-', client: remoteAddress }, 'request'); // prettier-ignore
    return response;
  };

  const respondAnew = (
    request: Request,
    signal: AbortSignal,
    start: number,
    known: Prepared | undefined,
  ): Awaitable<Response> =>
    rescued(
      () => {
        parts.admit?.();
        const work = (limited: AbortSignal) => answerOrRetry({ request, signal: limited }, exchange, known);
        return after(withinTime(signal, timeLimitMs, work), (outcome) => logged(request, outcome, start));
      },
      (thrown) => failure(thrown, { request, ms: msSince(start), exchange }),
    );

  const respond: Respond = (request, signal) => {
    const start = now();
    const known = whatIsKnown(request, exchange);
    const ready = known && readyAnswer(request, known, exchange);
    return ready === undefined ? respondAnew(request, signal, start, known) : logged(request, ready, start);
  };
  return { respond };
}

interface Exchange {
  readonly parts: AppParts;
  readonly maker: ResponseMaker;
  readonly context: ProtocolContext;
}

/** Whatever is wrong with the file shows on the long way, which tells it. */
function whatIsKnown(request: Request, { parts }: Exchange): Prepared | undefined {
  try {
    return parts.known?.get(request);
  } catch {
    return undefined;
  }
}

/** The answer to a request that is known, where nothing has to be waited for. */
function readyAnswer(request: Request, prepared: Prepared, { parts, maker }: Exchange): Outcome | undefined {
  const { answer, representation, body } = prepared;
  if (isUnchanged(representation, request)) return { response: maker.notModified(representation) };
  const isHead = request.method === 'HEAD';
  if (body !== undefined) return { response: maker.ok(body, representation, isHead) };
  const bytes = answer.kind === 'picture' ? parts.peek?.(answer.plan) : undefined;
  return bytes && { response: maker.ok(bytes, representation, isHead), origin: 'hit' };
}

/** Under load a request may wait for longer than a file lasts that is replaced again and again. */
const MAX_LOOKS = 4;

/** A file that was replaced between looking and reading is looked at once more. */
function answerOrRetry(
  asked: Asked,
  exchange: Exchange,
  known: Prepared | undefined,
  looks = 1,
): Awaitable<Outcome> {
  return rescued(
    () => answerRequest(asked, exchange, known),
    (thrown) => {
      if (!isStale(thrown) || looks === MAX_LOOKS) throw thrown;
      exchange.parts.images.forget?.(String(thrown.facts['path']));
      return answerOrRetry(asked, exchange, undefined, looks + 1);
    },
  );
}

interface Asked {
  readonly request: Request;
  readonly signal: AbortSignal;
}

function answerRequest(asked: Asked, exchange: Exchange, known: Prepared | undefined): Awaitable<Outcome> {
  const { request } = asked;
  const { maker, parts } = exchange;
  if (request.method === 'OPTIONS') return { response: maker.options() };
  if (!METHODS.has(request.method)) throw new ServerError('method-not-allowed', 'this method is not offered');
  return after(known ?? parts.known?.get(request) ?? prepare(request, exchange), (prepared) =>
    'location' in prepared
      ? { response: maker.redirect(prepared.location) }
      : answerPrepared(prepared, asked, exchange),
  );
}

function answerPrepared(
  prepared: Prepared,
  { request, signal }: Asked,
  exchange: Exchange,
): Awaitable<Outcome> {
  const { maker, parts } = exchange;
  const { answer, representation } = prepared;
  if (isUnchanged(representation, request)) return { response: maker.notModified(representation) };
  const made = rescued(
    () => makeBody(prepared, signal, parts),
    (thrown) => {
      throw answer.image === undefined ? thrown : aboutFile(thrown, answer.image.source.path);
    },
  );
  return after(made, ({ bytes, origin }) => {
    const response = maker.ok(bytes, representation, request.method === 'HEAD');
    return origin === undefined ? { response } : { response, origin };
  });
}

/** Finds out what a request asks for, and leaves it with `known` where it can tell whether it still holds. */
function prepare(request: Request, exchange: Exchange): Awaitable<Prepared | { readonly location: string }> {
  return after(route(request, exchange.context), (answer) =>
    answer.kind === 'redirect' ? { location: answer.location } : preparedFor(answer, request, exchange),
  );
}

function preparedFor(answer: Sendable, request: Request, { parts, context }: Exchange): Prepared {
  const prepared: Prepared = {
    answer,
    representation: representationOf(answer, request, context.config.cacheTags),
    ...(answer.kind === 'document' ? { body: Buffer.from(answer.text) } : {}),
    ...(answer.image === undefined ? {} : { path: answer.image.source.path }),
    isCurrent: () => answer.image?.isCurrent?.() === true,
  };
  if (LASTING.has(answer.kind) && answer.image?.isCurrent !== undefined) parts.known?.set(request, prepared);
  return prepared;
}

/** Answers out of one file. The others may have looked at several. */
const LASTING: ReadonlySet<Answer['kind']> = new Set(['picture', 'document']);

interface Body {
  readonly bytes: Uint8Array;
  readonly origin?: PictureOrigin;
}

function makeBody(prepared: Prepared, signal: AbortSignal, parts: AppParts): Awaitable<Body> {
  const { answer, body } = prepared;
  switch (answer.kind) {
    case 'picture':
      return parts.render(answer.plan, signal);
    case 'document':
      return { bytes: body ?? Buffer.from(answer.text) };
    default:
      return gatherBody(answer, signal, parts);
  }
}

/** Out of several pictures, or of values that are read elsewhere. */
async function gatherBody(
  answer: Exclude<Sendable, { readonly kind: 'picture' | 'document' }>,
  signal: AbortSignal,
  parts: AppParts,
): Promise<Body> {
  switch (answer.kind) {
    case 'pictures': {
      const pictures = await Promise.all(answer.plans.map(async (plan) => parts.render(plan, signal)));
      return { bytes: answer.frame(pictures.map((picture) => picture.bytes)) };
    }
    case 'samples':
      return { bytes: Buffer.from(answer.format(await parts.readSamples(answer.query, signal))) };
    case 'statistics':
      return { bytes: Buffer.from(answer.format(await parts.readStatistics(answer.source, signal))) };
  }
}

interface Failure {
  readonly request: Request;
  readonly ms: number;
  readonly exchange: Exchange;
}

function failure(thrown: unknown, { request, ms, exchange }: Failure): Response {
  const { method, uri, remoteAddress } = request;
  const line = { id: requestIdOf(request.requestId), method, uri, ms, client: remoteAddress };
  const { log } = exchange.parts;
  if (isAbort(thrown)) {
    log.info({ ...line, status: CLIENT_LEFT }, 'request: the client left');
    return exchange.maker.error(new ServerError('overloaded', 'the client left'), false);
  }
  const error = toServerError(thrown);
  const budget = budgetOf(error);
  if (budget !== undefined) exchange.parts.onOverBudget?.(budget);
  const response = exchange.maker.error(error, method === 'HEAD');
  const level = ERROR_RULES[error.kind].logLevel;
  const cause = error.kind === 'internal' || error.kind === 'damaged' ? { err: error.cause ?? error } : {};
  log[level === 'debug' ? 'info' : level](
    {
      ...line,
      status: error.status,
      bytes: response.body.length,
      error: error.message,
      ...error.facts,
      ...cause,
    },
    'request failed',
  );
  return response;
}
