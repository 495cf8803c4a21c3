/** Which protocol answers a request, and with what argument (BEHAVIOUR 3). */
import type { Awaitable } from '../awaitable.ts';
import { matchUri } from '../config/uri-map.ts';
import type { ProtocolName } from '../config/config.ts';
import type { Request } from '../server/request.ts';
import { answerQuery, iip } from './iip/answer.ts';
import { iiif } from './iiif/answer.ts';
import { deepZoom } from './deepzoom.ts';
import { homePage } from './home-page.ts';
import type { Answer, Protocol, ProtocolContext } from './protocol.ts';
import { zoomify } from './zoomify.ts';

const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  IIP: iip,
  IIIF: iiif,
  DeepZoom: deepZoom,
  Zoomify: zoomify,
};

/** Protocols that can be called without any map, as the name of a command: `?IIIF=…`. */
const COMMAND_PROTOCOLS = /^(IIIF|DeepZoom|Zoomify)$/i;

/**
 * Finds the protocol and lets it answer: URI_MAP first, then the query string, then the body of a POST.
 *
 * @throws {ServerError} as the protocols do.
 */
export function route(request: Request, context: ProtocolContext): Awaitable<Answer> {
  const mapped = matchUri(context.config.uriMap, request.uri);
  if (mapped !== undefined) {
    const path = request.uri.split('?', 1)[0] ?? '';
    const base = path.slice(0, path.length - mapped.argument.length);
    return PROTOCOLS[mapped.protocol].answer({ argument: mapped.argument, base }, request, context);
  }
  const query =
    request.query === '' && request.method === 'POST'
      ? Buffer.from(request.body).toString('utf8').trim()
      : request.query;
  if (query === '') return homePage(context);
  const named = protocolCommand(query, request);
  if (named !== undefined) return named.protocol.answer(named.target, request, context);
  return answerQuery(query, context);
}

/** The first command of the query string that names a protocol. */
function protocolCommand(query: string, request: Request) {
  let start = 0;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = COMMAND_PROTOCOLS.exec(pair.slice(0, Math.max(equals, 0)))?.[1]?.toLowerCase();
    if (name !== undefined && equals < pair.length - 1) {
      const protocol = name === 'iiif' ? iiif : name === 'deepzoom' ? deepZoom : zoomify;
      const path = request.uri.split('?', 1)[0] ?? '';
      const base = `${path}?${query.slice(start, start + equals + 1)}`;
      return { protocol, target: { argument: pair.slice(equals + 1), base } };
    }
    start += pair.length + 1;
  }
  return undefined;
}
