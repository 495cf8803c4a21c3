/** From what a protocol wants (this tile; this region at this size) to a plan. */
import type { Encoding } from '../encode/encoder.ts';
import {
  levelForOutput,
  levelOf,
  levelScale,
  tileAtWindow,
  tileWindow,
  windowAtLevel,
  type TilePosition,
} from '../geometry.ts';
import type { ImageInfo, Resolution } from '../image/info.ts';
import type { Rectangle, Size } from '../image/raster.ts';
import type { Interpolation } from '../processing/resample-taps.ts';
import { ServerError } from '../errors.ts';
import type { EmbedPlan, Plan, PlanSource, RenderPlan } from './plan.ts';
import type { WatermarkBlend } from '../processing/watermark.ts';
import { requestBytes } from './cost.ts';
import { seedOf, sequenceOf } from './stamp-mark.ts';
import { dropsProfile, isBroughtToSrgb, knownSteps } from './order-steps.ts';
import { type Depth, type Processing, type Step } from './steps.ts';

/** The settings that plans depend on; a part of `Config`. */
export interface PlanSettings {
  readonly interpolation: Interpolation;
  readonly codecPassthrough: boolean;
  readonly maxIccBytes: number;
  readonly copyright: string;
  /** Path of the mark that is drawn on pictures; empty: none. */
  readonly watermark: string;
  readonly watermarkProbability: number;
  readonly watermarkOpacity: number;
  readonly watermarkBlend: WatermarkBlend;
  /** Bytes that one picture may take while it is made. */
  readonly maxRequestBytes: number;
  readonly colorManagement?: 'embed' | 'srgb';
}

/** What a protocol wants of an image, without saying of which part. */
export interface PictureWish {
  readonly info: ImageInfo;
  readonly source: PlanSource;
  readonly encoding: Encoding;
  /** Whether the client named a quality: then a stored tile is not sent as it is. */
  readonly isQualityAsked: boolean;
  readonly processing: Processing;
  readonly layers?: number;
  /** Bits of a sample of the output; 16 only for formats and sources that have them. */
  readonly depth?: Depth;
}

/** Samples that one window may hold; more is refused before anything is allocated. */
export const MAX_WINDOW_SAMPLES = 2 ** 28;

/** Plans one tile of one level; it is sent as stored where that gives the same picture. */
export function planTile(wish: PictureWish, level: number, tile: TilePosition, settings: PlanSettings): Plan {
  const window = tileWindow(levelOf(wish.info, level), tile);
  const scale = levelScale(wish.info, level);
  const embed: EmbedPlan = {
    icc: keepsProfile(wish, settings),
    xmp: false,
    exif: false,
    metadata: false,
    ...resolutionAt(wish.info, { x: 1 / scale.x, y: 1 / scale.y }),
  };
  const plan = renderPlan(wish, { level, window, output: window, settings }, embed);
  if (!isCopyable(wish, plan, settings)) return plan;
  return { kind: 'copy', ...tile, otherwise: plan };
}

/**
 * Plans a region (full-size pixels, fractions allowed) at an output size. One that is exactly a stored tile is
 * planned as that tile, so that all protocols share its cache entry.
 *
 * @throws {ServerError} `too-large` when the pixels to decode are more than a request may cost.
 */
export function planRegion(wish: PictureWish, region: Rectangle, output: Size, settings: PlanSettings): Plan {
  const level = levelForOutput(wish.info, region, output);
  const window = windowAtLevel(wish.info, level, region);
  if (window.width === output.width && window.height === output.height) {
    const tile = tileAtWindow(levelOf(wish.info, level), window);
    if (tile !== undefined) return planTile(wish, level, tile, settings);
  }
  checkCost(wish, { level, window, output, settings });
  const embed = exportEmbed(wish, region, output, settings);
  return renderPlan(wish, { level, window, output, settings }, embed);
}

/** Whether a region's plan turned out to be a plain tile. */
export function isTilePlan(plan: Plan): boolean {
  return plan.kind === 'copy' || !plan.embed.metadata;
}

interface Frame {
  readonly level: number;
  readonly window: Rectangle;
  readonly output: Size;
  readonly settings: PlanSettings;
}

function renderPlan(wish: PictureWish, frame: Frame, embed: EmbedPlan): RenderPlan {
  const { level, window, output } = frame;
  const steps = knownSteps(wish.processing, {
    info: wish.info,
    window,
    output,
    interpolation: frame.settings.interpolation,
    format: wish.encoding.format,
    depth: wish.depth ?? 8,
    colorManagement: frame.settings.colorManagement ?? 'embed',
  });
  const marks = markSteps(wish, frame);
  const layers = wish.layers === undefined ? {} : { layers: wish.layers };
  return {
    kind: 'render',
    source: wish.source,
    level,
    window,
    ...layers,
    steps: marks.length === 0 ? steps : [...steps, ...marks],
    encoding: wish.encoding,
    embed,
  };
}

/** The mark: with the configured probability, on a large picture once in every block of twice the tile size. */
function markSteps(wish: PictureWish, { level, window, output, settings }: Frame): readonly Step[] {
  if (settings.watermark === '') return [];
  const seed = seedOf(
    `${wish.source.path} ${level} ${window.x} ${window.y} ${window.width} ${window.height}`,
  );
  if (sequenceOf(seed)() >= settings.watermarkProbability) return [];
  const { tileWidth, tileHeight } = levelOf(wish.info, level);
  const block = { width: 2 * tileWidth, height: 2 * tileHeight };
  const isLarge = output.width > block.width || output.height > block.height;
  const { watermarkOpacity: opacity, watermarkBlend: blend } = settings;
  return [{ kind: 'watermark', seed, ...(isLarge ? { block } : {}), opacity, blend }];
}

function checkCost(
  { info, encoding, depth = 8 }: PictureWish,
  { level, window, output, settings }: Frame,
): void {
  const samples = window.width * window.height * info.bands;
  const bytes = requestBytes(info, { level, window, output, depth, format: encoding.format });
  if (samples <= MAX_WINDOW_SAMPLES && bytes <= settings.maxRequestBytes) return;
  throw new ServerError('too-large', 'this picture takes more than the server spends on one answer', {
    facts: { samples, bytes, level },
  });
}

function keepsProfile(wish: PictureWish, settings: PlanSettings): boolean {
  const icc = wish.info.icc;
  const isPicture = wish.info.colorSpace !== 'cielab' && wish.info.colorSpace !== 'cmyk';
  if (isBroughtToSrgb(wish.info, settings.colorManagement)) return false;
  return (
    icc !== undefined && icc.length < settings.maxIccBytes && isPicture && !dropsProfile(wish.processing)
  );
}

function exportEmbed(wish: PictureWish, region: Rectangle, output: Size, settings: PlanSettings): EmbedPlan {
  return {
    icc: keepsProfile(wish, settings),
    xmp: wish.info.metadata.xmp !== undefined,
    exif: wish.info.exif !== undefined,
    metadata: true,
    ...(settings.copyright === '' ? {} : { rights: settings.copyright }),
    ...resolutionAt(wish.info, { x: output.width / region.width, y: output.height / region.height }),
  };
}

function resolutionAt(info: ImageInfo, factor: { x: number; y: number }): { resolution?: Resolution } {
  if (info.resolution === undefined) return {};
  const { x, y, unit } = info.resolution;
  return { resolution: { x: x * factor.x, y: y * factor.y, unit } };
}

function isCopyable(wish: PictureWish, plan: RenderPlan, settings: PlanSettings): boolean {
  const level = levelOf(wish.info, plan.level);
  return (
    settings.codecPassthrough &&
    !wish.isQualityAsked &&
    plan.steps.length === 0 &&
    level.storedEncoding === wish.encoding.format &&
    plan.window.width === level.tileWidth &&
    plan.window.height === level.tileHeight
  );
}
