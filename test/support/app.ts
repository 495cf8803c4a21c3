/** An app without files and threads: images are facts, pictures are texts that say which plan was asked for. */
import { createApp, type AppParts } from '../../src/app.ts';
import { defaultConfig } from '../../src/config/read-config.ts';
import type { Config } from '../../src/config/config.ts';
import { ServerError } from '../../src/errors.ts';
import type { ImageInfo } from '../../src/image/info.ts';
import type { FoundImage } from '../../src/protocols/protocol.ts';
import type { Plan } from '../../src/render/plan.ts';
import { makeRequest, type Request } from '../../src/server/request.ts';
import { headerValue, type Response } from '../../src/server/response.ts';
import { imageInfo } from './image-info.ts';
import { memoryLog } from './log.ts';

export const MTIME_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export interface AppOptions {
  readonly config?: Partial<Config>;
  /** Images by name; `a.tif` is there unless this is given. */
  readonly images?: Readonly<Record<string, ImageInfo>>;
  readonly parts?: Partial<AppParts>;
}

export interface TestApp {
  readonly respond: (request: Partial<Request>) => Promise<Response>;
  readonly get: (uri: string, request?: Partial<Request>) => Promise<Response>;
  /** Plans that were carried out. */
  readonly plans: readonly Plan[];
  readonly log: ReturnType<typeof memoryLog>;
}

export function testApp({
  config = {},
  images = { 'a.tif': imageInfo() },
  parts = {},
}: AppOptions = {}): TestApp {
  const plans: Plan[] = [];
  const log = memoryLog();
  const app = createApp(
    { ...defaultConfig({ cpus: 2 }), ...config },
    {
      images: { find: (name) => Promise.resolve().then(() => foundImage(images, name)) },
      render: (plan) => {
        plans.push(plan);
        return Promise.resolve({ bytes: Buffer.from(JSON.stringify(plan.kind)), origin: 'rendered' });
      },
      readSamples: ({ sources }) =>
        Promise.resolve(
          sources.map(({ name, scale }) => ({
            name,
            scale,
            bitsPerSample: 8,
            sampleFormat: 'uint' as const,
            values: [51],
          })),
        ),
      readStatistics: () => Promise.reject(new Error('not in this test')),
      log,
      version: '9.9.9',
      now: () => 0,
      ...parts,
    },
  );
  const respond = async (request: Partial<Request>): Promise<Response> =>
    app.respond(makeRequest({ host: 'example.org', ...request }), new AbortController().signal);
  return { respond, get: (uri, request) => respond({ uri, ...request }), plans, log };
}

function foundImage(images: Readonly<Record<string, ImageInfo>>, name: string): FoundImage {
  const info = Object.hasOwn(images, name) ? images[name] : undefined;
  if (info === undefined)
    throw new ServerError('not-found', 'image not found', { facts: { path: `/secret/${name}` } });
  const identity = { size: 1, mtimeMs: MTIME_MS, inode: 1 };
  return { info, source: { path: `/secret/${name}`, identity }, stem: name.replace(/\.\w+$/, '') };
}

export const textOf = (response: Response): string => Buffer.from(response.body).toString();
export const headerOf = (response: Response, name: string): string | undefined => headerValue(response, name);
