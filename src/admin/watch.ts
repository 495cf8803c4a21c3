/** Fits a meter and Server-Timing round a thread's app and its parts from outside; none of them knows. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, type Awaitable } from '../awaitable.ts';
import type { UriMapping } from '../config/config.ts';
import { matchUri } from '../config/uri-map.ts';
import type { Meter, MeteredProtocol, Stage } from '../metrics/meter.ts';
import type { StageTimes } from '../metrics/stage-clock.ts';
import type { FoundImage, ImageStore } from '../protocols/protocol.ts';
import type { Picture, PictureOrigin, Render } from '../render/picture.ts';
import type { TaskDone } from '../render/messages.ts';
import type { Plan } from '../render/plan.ts';
import type { Request } from '../server/request.ts';
import type { Header, Respond, Response } from '../server/response.ts';
import { RequestTimes } from './server-timing.ts';

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

/** Finds by a key, keeps under it. */
export interface PictureCache<K, V extends Awaitable<Uint8Array | undefined>, P extends readonly string[]> {
  get(key: K): V;
  set(key: K, bytes: Uint8Array, ...place: P): void;
}

/** As nginx writes it when a client left before the answer. */
const CLIENT_LEFT = 499;

export class Watch {
  readonly #options: WatchOptions;
  readonly #timings: AsyncLocalStorage<RequestTimes> | undefined;
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
      find: (name, view) => {
        const start = now();
        const end = (): void => this.#note('open', now() - start);
        let found: Awaitable<FoundImage> | undefined;
        try {
          found = store.find(name, view);
        } finally {
          if (!(found instanceof Promise)) end();
        }
        return found instanceof Promise ? found.finally(end) : found;
      },
    };
  }

  render(render: Render): Render {
    const { now } = this.#options;
    return (plan, signal) => {
      const start = now();
      return after(render(plan, signal), (picture) => {
        this.#note('render', now() - start);
        this.#countPicture(picture.origin);
        return picture;
      });
    };
  }

  /** The innermost: what a picture took is told by the request that has it made, and by no other. */
  making(render: Render): Render {
    return (plan, signal) =>
      after(render(plan, signal), (picture) =>
        picture.stages === undefined ? picture : this.#takeStages(picture, picture.stages),
      );
  }

  /** What a task took beside pictures. */
  task(done: TaskDone): TaskDone['result'] {
    if (done.stages !== undefined) this.#noteStages(done.stages);
    return done.result;
  }

  /** A cache of pictures: what finding and keeping take is `cache`. */
  cache<K, V extends Awaitable<Uint8Array | undefined>, P extends readonly string[]>(
    cache: PictureCache<K, V, P>,
  ): PictureCache<K, V, P> {
    return {
      get: (key) => this.#timed('cache', () => cache.get(key)),
      set: (key, bytes, ...place) => this.#timed('cache', () => cache.set(key, bytes, ...place)),
    };
  }

  /** A look that finds nothing is not counted as a picture: it is asked for in full then. */
  peek(peek: Peek): Peek {
    return (plan) => {
      const bytes = this.#timed('cache', () => peek(plan));
      if (bytes !== undefined) this.#countPicture('hit');
      return bytes;
    };
  }

  respond(respond: Respond): Respond {
    const timings = this.#timings;
    const { now, meter } = this.#options;
    return (request, signal) => {
      const start = now();
      const times = timings && new RequestTimes();
      meter.set('active', ++this.#active);
      const end = (response: Response): Response => {
        const ms = now() - start;
        this.#end(request, response, signal.aborted, ms);
        return times === undefined ? response : withHeader(response, times.header(ms));
      };
      const run = (): Awaitable<Response> => respond(request, signal);
      const response = timings === undefined || times === undefined ? run() : timings.run(times, run);
      return after(response, end);
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
    if (timing !== undefined) timing.origin = origin;
  }

  #note(stage: Stage, ms: number): void {
    this.#options.meter.observe(stage, ms);
    this.#timings?.getStore()?.add(stage, ms);
  }

  #noteStages(times: StageTimes): void {
    this.#options.meter.observeStages(times);
    this.#timings?.getStore()?.addStages(times);
  }

  #takeStages({ bytes, origin }: Picture, stages: StageTimes): Picture {
    this.#noteStages(stages);
    return { bytes, origin };
  }

  #timed<T>(stage: Stage, work: () => T): T {
    const { now } = this.#options;
    const start = now();
    const result = work();
    const end = (): void => this.#note(stage, now() - start);
    if (result instanceof Promise) return result.finally(end) as T;
    end();
    return result;
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

const withHeader = (response: Response, header: Header): Response => ({
  ...response,
  headers: [...response.headers, header],
});
