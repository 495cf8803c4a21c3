/** Which samples of each resolution and band a window of the result is made of (ISO/IEC 15444-1 Annex F, backwards). */
import type { Bounds } from './types.ts';

/** A tile-component as far as its geometry goes: resolutions lowest first. */
export interface ComponentGeometry {
  readonly isReversible: boolean;
  readonly resolutions: readonly Bounds[];
}

/** What is computed of one resolution. */
export interface LevelWindow {
  /** What is wanted of the resolution. */
  readonly wanted: Bounds;
  /** What is computed: with the margins that the filter needs, as far as the resolution has them. */
  readonly computed: Bounds;
  /** The parts of the bands that `computed` is made of: LL for the lowest resolution, else HL, LH, HH. */
  readonly bands: readonly Bounds[];
}

/** Samples on each side that one more resolution needs: half the length of the longer synthesis filter. */
const MARGIN = { reversible: 2, irreversible: 4 } as const;

/** The windows of all resolutions, lowest first, for `window` in the coordinates of the highest. */
export function levelWindows(component: ComponentGeometry, window: Bounds): LevelWindow[] {
  const margin = component.isReversible ? MARGIN.reversible : MARGIN.irreversible;
  const levels: LevelWindow[] = [];
  let wanted = window;
  for (let r = component.resolutions.length - 1; r > 0; r--) {
    const resolution = component.resolutions[r]!;
    const computed = isEmpty(wanted) ? wanted : widened(wanted, margin, resolution);
    const { low, high } = halves(computed);
    levels.push({
      wanted,
      computed,
      bands: [
        { x0: high.x0, x1: high.x1, y0: low.y0, y1: low.y1 },
        { x0: low.x0, x1: low.x1, y0: high.y0, y1: high.y1 },
        high,
      ],
    });
    wanted = low;
  }
  levels.push({ wanted, computed: wanted, bands: [wanted] });
  return levels.reverse();
}

/**
 * The part of each band that a window needs: only code-blocks that meet it matter.
 *
 * @returns for each resolution (lowest first) the bounds for LL, or for HL, LH and HH, in band coordinates.
 */
export function neededBounds(component: ComponentGeometry, window: Bounds): (readonly Bounds[])[] {
  return levelWindows(component, window).map(({ bands }) => bands);
}

export function isEmpty({ x0, y0, x1, y1 }: Bounds): boolean {
  return x1 <= x0 || y1 <= y0;
}

/** What two rectangles share; empty when they share nothing. */
export function intersection(a: Bounds, b: Bounds): Bounds {
  const x0 = Math.max(a.x0, b.x0);
  const y0 = Math.max(a.y0, b.y0);
  return { x0, y0, x1: Math.max(x0, Math.min(a.x1, b.x1)), y1: Math.max(y0, Math.min(a.y1, b.y1)) };
}

function widened({ x0, y0, x1, y1 }: Bounds, margin: number, limits: Bounds): Bounds {
  return intersection({ x0: x0 - margin, y0: y0 - margin, x1: x1 + margin, y1: y1 + margin }, limits);
}

/** Even places are low-pass samples, odd ones high-pass samples. */
function halves({ x0, y0, x1, y1 }: Bounds): { low: Bounds; high: Bounds } {
  return {
    low: { x0: Math.ceil(x0 / 2), y0: Math.ceil(y0 / 2), x1: Math.ceil(x1 / 2), y1: Math.ceil(y1 / 2) },
    high: { x0: Math.floor(x0 / 2), y0: Math.floor(y0 / 2), x1: Math.floor(x1 / 2), y1: Math.floor(y1 / 2) },
  };
}
