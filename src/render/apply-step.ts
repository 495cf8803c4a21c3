/** Steps that are no part of a chain: what moves pixels, changes the size, draws, or needs a profile. */
import type { Awaitable } from '../awaitable.ts';
import type { ImageInfo } from '../image/info.ts';
import type { Raster } from '../image/raster.ts';
import { cmykByTable, readInkTable, type InkTable } from '../processing/cmyk-profile.ts';
import { cmykToRgb } from '../processing/cmyk.ts';
import type { Histogram } from '../processing/histogram.ts';
import { isEightBit, type ByteRaster } from '../processing/rasters.ts';
import { profileKind } from '../processing/profile-facts.ts';
import { readProfileTable, toSrgb, type ProfileTable } from '../processing/rgb-profile.ts';
import { resample } from '../processing/resample.ts';
import { flipHorizontal, rotate } from '../processing/rotate.ts';
import { rotateFreely } from '../processing/rotate-freely.ts';
import { stampMark } from './stamp-mark.ts';
import type { OtherStep } from './stages.ts';

/** What some steps need besides the pixels that they are given. */
export interface StepSupport {
  readonly info: ImageInfo;
  /** The histogram of the image. */
  readonly histogram: () => Promise<Histogram>;
  /** The server's watermark; a plan with that step is made only where there is one. */
  readonly mark?: ByteRaster;
}

/** Applies one step; the raster that comes in is not changed. */
export function applyStep(raster: Raster, step: OtherStep, support: StepSupport): Awaitable<Raster> {
  switch (step.kind) {
    case 'cmyk-to-srgb':
      return cmykToSrgb(raster, support.info.icc);
    case 'profile-to-srgb':
      return profileToSrgb(raster, support.info.icc);
    case 'resample':
      return resample(raster, step, step.interpolation);
    case 'mirror':
      return flipHorizontal(raster);
    case 'rotate':
      return turn(raster, step);
    case 'watermark':
      return stampMark(bytes(raster), step, support.mark);
  }
}

function turn(raster: Raster, step: OtherStep & { readonly kind: 'rotate' }): Raster {
  const { degrees } = step;
  if (degrees === 90 || degrees === 180 || degrees === 270) return rotate(raster, degrees);
  return rotateFreely(raster, degrees, step.corners);
}

/** Ink tables by profile: making one costs some ten milliseconds, a profile's bytes live as long as its image is open. */
const inkTables = new WeakMap<Uint8Array, Promise<InkTable | undefined>>();

/** By the image's profile where it has one of CMYK, else by the plain formula. */
async function cmykToSrgb(raster: Raster, icc: Uint8Array | undefined): Promise<Raster> {
  if (icc === undefined || raster.bitsPerSample === 32) return cmykToRgb(raster);
  const made = inkTables.get(icc) ?? readInkTable(icc);
  inkTables.set(icc, made);
  const table = await made;
  return table === undefined ? cmykToRgb(raster) : cmykByTable(raster, table);
}

/** Tables by profile, as above. */
const profileTables = new WeakMap<Uint8Array, Promise<ProfileTable>>();

async function profileToSrgb(raster: Raster, icc: Uint8Array | undefined): Promise<Raster> {
  const kind = icc && profileKind(icc);
  if (icc === undefined || kind === undefined) throw new RangeError('a step for profiles without a profile');
  const made = profileTables.get(icc) ?? readProfileTable(icc, kind);
  profileTables.set(icc, made);
  return toSrgb(raster, await made);
}

function bytes(raster: Raster): ByteRaster {
  if (isEightBit(raster)) return raster;
  throw new RangeError(`a step for 8-bit samples was given ${raster.bitsPerSample} bits`);
}
