/** From an answer to what its headers say: type, version, name for saving, tags for caches. */
import { contentTypeOf } from './encode/formats.ts';
import type { Answer } from './protocols/protocol.ts';
import { planHash, planKey, type Plan } from './render/plan.ts';
import { cacheTagHeaders } from './server/cache-tags.ts';
import { isNotModified } from './server/conditional.ts';
import { etagFor, etagOf } from './server/etag.ts';
import type { Representation } from './server/headers.ts';
import type { Request } from './server/request.ts';
import type { Header } from './server/response.ts';

/** An answer with a body. */
export type Sendable = Exclude<Answer, { readonly kind: 'redirect' }>;

/** What the headers of an answer say of it. */
export function representationOf(answer: Sendable, request: Request, hasTags: boolean): Representation {
  const { image, cacheControl } = answer;
  return {
    contentType: contentTypeFor(answer),
    ...(image === undefined ? {} : { lastModifiedMs: image.source.identity.mtimeMs, etag: tagOf(answer) }),
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

const tagOf = (answer: Sendable): string =>
  answer.kind === 'picture' ? etagOf(planHash(answer.plan)) : etagFor(matterOf(answer));

/** Whatever determines the bytes: the plan with the file's identity, or the text itself. */
function matterOf(answer: Exclude<Sendable, { readonly kind: 'picture' }>): string {
  switch (answer.kind) {
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

/** Whether the client has it already. */
export function isUnchanged({ lastModifiedMs, etag }: Representation, request: Request): boolean {
  return (
    lastModifiedMs !== undefined &&
    isNotModified(request, { mtimeMs: lastModifiedMs, ...(etag === undefined ? {} : { etag }) })
  );
}
