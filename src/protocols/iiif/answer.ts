/** IIIF Image API: `{id}/info.json`, `{id}/{region}/{size}/{rotation}/{quality}.{format}` and the base URI `{id}`. */
import { LRUCache } from 'lru-cache';
import { after, rescued, type Awaitable } from '../../awaitable.ts';
import { planSource } from '../../render/plan.ts';
import { extensionOf } from '../../encode/formats.ts';
import { ServerError } from '../../errors.ts';
import { fullSize } from '../../geometry.ts';
import { isTilePlan, planRegion } from '../../render/plan-picture.ts';
import { NO_PROCESSING, type Processing } from '../../render/steps.ts';
import type { Header } from '../../server/response.ts';
import type { Request } from '../../server/request.ts';
import { encodingFor } from '../encodings.ts';
import { wantedLayers } from '../layers.ts';
import { percentDecode } from '../percent.ts';
import { publicUrl, uriForHeader } from '../public-url.ts';
import type { Answer, FoundImage, Protocol, ProtocolContext, Target } from '../protocol.ts';
import { canonicalPath } from './canonical.ts';
import { findPage, type FoundPage } from '../find-page.ts';
import { parseImageRequest, type ImageRequest, type Quality } from './image-request.ts';
import { infoDocument, CONTEXTS, PROFILES } from './info-json.ts';
import { negotiate } from './negotiate.ts';
import { resolveRegion, resolveSize } from './resolve.ts';

export const iiif: Protocol = { answer };

/** Everything about one request that its answers need. */
interface Exchange {
  readonly target: Target;
  readonly request: Request;
  readonly context: ProtocolContext;
}

function answer(target: Target, request: Request, context: ProtocolContext): Awaitable<Answer> {
  const segments = target.argument.split('/');
  const exchange: Exchange = { target, request, context };
  if (segments.at(-1) === 'info.json') return answerInfo(segments.slice(0, -1).join('/'), exchange);
  if (segments.length < 5) return answerBase(target.argument, exchange);
  return answerImage(segments.slice(0, -4).join('/'), segments.slice(-4), exchange);
}

/** The public URI of the image: X-IIIF-ID, else BASE_URL or host + what the client sent. */
function idOf(identifier: string, { target, request, context }: Exchange): string {
  if (request.iiifId !== '') return request.iiifId;
  return publicUrl(identifier, { base: target.base, request, baseUrl: context.config.baseUrl });
}

/** The base URI redirects to info.json (3.0, 2.2) when there is such an image. */
function answerBase(identifier: string, exchange: Exchange): Awaitable<Answer> {
  if (identifier === '') throw new ServerError('bad-request', 'no image was named');
  return after(findPage(percentDecode(identifier), exchange.context), () => ({
    kind: 'redirect',
    location: uriForHeader(`${idOf(identifier, exchange)}/info.json`),
  }));
}

function answerInfo(identifier: string, exchange: Exchange): Awaitable<Answer> {
  return after(findPage(percentDecode(identifier), exchange.context), ({ image }) =>
    info(image, identifier, exchange),
  );
}

function info(image: FoundImage, identifier: string, exchange: Exchange): Answer {
  const { request, context } = exchange;
  const { config } = context;
  const { version, contentType, isChosen } = negotiate(request.accept, config.iiifVersion);
  const document = infoDocument(image.info, version, {
    id: idOf(identifier, exchange),
    maxSide: config.maxOutputSide,
    allowUpscaling: config.allowUpscaling,
    hasExtraQualities: config.iiifExtensions,
    copyright: config.copyright,
    extra: config.iiifExtraInfo,
  });
  const links = [`<${PROFILES[version]}>;rel="profile"`];
  if (contentType === 'application/json') {
    links.push(
      `<${CONTEXTS[version]}>;rel="http://www.w3.org/ns/json-ld#context";type="application/ld+json"`,
    );
  }
  const headers: readonly Header[] = [['Link', links.join(', ')], ['Vary', 'Accept']]; // prettier-ignore
  const cacheControl = isChosen ? { cacheControl: 'private' } : {};
  return {
    kind: 'document',
    contentType,
    text: JSON.stringify(document, null, 2),
    image,
    headers,
    ...cacheControl,
  };
}

function answerImage(identifier: string, parts: readonly string[], exchange: Exchange): Awaitable<Answer> {
  const { context, target } = exchange;
  let request: ImageRequest;
  try {
    request = parseImageRequest(parts.map(percentDecode), {
      hasExtraQualities: context.config.iiifExtensions,
    });
  } catch (thrown) {
    // A base URI whose identifier has unencoded slashes looks like a malformed image request.
    return after(exists(target.argument, context), (isThere) => {
      if (isThere) return answerBase(target.argument, exchange);
      throw thrown;
    });
  }
  return after(findPage(percentDecode(identifier), context), (found) =>
    picture(found, request, { identifier, exchange }),
  );
}

function exists(identifier: string, context: ProtocolContext): Awaitable<boolean> {
  return rescued(
    () => after(findPage(percentDecode(identifier), context), () => true),
    (thrown) => {
      if (thrown instanceof ServerError && thrown.kind === 'not-found') return false;
      throw thrown;
    },
  );
}

function picture(
  { image, page }: FoundPage,
  request: ImageRequest,
  { identifier, exchange }: { readonly identifier: string; readonly exchange: Exchange },
): Answer {
  const { config } = exchange.context;
  const full = fullSize(image.info);
  const region = resolveRegion(request.region, full);
  const version = config.iiifVersion;
  const rules = { version, allowUpscaling: config.allowUpscaling, maxSide: config.maxOutputSide };
  const output = resolveSize(request.size, region, rules);
  const plan = planRegion(wishFor(image, page, request, exchange.context), region, output, config);
  const path = canonicalPath(request, { version, full, region, output, maxSide: config.maxOutputSide });
  const canonical = uriForHeader(`${idOf(identifier, exchange)}/${path}`);
  const headers: readonly Header[] = [
    ['Link', `<${canonical}>;rel="canonical", <${PROFILES[version]}>;rel="profile"`],
  ];
  if (isTilePlan(plan)) return { kind: 'picture', plan, image, headers };
  const fileName = `${image.stem}_${output.width}x${output.height}.${extensionOf(request.format)}`;
  return { kind: 'picture', plan, image, headers, fileName };
}

function wishFor(image: FoundImage, page: number, request: ImageRequest, context: ProtocolContext) {
  const layers = wantedLayers(image.info, context.config.maxLayers, undefined);
  return {
    info: image.info,
    source: planSource(image.source, page),
    encoding: encodingFor(request.format, context.config),
    isQualityAsked: false,
    processing: processingFor(request),
    ...(layers === undefined ? {} : { layers }),
  };
}

const QUALITY_PROCESSING: Readonly<Record<Quality, Partial<Processing>>> = {
  default: {},
  color: {},
  native: {},
  gray: { color: 'gray' },
  grey: { color: 'gray' },
  bitonal: { color: 'binary' },
  negative: { invert: true },
  stretch: { contrast: { kind: 'stretch' } },
  equalization: { contrast: { kind: 'equalize' } },
  log: { curve: { kind: 'logarithm' } },
};

/** The last ones: what is made of equal ones is found by them. */
const processings = new LRUCache<string, Processing>({ max: 32 });

function processingFor({ quality, rotation }: ImageRequest): Processing {
  const { isMirrored: mirror, degrees } = rotation;
  const key = `${quality}${mirror ? '!' : ':'}${degrees}`;
  let processing = processings.get(key);
  if (processing === undefined) {
    processing = { ...NO_PROCESSING, ...QUALITY_PROCESSING[quality], mirror, rotation: degrees };
    processings.set(key, processing);
  }
  return processing;
}
