/** What a file format can hold, and the refusal of a raster that it cannot. */
import { ServerError } from '../errors.ts';
import type { Raster, RasterBits } from '../image/raster.ts';

/** The rasters that a format takes. */
export interface RasterLimits {
  /** The name of the format for people. */
  readonly name: string;
  readonly bands: readonly number[] | 'any';
  readonly bits: readonly RasterBits[];
  /** Longest side in pixels. */
  readonly maxSide: number;
}

/**
 * Refuses a raster that a format cannot hold.
 *
 * @throws {ServerError} `unsupported` with a text that says what the format holds and what came; `internal` for a
 * raster whose data is not `width * height * bands` samples.
 */
export function requireFits(raster: Raster, limits: RasterLimits): void {
  const { width, height, bands, data } = raster;
  if (data.length !== width * height * bands) {
    throw new ServerError('internal', 'internal server error', {
      facts: { width, height, bands, samples: data.length },
    });
  }
  const message = misfit(raster, limits);
  if (message !== undefined) throw new ServerError('unsupported', message);
}

/** Whether a format can hold a raster; one without limits can. */
export function fits(raster: Raster, limits: RasterLimits | undefined): boolean {
  return limits === undefined || misfit(raster, limits) === undefined;
}

function misfit(raster: Raster, limits: RasterLimits): string | undefined {
  const { width, height, bands, bitsPerSample, sampleFormat } = raster;
  const { name } = limits;
  if (width < 1 || height < 1 || bands < 1) return `${name} cannot hold a picture without pixels`;
  if (limits.bands !== 'any' && !limits.bands.includes(bands)) {
    return `${name} holds ${listed(limits.bands)} bands, not ${bands}`;
  }
  if (sampleFormat !== 'uint' || !limits.bits.includes(bitsPerSample)) {
    const kind = sampleFormat === 'float' ? 'floating point' : 'integer';
    return `${name} holds samples of ${listed(limits.bits)} bits, not ${kind} of ${bitsPerSample}`;
  }
  if (Math.max(width, height) > limits.maxSide) {
    return `${name} holds at most ${limits.maxSide} pixels a side, not ${width} x ${height}`;
  }
  return undefined;
}

function listed(values: readonly number[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
