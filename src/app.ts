/** Puts the parts together: `createApp(config, parts).respond(request)` answers without any socket. */
import type { Config } from './config/config.ts';
import { contentTypeOf } from './encode/formats.ts';
import { aboutFile, ERROR_RULES, isAbort, ServerError, toServerError } from './errors.ts';
import { isStale } from './image/file-source.ts';
import type { Log } from './log.ts';
import { requestIdOf } from './metrics/request-id.ts';
import type { Answer, ImageStore, ProtocolContext } from './protocols/protocol.ts';
import { route } from './protocols/route.ts';
import type { Picture, PictureOrigin, Render } from './render/picture.ts';
import { planKey, type Plan } from './render/plan.ts';
import type { ReadSamples } from './render/samples.ts';
import type { ReadStatistics } from './render/statistics.ts';
import { cacheTagHeaders } from './server/cache-tags.ts';
import { isNotModified } from './server/conditional.ts';
import { etagFor } from './server/etag.ts';
import { ResponseMaker, type Representation } from './server/headers.ts';
import type { Request } from './server/request.ts';
import type { Header, Respond, Response } from './server/response.ts';

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
}

export interface App {
  readonly respond: Respond;
}

/** A response and what the log says of its making. */
interface Outcome {
  readonly response: Response;
  readonly origin?: PictureOrigin;
}

/** Statuses that nginx taught people to read: the client left before the answer. */
const CLIENT_LEFT = 499;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST']);

/** An app whose `respond` never rejects. */
export function createApp(config: Config, parts: AppParts): App {
  const { log, now } = parts;
  const maker = new ResponseMaker({ ...config, version: parts.version });
  const exchange: Exchange = {
    parts,
    maker,
    context: { config, images: parts.images, version: parts.version },
  };

  const respond = async (request: Request, signal: AbortSignal): Promise<Response> => {
    const start = now();
    try {
      const { response, origin } = await answerOrRetry(request, signal, exchange);
      const { method, uri, remoteAddress } = request;
      const ms = Math.round((now() - start) * 10) / 10;
      log.info({ id: requestIdOf(request.requestId), method, uri, status: response.status, bytes: response.body.length, ms, cache: origin ?? '-', client: remoteAddress }, 'request'); // prettier-ignore
      return response;
    } catch (thrown) {
      return failure(thrown, { request, ms: Math.round((now() - start) * 10) / 10, exchange });
    }
  };
  return { respond };
}

interface Exchange {
  readonly parts: AppParts;
  readonly maker: ResponseMaker;
  readonly context: ProtocolContext;
}

/** A file that was replaced between looking and reading is looked at once more. */
async function answerOrRetry(request: Request, signal: AbortSignal, exchange: Exchange): Promise<Outcome> {
  try {
    return await answerRequest(request, signal, exchange);
  } catch (thrown) {
    if (!isStale(thrown)) throw thrown;
    exchange.parts.images.forget?.(String(thrown.facts['path']));
    return answerRequest(request, signal, exchange);
  }
}

async function answerRequest(request: Request, signal: AbortSignal, exchange: Exchange): Promise<Outcome> {
  const { maker, context } = exchange;
  if (request.method === 'OPTIONS') return { response: maker.options() };
  if (!METHODS.has(request.method)) throw new ServerError('method-not-allowed', 'this method is not offered');
  const answer = await route(request, context);
  if (answer.kind === 'redirect') return { response: maker.redirect(answer.location) };
  const representation = representationOf(answer, request, context.config.cacheTags);
  if (isUnchanged(representation, request)) return { response: maker.notModified(representation) };
  const { bytes, origin } = await makeBody(answer, signal, exchange.parts).catch((thrown: unknown) => {
    throw answer.image === undefined ? thrown : aboutFile(thrown, answer.image.source.path);
  });
  const response = maker.ok(bytes, representation, request.method === 'HEAD');
  return origin === undefined ? { response } : { response, origin };
}

type Sendable = Exclude<Answer, { readonly kind: 'redirect' }>;

function representationOf(answer: Sendable, request: Request, hasTags: boolean): Representation {
  const { image, cacheControl } = answer;
  return {
    contentType: contentTypeFor(answer),
    ...(image === undefined
      ? {}
      : { lastModifiedMs: image.source.identity.mtimeMs, etag: etagFor(matterOf(answer)) }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    extra: [
      ...(answer.headers ?? []),
      ...dispositionOf(answer, request),
      ...(hasTags && image !== undefined ? cacheTagHeaders(image.source.path) : []),
    ],
  };
}

function contentTypeFor(answer: Sendable): string {
  return answer.kind === 'picture' ? contentTypeOf(encodingOf(answer.plan).format) : answer.contentType;
}

const encodingOf = (plan: Plan) => (plan.kind === 'copy' ? plan.otherwise : plan).encoding;

/** Whatever determines the bytes: the plan with the file's identity, or the text itself. */
function matterOf(answer: Sendable): string {
  switch (answer.kind) {
    case 'picture':
      return planKey(answer.plan);
    case 'pictures':
      return answer.plans.map(planKey).join('\n');
    case 'samples':
      return `${answer.contentType}${JSON.stringify(answer.query)}`;
    case 'statistics':
      return `${answer.contentType}${JSON.stringify(answer.source)}`;
    case 'document':
      return answer.contentType + answer.text;
  }
}

/** RFC 6266: `inline`, for a POST `attachment`. */
function dispositionOf(answer: Sendable, request: Request): readonly Header[] {
  if (answer.kind !== 'picture' || answer.fileName === undefined) return [];
  const kind = request.method === 'POST' ? 'attachment' : 'inline';
  const ascii = answer.fileName.replace(/[^\x20-\x7e]/g, '_').replace(/["\\]/g, '_');
  const isPlain = ascii === answer.fileName;
  const extended = isPlain
    ? ''
    : `; filename*=UTF-8''${encodeURIComponent(answer.fileName).replace(/['()*]/g, encodeSign)}`;
  return [['Content-Disposition', `${kind}; filename="${ascii}"${extended}`]];
}

const encodeSign = (sign: string): string => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;

function isUnchanged({ lastModifiedMs, etag }: Representation, request: Request): boolean {
  return (
    lastModifiedMs !== undefined &&
    isNotModified(request, { mtimeMs: lastModifiedMs, ...(etag === undefined ? {} : { etag }) })
  );
}

interface Body {
  readonly bytes: Uint8Array;
  readonly origin?: PictureOrigin;
}

async function makeBody(answer: Sendable, signal: AbortSignal, parts: AppParts): Promise<Body> {
  switch (answer.kind) {
    case 'picture':
      return parts.render(answer.plan, signal);
    case 'pictures': {
      const pictures: Picture[] = await Promise.all(answer.plans.map((plan) => parts.render(plan, signal)));
      return { bytes: answer.frame(pictures.map((picture) => picture.bytes)) };
    }
    case 'samples':
      return { bytes: Buffer.from(answer.format(await parts.readSamples(answer.query, signal))) };
    case 'statistics':
      return { bytes: Buffer.from(answer.format(await parts.readStatistics(answer.source, signal))) };
    case 'document':
      return { bytes: Buffer.from(answer.text) };
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
