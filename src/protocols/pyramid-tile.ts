/** Tiles of protocols that halve the image by rule (DeepZoom, Zoomify), whatever levels the file has. */
import type { OutputFormat } from '../encode/encoder.ts';
import { ServerError } from '../errors.ts';
import { fullSize, levelScale, tileGrid } from '../geometry.ts';
import type { ImageInfo } from '../image/info.ts';
import type { Size } from '../image/raster.ts';
import { planRegion, planTile, type PictureWish, type PlanSettings } from '../render/plan-picture.ts';
import { planSource, type Plan } from '../render/plan.ts';
import { NO_PROCESSING } from '../render/steps.ts';
import { encodingFor } from './encodings.ts';
import type { FoundPage } from './find-page.ts';
import { wantedLayers } from './layers.ts';
import type { ProtocolContext } from './protocol.ts';

export interface PyramidTile {
  /** How many full-size pixels one pixel of the level covers: a power of two. */
  readonly factor: number;
  /** The level's size by the protocol's rule; may be a pixel larger than what the file stores. */
  readonly size: Size;
  readonly column: number;
  readonly row: number;
  readonly settings: PlanSettings;
}

/** The wish for an unprocessed picture of a protocol that has no options. */
export function wishFor(
  { image, page }: FoundPage,
  format: OutputFormat,
  context: ProtocolContext,
): PictureWish {
  const layers = wantedLayers(image.info, context.config.maxLayers, undefined);
  return {
    info: image.info,
    source: planSource(image.source, page),
    encoding: encodingFor(format, context.config),
    isQualityAsked: false,
    processing: NO_PROCESSING,
    ...(layers === undefined ? {} : { layers }),
  };
}

/**
 * The stored tile where the file has one there, else the same part of the picture rendered to the tile's size.
 *
 * @throws {ServerError} `not-found` outside the grid.
 */
export function planPyramidTile(wish: PictureWish, tile: PyramidTile): Plan {
  const { column, row, size, factor, settings } = tile;
  const { tileWidth, tileHeight, width, height } = fullSize(wish.info);
  const x = column * tileWidth;
  const y = row * tileHeight;
  if (x >= size.width || y >= size.height) throw new ServerError('not-found', 'the image has no such tile');
  const stored = storedLevel(wish.info, factor, tile);
  if (stored !== undefined) return planTile(wish, stored, { column, row }, settings);
  const output = {
    width: Math.min(tileWidth, size.width - x),
    height: Math.min(tileHeight, size.height - y),
  };
  const region = {
    x: x * factor,
    y: y * factor,
    width: Math.min(output.width * factor, width - x * factor),
    height: Math.min(output.height * factor, height - y * factor),
  };
  return planRegion(wish, region, output, settings);
}

/** The level of that scale, when it is tiled like the full size and has that tile. */
function storedLevel(info: ImageInfo, factor: number, tile: PyramidTile): number | undefined {
  const full = fullSize(info);
  const index = info.levels.findIndex((level, at) => {
    const grid = tileGrid(level);
    return (
      levelScale(info, at).x === factor &&
      level.tileWidth === full.tileWidth &&
      level.tileHeight === full.tileHeight &&
      tile.column < grid.columns &&
      tile.row < grid.rows
    );
  });
  return index < 0 ? undefined : index;
}
