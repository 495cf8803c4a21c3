/** Fits a meter and Server-Timing round a thread's app and its parts from outside; none of them knows. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { UriMapping } from '../config/config.ts';
import { matchUri } from '../config/uri-map.ts';
import type { Meter, MeteredProtocol, Stage } from '../metrics/meter.ts';
import type { ImageStore } from '../protocols/protocol.ts';
import type { PictureOrigin, Render } from '../render/picture.ts';
import type { Plan } from '../render/plan.ts';
import type { Request } from '../server/request.ts';
import type { Respond, Response } from '../server/response.ts';

/** Of one request. */
interface Timing {
  readonly ms: Partial<Record<Stage, number>>;
  cache?: string;
}

export interface WatchOptions {
  readonly meter: Meter;
  /** SERVER_TIMING: answers tell what took how long. */
  readonly tellsTiming: boolean;
  readonly uriMap: readonly UriMapping[];
  readonly now: () => number;
  /** Images whose facts are known. */
  readonly openImages: () => number;
}

/** A finished picture that needs no waiting for. */
type Peek = (plan: Plan) => Uint8Array | undefined;

/** As nginx writes it when a client left before the answer. */
const CLIENT_LEFT = 499;

export class Watch {
  readonly #options: WatchOptions;
  readonly #timings: AsyncLocalStorage<Timing> | undefined;
  /** Requests that are being answered. */
  #active = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    options.meter.set('threads', 1);
    this.#timings = options.tellsTiming ? new AsyncLocalStorage() : undefined;
  }

  images(store: ImageStore): ImageStore {
    const { now } = this.#options;
    return {
      forget: (path) => store.forget?.(path),
      find: async (name, view) => {
        const start = now();
        try {
          return await store.find(name, view);
        } finally {
          this.#note('open', now() - start);
        }
      },
    };
  }

  render(render: Render): Render {
    const { now } = this.#options;
    return async (plan, signal) => {
      const start = now();
      const picture = await render(plan, signal);
      this.#note('render', now() - start);
      this.#countPicture(picture.origin);
      return picture;
    };
  }

  /** Of a look into the tile cache that finds nothing, nothing is told: the picture is asked for in full then. */
  peek(peek: Peek): Peek {
    return (plan) => {
      const bytes = peek(plan);
      if (bytes !== undefined) this.#countPicture('hit');
      return bytes;
    };
  }

  respond(respond: Respond): Respond {
    const timings = this.#timings;
    const { now, meter } = this.#options;
    return (request, signal) => {
      const start = now();
      const timing: Timing = { ms: {} };
      meter.set('active', ++this.#active);
      const end = (response: Response): Response => {
        const ms = now() - start;
        this.#end(request, response, signal.aborted, ms);
        return timings === undefined ? response : withTiming(response, timing, ms);
      };
      const run = (): Promise<Response> | Response => respond(request, signal);
      const response = timings === undefined ? run() : timings.run(timing, run);
      return response instanceof Promise ? response.then(end) : end(response);
    };
  }

  /** What is kept in memory is told anew. */
  tell(): void {
    this.#options.meter.set('openImages', this.#options.openImages());
  }

  #end(request: Request, response: Response, hasLeft: boolean, ms: number): void {
    const { meter, uriMap } = this.#options;
    const status = hasLeft ? CLIENT_LEFT : response.status;
    meter.countRequest(protocolOf(request, uriMap), status, response.body.length);
    meter.observe('request', ms);
    meter.set('active', --this.#active);
    this.tell();
  }

  #countPicture(origin: PictureOrigin): void {
    this.#options.meter.countPicture(origin);
    const timing = this.#timings?.getStore();
    if (timing !== undefined) timing.cache = origin;
  }

  #note(stage: Stage, ms: number): void {
    this.#options.meter.observe(stage, ms);
    const timing = this.#timings?.getStore();
    if (timing !== undefined) timing.ms[stage] = (timing.ms[stage] ?? 0) + ms;
  }
}

/** Which protocol a request is in, told from its address alone. */
export function protocolOf({ uri, query }: Request, uriMap: readonly UriMapping[]): MeteredProtocol {
  const mapped = uriMap.length === 0 ? undefined : matchUri(uriMap, uri);
  if (mapped !== undefined) return mapped.protocol;
  const [, name = ''] = /(?:^|&)(IIIF|DeepZoom|Zoomify|FIF|SDS)=/i.exec(query) ?? [];
  switch (name.toLowerCase()) {
    case 'iiif':
      return 'IIIF';
    case 'deepzoom':
      return 'DeepZoom';
    case 'zoomify':
      return 'Zoomify';
    case '':
      return 'other';
    default:
      return 'IIP';
  }
}

/** The header of the W3C's Server Timing. */
function withTiming(response: Response, { ms, cache }: Timing, wholeMs: number): Response {
  const parts = Object.entries({ ...ms, total: wholeMs }).map(
    ([name, value]) => `${name};dur=${value.toFixed(1)}`,
  );
  if (cache !== undefined) parts.unshift(`cache;desc="${cache}"`);
  return { ...response, headers: [...response.headers, ['Server-Timing', parts.join(', ')]] };
}
