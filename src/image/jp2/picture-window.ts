/** Windows of a picture, in its pixels and in the samples of its components, at any reduction. */
import { coarser, type Canvas, type ComponentSize } from './codestream/canvas.ts';
import type { Bounds } from './core/types.ts';
import type { PictureWindow } from './picture/paint.ts';

export interface WindowWish {
  /** Pixels of the picture at this reduction, from the canvas's origin. */
  readonly window: PictureWindow;
  /** Halvings of the full size; no component has fewer levels in the main header. */
  readonly reduction: number;
  readonly layers: number;
  /** Whether damage is an error (KAKADU_READMODE 1) or shown as far as it can be. */
  readonly isStrict: boolean;
}

/** Pixels are as far apart as the samples of the finest component. */
export function pixelStep({ components }: Canvas): { readonly dx: number; readonly dy: number } {
  const least = (steps: readonly number[]): number => steps.reduce((a, b) => Math.min(a, b));
  return { dx: least(components.map(({ dx }) => dx)), dy: least(components.map(({ dy }) => dy)) };
}

/** The picture's pixels at a reduction. */
export function pictureBounds(canvas: Canvas, reduction: number): PictureWindow {
  const { dx, dy } = pixelStep(canvas);
  return { ...coarser(canvas, dx * 2 ** reduction, dy * 2 ** reduction), dx, dy };
}

/** The part of a component that a window shows, inside the component. */
export function componentWindow(
  canvas: Canvas,
  { dx, dy }: ComponentSize,
  { window, reduction }: WindowWish,
): Bounds {
  const all = coarser(canvas, dx * 2 ** reduction, dy * 2 ** reduction);
  const within = (sample: number, first: number, end: number): number =>
    Math.min(Math.max(sample, first), end - 1);
  return {
    x0: within(Math.floor((window.x0 * window.dx) / dx), all.x0, all.x1),
    y0: within(Math.floor((window.y0 * window.dy) / dy), all.y0, all.y1),
    x1: within(Math.floor(((window.x1 - 1) * window.dx) / dx), all.x0, all.x1) + 1,
    y1: within(Math.floor(((window.y1 - 1) * window.dy) / dy), all.y0, all.y1) + 1,
  };
}
