/** The single place that puts steps in order (BEHAVIOUR 8). */
import type { OutputFormat } from '../encode/encoder.ts';
import type { ImageInfo } from '../image/info.ts';
import { widenedBits, type Size } from '../image/raster.ts';
import { isSrgbProfile, profileKind } from '../processing/profile-facts.ts';
import type { Interpolation } from '../processing/resample-taps.ts';
import {
  NO_PROCESSING,
  type ToneRange,
  type Curve,
  type Step,
  type Depth,
  type Processing,
} from './steps.ts';

/** The frame in which steps are ordered. */
export interface StepContext {
  readonly info: ImageInfo;
  readonly window: Size;
  readonly output: Size;
  readonly interpolation: Interpolation;
  readonly format: OutputFormat;
  readonly depth: Depth;
  /** COLOR_MANAGEMENT: what becomes of profiles. */
  readonly colorManagement?: 'embed' | 'srgb';
}

/** Whether an image is brought to sRGB by its profile, which must be one of its colors; others are left alone. */
export function isBroughtToSrgb(info: ImageInfo, colorManagement: StepContext['colorManagement']): boolean {
  const { icc, colorSpace, bitsPerSample, sampleFormat } = info;
  if (colorManagement !== 'srgb' || icc === undefined || sampleFormat !== 'uint') return false;
  const isFitting = (colorSpace === 'gray' || colorSpace === 'rgb') && profileKind(icc) === colorSpace;
  return isFitting && bitsPerSample <= 16;
}

/** Whether any step but geometry changes what the pixels mean, so that the image's profile no longer fits. */
export function dropsProfile(processing: Processing): boolean {
  return (
    processing.colormap !== undefined ||
    processing.shade !== undefined ||
    processing.twist !== undefined ||
    processing.color !== undefined
  );
}

/** The last steps that were made of a processing: what the tiles of a viewer share, and what is made of them. */
const known = new WeakMap<Processing, { readonly context: StepContext; readonly steps: readonly Step[] }>();

/** As `orderSteps`; the same array when the same processing, as an object, was asked for the same image just before. */
export function knownSteps(processing: Processing, context: StepContext): readonly Step[] {
  const last = known.get(processing);
  if (last !== undefined && isAlike(last.context, context)) return last.steps;
  const steps = orderSteps(processing, context);
  known.set(processing, { context, steps });
  return steps;
}

/** Whether steps that are made for one are those for the other. */
function isAlike(one: StepContext, other: StepContext): boolean {
  return (
    one.info === other.info &&
    one.format === other.format &&
    one.depth === other.depth &&
    one.interpolation === other.interpolation &&
    one.colorManagement === other.colorManagement &&
    isResampled(one) === isResampled(other) &&
    (!isResampled(one) || isSameSize(one.output, other.output))
  );
}

const isSameSize = (one: Size, other: Size): boolean =>
  one.width === other.width && one.height === other.height;

const isResampled = ({ window, output }: StepContext): boolean => !isSameSize(window, output);

/**
 * The steps for a request, in the order of BEHAVIOUR 8: color space, float pipeline or plain reduction, resample,
 * drop bands, gray, binary, equalize, mirror, rotate.
 */
export function orderSteps(processing: Processing, context: StepContext): readonly Step[] {
  const { info, depth } = context;
  const { icc } = info;
  const isConverted =
    isBroughtToSrgb(info, context.colorManagement) && icc !== undefined && !isSrgbProfile(icc);
  const toBytes = needsFloat(processing, info)
    ? floatSteps(processing, info, depth)
    : plainSteps(info, depth);
  return [
    ...(isConverted ? [{ kind: 'profile-to-srgb' } as const] : []),
    ...toBytes,
    ...geometrySteps(context),
    ...colorSteps(processing, context),
    ...turnSteps(processing, context),
  ];
}

function needsFloat(processing: Processing, info: ImageInfo): boolean {
  const isEqualize = processing.contrast?.kind === 'equalize';
  return (
    info.sampleFormat === 'float' ||
    (processing.contrast !== undefined && !isEqualize) ||
    processing.curve !== undefined ||
    processing.colormap !== undefined ||
    processing.shade !== undefined ||
    processing.invert ||
    processing.ranges.length > 0 ||
    processing.twist !== undefined ||
    processing.convolution !== undefined
  );
}

function colorSpaceSteps(info: ImageInfo): readonly Step[] {
  if (info.colorSpace === 'cielab') return [{ kind: 'cielab-to-srgb' }];
  return info.colorSpace === 'cmyk' ? [{ kind: 'cmyk-to-srgb' }] : [];
}

function plainSteps(info: ImageInfo, depth: Depth): readonly Step[] {
  if (info.colorSpace === 'cielab') return [...colorSpaceSteps(info), { kind: 'contrast', factor: 1, depth }];
  const steps = colorSpaceSteps(info);
  if (info.bitsPerSample <= depth) return steps;
  if (depth === 8) return [...steps, { kind: 'to-8-bit' }];
  return [
    ...steps,
    { kind: 'normalize', range: toneRange(NO_PROCESSING, info) },
    { kind: 'contrast', factor: 1, depth },
  ];
}

const LINEAR: Curve = { kind: 'linear' };

/** normalize → shade → twist → curve → invert → color map → convolve → contrast, fused where no step looks aside. */
function floatSteps(processing: Processing, info: ImageInfo, depth: Depth): readonly Step[] {
  const { shade, twist, convolution, invert, colormap, curve = LINEAR } = processing;
  const contrast = processing.contrast?.kind === 'factor' ? processing.contrast.factor : 1;
  const range = toneRange(processing, info);
  const looksAside = shade !== undefined || twist !== undefined || convolution !== undefined;
  if (!looksAside && depth === 8 && info.colorSpace !== 'cielab') {
    const map = colormap === undefined ? {} : { colormap };
    return [...colorSpaceSteps(info), { kind: 'tone', range, curve, invert, ...map, contrast }];
  }
  const steps: Step[] = [...colorSpaceSteps(info)];
  if (info.colorSpace !== 'cielab') steps.push({ kind: 'normalize', range });
  if (shade !== undefined) steps.push({ kind: 'shade', ...shade });
  if (twist !== undefined) steps.push({ kind: 'twist', matrix: twist });
  if (curve.kind !== 'linear') steps.push({ kind: 'curve', curve });
  if (invert) steps.push({ kind: 'invert' });
  if (colormap !== undefined) steps.push({ kind: 'colormap', map: colormap });
  if (convolution !== undefined) steps.push({ kind: 'convolve', kernel: convolution });
  return [...steps, { kind: 'contrast', factor: contrast, depth }];
}

function toneRange(processing: Processing, info: ImageInfo): ToneRange {
  const min = [...info.sampleRange.min];
  const max = [...info.sampleRange.max];
  for (const range of processing.ranges) {
    for (let band = 0; band < info.bands; band++) {
      if (range.band !== 'all' && range.band !== band) continue;
      min[band] = widenedSample(range.min, info);
      max[band] = widenedSample(range.max, info);
    }
  }
  return { min, max, isStretched: processing.contrast?.kind === 'stretch' };
}

/** A value as clients know it, of the file, in the values that rasters hold. */
function widenedSample(value: number, { bitsPerSample }: ImageInfo): number {
  return widenedBits(bitsPerSample) === 0 ? value : (value * 65535) / (2 ** bitsPerSample - 1);
}

function geometrySteps(context: StepContext): readonly Step[] {
  const { output, interpolation } = context;
  return isResampled(context) ? [{ kind: 'resample', ...output, interpolation }] : [];
}

/** Bands left after the steps that change their number (color space, shading, twist, color map). */
function bandsAfterColor(processing: Processing, info: ImageInfo): number {
  if (processing.colormap !== undefined) return 3;
  if (processing.twist !== undefined) return processing.twist.length;
  if (processing.shade !== undefined) return 1;
  if (info.colorSpace === 'cielab') return 3;
  return info.colorSpace === 'cmyk' ? info.bands - 1 : info.bands;
}

/** How many bands an output format keeps of `bands` (BEHAVIOUR 8, bands). */
export function bandsKept(format: OutputFormat, bands: number): number {
  switch (format) {
    case 'jpeg':
    case 'gif':
      return bands < 3 ? 1 : 3;
    case 'png':
    case 'webp':
    case 'avif':
      return bands > 4 ? 3 : bands;
    case 'tiff':
      return bands;
  }
}

function colorSteps(processing: Processing, context: StepContext): readonly Step[] {
  const bands = bandsAfterColor(processing, context.info);
  const kept = bandsKept(context.format, bands);
  const steps: Step[] = kept === bands ? [] : [{ kind: 'keep-bands', bands: kept }];
  // A picture that is gray has nothing to lose; what a color map made of it stays.
  if (processing.color !== undefined && context.info.bands >= 3) steps.push({ kind: 'gray' });
  if (processing.color === 'binary') steps.push({ kind: 'binary' });
  if (processing.contrast?.kind === 'equalize') steps.push({ kind: 'equalize' });
  return steps;
}

function turnSteps(processing: Processing, context: StepContext): readonly Step[] {
  const steps: Step[] = processing.mirror ? [{ kind: 'mirror' }] : [];
  if (processing.rotation === 0) return steps;
  const canBeTransparent = context.format === 'png' || context.format === 'webp' || context.format === 'avif';
  const corners = canBeTransparent ? 'transparent' : 'white';
  return [...steps, { kind: 'rotate', degrees: processing.rotation, corners }];
}
