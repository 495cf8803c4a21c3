/** From the words of an image request to pixels: which region, and how large (IIIF Image API 3.0, 4.1 and 4.2). */
import { ServerError } from '../../errors.ts';
import { fitInside, limitSide, roundSize } from '../../geometry.ts';
import type { Rectangle, Size } from '../../image/raster.ts';
import type { RegionParameter, SizeParameter } from './image-request.ts';

/**
 * The region in whole full-size pixels, cropped at the image's edge.
 *
 * @throws {ServerError} `bad-request` for a region wholly outside the image.
 */
export function resolveRegion(region: RegionParameter, full: Size): Rectangle {
  if (region.kind === 'full') return { x: 0, y: 0, width: full.width, height: full.height };
  if (region.kind === 'square') return centeredSquare(full);
  const asked = region.kind === 'percent' ? fromPercent(region, full) : region;
  if (asked.x >= full.width || asked.y >= full.height) {
    throw new ServerError('bad-request', 'the region lies outside the image');
  }
  return {
    x: asked.x,
    y: asked.y,
    width: Math.min(asked.width, full.width - asked.x),
    height: Math.min(asked.height, full.height - asked.y),
  };
}

function centeredSquare(full: Size): Rectangle {
  const side = Math.min(full.width, full.height);
  return {
    x: Math.floor((full.width - side) / 2),
    y: Math.floor((full.height - side) / 2),
    width: side,
    height: side,
  };
}

function fromPercent(region: Rectangle, full: Size): Rectangle {
  return {
    x: startInside((region.x * full.width) / 100, full.width),
    y: startInside((region.y * full.height) / 100, full.height),
    width: Math.max(1, Math.round((region.width * full.width) / 100)),
    height: Math.max(1, Math.round((region.height * full.height) / 100)),
  };
}

/** Rounding alone does not push a region out of the image. */
function startInside(start: number, length: number): number {
  return start < length ? Math.min(Math.round(start), length - 1) : Math.ceil(start);
}

export interface SizeRules {
  /** In version 3 only `^` may enlarge; before, every size may. */
  readonly version: 1 | 2 | 3;
  readonly allowUpscaling: boolean;
  /** Pixels; `Infinity` without limit. */
  readonly maxSide: number;
}

/**
 * The size of the output before rotation.
 *
 * `^max` is `max`: enlarging every picture to the server's limit serves nobody. `!w,h` without `^` gives the
 * largest picture that fits without enlarging.
 *
 * @throws {ServerError} `bad-request` for a size that is too large, or larger than the region where that is not
 * asked for; `unsupported` when upscaling is turned off.
 */
export function resolveSize(size: SizeParameter, region: Size, rules: SizeRules): Size {
  const wanted = wantedSize(size, region, rules);
  const isEnlarged = wanted.width > region.width || wanted.height > region.height;
  if (isEnlarged && rules.version === 3 && !size.mayEnlarge) {
    throw new ServerError('bad-request', 'the size is larger than the region; ^ asks for upscaling');
  }
  if (isEnlarged && !rules.allowUpscaling)
    throw new ServerError('unsupported', 'this server does not upscale');
  if (Math.max(wanted.width, wanted.height) > rules.maxSide) {
    throw new ServerError('bad-request', 'the size is over the limits that info.json states');
  }
  return wanted;
}

function wantedSize(size: SizeParameter, region: Size, rules: SizeRules): Size {
  switch (size.kind) {
    case 'max':
      return limitSide(roundSize(region), region, rules.maxSide);
    case 'percent':
      return percentOf(region, size.percent);
    case 'width':
      return { width: size.width, height: atLeastOne((size.width * region.height) / region.width) };
    case 'height':
      return { width: atLeastOne((size.height * region.width) / region.height), height: size.height };
    case 'exact':
      return { width: size.width, height: size.height };
    case 'inside':
      return fitInside(region, boxOf(size, region, rules));
  }
}

const atLeastOne = (value: number): number => Math.max(1, Math.round(value));

function percentOf(region: Size, percent: number): Size {
  const width = Math.round((region.width * percent) / 100);
  const height = Math.round((region.height * percent) / 100);
  if (width < 1 || height < 1) throw new ServerError('bad-request', 'the size is less than one pixel');
  return { width, height };
}

/** The box of `!w,h` within the server's limit and, where enlarging is not asked for, within the region. */
function boxOf(size: Size & { readonly mayEnlarge: boolean }, region: Size, rules: SizeRules): Size {
  const staysInside = !size.mayEnlarge && rules.version === 3;
  const limit = (side: number, regionSide: number): number =>
    Math.min(
      side,
      rules.maxSide,
      staysInside || !(rules.allowUpscaling || size.mayEnlarge) ? regionSide : Infinity,
    );
  return { width: limit(size.width, region.width), height: limit(size.height, region.height) };
}
