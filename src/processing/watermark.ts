/** Drawing a small picture over a raster. */
import type { Rectangle, Size } from '../image/raster.ts';
import { eightBitRaster, type ByteRaster } from './rasters.ts';

/** `add`: its light is added; `over`: it covers what is under it. */
export type WatermarkBlend = 'add' | 'over';

export interface Watermark {
  /** Gray, gray and alpha, RGB, or RGB and alpha; alpha is not multiplied into the colors. */
  readonly picture: ByteRaster;
  /** 0 to 1. */
  readonly opacity: number;
  readonly blend: WatermarkBlend;
}

/** Pixels from the raster's upper left corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * The raster with the mark's upper left corner at each of `places`, cropped by the edges.
 *
 * `add` is clip(sample + mark * opacity * alpha), `over` is sample + (mark - sample) * opacity * alpha. A color mark
 * goes with its luma into a gray raster, a gray mark into all colors. Alpha of the raster (the second band of two, the
 * fourth of four) and bands after the third stay. (BEHAVIOUR 9)
 */
export function watermark(raster: ByteRaster, mark: Watermark, places: readonly Place[]): ByteRaster {
  const result = eightBitRaster(raster, raster.bands, new Uint8Array(raster.data));
  const ink = inkOf(mark, raster.bands < 3 ? 1 : 3);
  for (const place of places) draw(result, mark.picture, ink, place);
  return result;
}

/** The squares of a grid in which a mark is drawn once each; those at the right and lower edge are what is left. */
export function watermarkBlocks(size: Size, block: Size): Rectangle[] {
  const blocks: Rectangle[] = [];
  for (let y = 0; y < size.height; y += block.height) {
    for (let x = 0; x < size.width; x += block.width) {
      const width = Math.min(block.width, size.width - x);
      blocks.push({ x, y, width, height: Math.min(block.height, size.height - y) });
    }
  }
  return blocks;
}

/**
 * Where in an area a mark is put: anywhere that it fits, at the area's corner when it is larger.
 *
 * @param chance two numbers from 0 to below 1.
 */
export function placeInside(area: Rectangle, mark: Size, chance: readonly [number, number]): Place {
  const along = (room: number, share: number): number => Math.floor(Math.max(0, room + 1) * share);
  return {
    x: area.x + along(area.width - mark.width, chance[0]),
    y: area.y + along(area.height - mark.height, chance[1]),
  };
}

/** What a mark does to the samples under it: sample * keep + add, `colors` of each for a pixel of the mark. */
interface Ink {
  readonly colors: number;
  readonly keep: Float32Array;
  readonly add: Float32Array;
}

function inkOf({ picture, opacity, blend }: Watermark, colors: 1 | 3): Ink {
  const { bands, data } = picture;
  const pixels = picture.width * picture.height;
  const hasAlpha = bands === 2 || bands === 4;
  const keep = new Float32Array(pixels * colors).fill(1);
  const add = new Float32Array(pixels * colors);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const first = pixel * bands;
    const strength = hasAlpha ? (opacity * data[first + bands - 1]!) / 255 : opacity;
    for (let color = 0; color < colors; color++) {
      add[pixel * colors + color] = strength * markLevel(picture, first, colors === 1 ? 'luma' : color);
    }
    if (blend === 'over') keep.fill(1 - strength, pixel * colors, (pixel + 1) * colors);
  }
  return { colors, keep, add };
}

function markLevel({ bands, data }: ByteRaster, first: number, color: number | 'luma'): number {
  if (bands < 3) return data[first]!;
  if (color !== 'luma') return data[first + color]!;
  return 0.299 * data[first]! + 0.587 * data[first + 1]! + 0.114 * data[first + 2]!;
}

function draw(canvas: ByteRaster, mark: Size, { colors, keep, add }: Ink, place: Place): void {
  const { width, height, bands, data } = canvas;
  const left = Math.max(0, -place.x);
  const right = Math.min(mark.width, width - place.x);
  const bottom = Math.min(mark.height, height - place.y);
  for (let row = Math.max(0, -place.y); row < bottom; row++) {
    let out = ((place.y + row) * width + place.x + left) * bands;
    for (let column = left, i = (row * mark.width + left) * colors; column < right; column++, out += bands) {
      for (let color = 0; color < colors; color++, i++) {
        data[out + color] = Math.min(255, data[out + color]! * keep[i]! + add[i]! + 0.5);
      }
    }
  }
}
