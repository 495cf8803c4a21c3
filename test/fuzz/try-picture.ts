/** Opens a picture and reads it in every way that a server does: facts, tile, region, stored tile, samples. */
import { defaultConfig } from '../../src/config/read-config.ts';
import type { OutputFormat } from '../../src/encode/encoder.ts';
import { ServerError } from '../../src/errors.ts';
import { levelOf, tileWindow } from '../../src/geometry.ts';
import { infoOfPage, type ImageInfo } from '../../src/image/info.ts';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import type { Raster, Rectangle } from '../../src/image/raster.ts';
import type { ImageReader } from '../../src/image/reader.ts';
import { executePlan } from '../../src/render/execute.ts';
import { planRegion, planTile, type PictureWish } from '../../src/render/plan-picture.ts';
import type { Plan } from '../../src/render/plan.ts';
import { readSamples } from '../../src/render/samples.ts';
import { NO_PROCESSING } from '../../src/render/steps.ts';
import { SECRETS } from '../hostile/answers.ts';

const config = defaultConfig({ cpus: 1 });
const cancellation = { throwIfAborted: (): void => {} };
const MAX_PAGES = 3;

/** What was wrong, undefined when nothing was. Refusals are right. */
export async function tryPicture(bytes: Uint8Array): Promise<string | undefined> {
  let reader: ImageReader;
  try {
    reader = await openImage(memorySource(bytes));
  } catch (error) {
    return faultOf(error, 'open');
  }
  try {
    return await readAll(reader);
  } finally {
    reader.close();
  }
}

async function readAll(reader: ImageReader): Promise<string | undefined> {
  const fault = faultOfInfo(reader.info);
  if (fault !== undefined) return fault;
  for (let page = 0; page < Math.min(MAX_PAGES, reader.info.pages.length); page++) {
    const info = infoOfPage(reader.info, page);
    const levels = new Set([0, Math.floor(info.levels.length / 2), info.levels.length - 1]);
    for (const level of levels) {
      for (const [what, work] of worksOf(reader, page, level)) {
        const found = await work().catch((error: unknown) => faultOf(error, `${what}, level ${level}`));
        if (typeof found === 'string') return found;
      }
    }
  }
  return undefined;
}

type Work = readonly [what: string, work: () => Promise<string | undefined>];

function worksOf(reader: ImageReader, page: number, level: number): readonly Work[] {
  const info = infoOfPage(reader.info, page);
  const found = levelOf(info, level);
  const last = {
    column: Math.ceil(found.width / found.tileWidth) - 1,
    row: Math.ceil(found.height / found.tileHeight) - 1,
  };
  const tile = tileWindow(found, last);
  const small: Rectangle = { ...tile, width: Math.min(tile.width, 256), height: Math.min(tile.height, 256) };
  const plan = (made: Plan) => (made.kind === 'copy' ? made.otherwise : made);
  const full = { x: 0, y: 0, width: info.levels[0]!.width, height: info.levels[0]!.height };
  const source = { ...PLAN_SOURCE, page };
  return [
    [
      'window',
      async () => faultOfRaster(await reader.readWindow({ page, level, window: small }), small, info),
    ],
    ['stored tile', async () => void (await reader.readEncodedTile({ page, level, column: 0, row: 0 }))],
    [
      'tile',
      async () => {
        const made = plan(planTile(wish(info, page, 'jpeg'), level, { column: 0, row: 0 }, config));
        const isSmall = made.window.width * made.window.height <= 2 ** 22;
        return void (isSmall && (await executePlan(made, { reader, cancellation })));
      },
    ],
    [
      'region',
      async () => {
        if (level !== 0) return;
        const output = {
          width: 64,
          height: Math.max(1, Math.min(64, Math.round((64 * full.height) / full.width))),
        };
        const made = plan(planRegion(wish(info, page, 'png'), full, output, config));
        if (made.window.width * made.window.height <= 2 ** 22)
          await executePlan(made, { reader, cancellation });
      },
    ],
    [
      'profile',
      async () => {
        const line = { x: 0, y: found.height - 1, width: Math.min(found.width, 4096), height: 1 };
        const sources = [{ ...source, name: '', scale: 1 }];
        await readSamples({ level, window: line, sources }, () => Promise.resolve(reader), { cancellation });
      },
    ],
  ] as readonly Work[];
}

const PLAN_SOURCE = { path: 'memory', identity: { size: 1, mtimeMs: 0, inode: 1 } };

function wish(info: ImageInfo, page: number, format: OutputFormat & ('jpeg' | 'png')): PictureWish {
  const encoding = format === 'jpeg' ? { format, quality: 75 } : { format, level: 1 };
  return {
    info,
    source: { ...PLAN_SOURCE, page },
    encoding: encoding,
    isQualityAsked: false,
    processing: NO_PROCESSING,
  };
}

function faultOfInfo(info: ImageInfo): string | undefined {
  for (let page = 0; page < Math.min(MAX_PAGES, info.pages.length); page++) {
    const { levels, bands, bitsPerSample } = infoOfPage(info, page);
    const numbers = levels.flatMap(({ width, height, tileWidth, tileHeight }) => [
      width,
      height,
      tileWidth,
      tileHeight,
    ]);
    const isWhole = [...numbers, bands, bitsPerSample].every((value) => Number.isInteger(value) && value > 0);
    if (levels.length === 0 || !isWhole)
      return `facts that make no sense: ${numbers.join(' ')}, ${bands} bands of ${bitsPerSample} bits`;
  }
  return undefined;
}

function faultOfRaster(raster: Raster, window: Rectangle, info: ImageInfo): string | undefined {
  const { width, height, bands, data } = raster;
  const isRight = width === window.width && height === window.height && bands === info.bands;
  if (!isRight)
    return `a raster of ${width} × ${height} × ${bands} for ${window.width} × ${window.height} × ${info.bands}`;
  return data.length === width * height * bands ? undefined : `a raster of ${data.length} samples`;
}

/** An error that says whose fault it is, and tells nothing about the machine, is an answer. */
function faultOf(error: unknown, what: string): string | undefined {
  if (!(error instanceof ServerError))
    return `${what}: ${error instanceof Error ? error.stack : String(error)}`;
  if (error.kind === 'internal')
    return `${what}: ${error.stack} ${JSON.stringify(error.facts)} ${String(error.cause)}`;
  const secret = SECRETS.find((text) => error.message.includes(text));
  return secret === undefined ? undefined : `${what}: the message tells ${secret}: ${error.message}`;
}
