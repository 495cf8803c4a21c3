/** One kernel for each kind of step. */
import type { ImageInfo } from '../image/info.ts';
import type { Raster } from '../image/raster.ts';
import { keepBands } from '../processing/bands.ts';
import { binary, otsuThreshold } from '../processing/binary.ts';
import { cielabToSrgb } from '../processing/cielab.ts';
import { cmykByTable, readInkTable, type InkTable } from '../processing/cmyk-profile.ts';
import { cmykToRgb } from '../processing/cmyk.ts';
import { colormap } from '../processing/colormap.ts';
import { contrast, contrastTo16Bit } from '../processing/contrast.ts';
import { convolve } from '../processing/convolve.ts';
import { equalize } from '../processing/equalize.ts';
import { flipHorizontal } from '../processing/flip.ts';
import { gray } from '../processing/gray.ts';
import { stretchBounds, type Histogram } from '../processing/histogram.ts';
import { invert } from '../processing/invert.ts';
import { lookupMemo } from '../processing/lookup-memo.ts';
import { applyLookup } from '../processing/lookup.ts';
import { normalize, type SampleRange } from '../processing/normalize.ts';
import { isEightBit, isFloat, type ByteRaster, type FloatRaster } from '../processing/rasters.ts';
import { profileKind } from '../processing/profile-facts.ts';
import { readProfileTable, toSrgb, type ProfileTable } from '../processing/rgb-profile.ts';
import { resize } from '../processing/resize.ts';
import { rotate } from '../processing/rotate.ts';
import { rotateFreely } from '../processing/rotate-freely.ts';
import { shade } from '../processing/shade.ts';
import { toByte } from '../processing/to-byte.ts';
import { applyCurve, applyTone, type Tone } from '../processing/tone.ts';
import { twist } from '../processing/twist.ts';
import { stampMark } from './stamp-mark.ts';
import type { Step, ToneRange } from './steps.ts';

/** What some steps need besides the pixels that they are given. */
export interface StepSupport {
  readonly info: ImageInfo;
  /** The histogram of the image. */
  readonly histogram: () => Promise<Histogram>;
  /** The server's watermark; a plan with that step is made only where there is one. */
  readonly mark?: ByteRaster;
}

type PlainStep = Exclude<
  Step,
  {
    readonly kind:
      | 'tone'
      | 'normalize'
      | 'binary'
      | 'equalize'
      | 'cmyk-to-srgb'
      | 'profile-to-srgb'
      | 'resample'
      | 'watermark';
  }
>;

/** Applies one step; the raster that comes in is not changed. */
export async function applyStep(raster: Raster, step: Step, support: StepSupport): Promise<Raster> {
  switch (step.kind) {
    case 'tone':
      return applyToneFast(raster, { ...step, range: await rangeOf(step.range, raster, support) });
    case 'normalize':
      return normalize(raster, await rangeOf(step.range, raster, support));
    case 'binary':
      return binary(bytes(raster), otsuThreshold(await support.histogram()));
    case 'equalize':
      return equalize(bytes(raster), await support.histogram());
    case 'cmyk-to-srgb':
      return cmykToSrgb(raster, support.info.icc);
    case 'profile-to-srgb':
      return profileToSrgb(raster, support.info.icc);
    case 'resample':
      return resize(raster, step, step.interpolation);
    case 'watermark':
      return stampMark(bytes(raster), step, support.mark);
    default:
      return applyPlainStep(raster, step);
  }
}

function applyPlainStep(raster: Raster, step: PlainStep): Raster {
  switch (step.kind) {
    case 'cielab-to-srgb':
      return cielabToSrgb(raster);
    case 'shade':
      return shade(floats(raster), step);
    case 'twist':
      return twist(floats(raster), step.matrix);
    case 'curve':
      return applyCurve(floats(raster), step.curve);
    case 'invert':
      return invert(floats(raster));
    case 'colormap':
      return colormap(floats(raster), step.map);
    case 'convolve':
      return convolve(floats(raster), step.kernel);
    case 'contrast':
      return step.depth === 8
        ? contrast(floats(raster), step.factor)
        : contrastTo16Bit(floats(raster), step.factor);
    case 'to-8-bit':
      return toByte(raster);
    case 'keep-bands':
      return keepBands(raster, step.bands);
    case 'gray':
      return gray(raster);
    case 'mirror':
      return flipHorizontal(raster);
    case 'rotate':
      return turn(raster, step);
  }
}

/** Tables for 16-bit samples cost as much as a tile; viewers ask for many tiles with the same steps. */
const TABLES_KEPT = 16;
const lookupFor = lookupMemo(TABLES_KEPT);

/** Through a table where the samples have few values, else in floats; the bytes are the same. */
function applyToneFast(raster: Raster, tone: Tone): ByteRaster {
  const { bitsPerSample, bands } = raster;
  if (bitsPerSample === 32) return applyTone(raster, tone);
  return applyLookup(raster, lookupFor({ bitsPerSample, bands }, tone));
}

async function rangeOf(range: ToneRange, raster: Raster, support: StepSupport): Promise<SampleRange> {
  if (!range.isStretched) return range;
  return stretchBounds(await support.histogram(), range, raster.sampleFormat);
}

function turn(raster: Raster, step: Step & { readonly kind: 'rotate' }): Raster {
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

/** The raster as floats, which an earlier step has made of it. */
export function floats(raster: Raster): FloatRaster {
  if (isFloat(raster)) return raster;
  throw new RangeError(`a step for floats was given ${raster.bitsPerSample}-bit integers`);
}
