/** From steps to stages: what looks at one pixel at a time becomes one chain, whatever stands in its way a stage of its own. */
import { after, type Awaitable } from '../awaitable.ts';
import type { ImageInfo } from '../image/info.ts';
import type { MakeSteps } from '../processing/chain.ts';
import { otsuThreshold } from '../processing/binary.ts';
import {
  binaryStep,
  cielabStep,
  colormapStep,
  equalizeStep,
  grayStep,
  shadeStep,
  twistStep,
} from '../processing/color-steps.ts';
import type { ConvolutionKernel } from '../processing/convolve.ts';
import { stretchBounds, type Histogram } from '../processing/histogram.ts';
import { lookupMemo } from '../processing/lookup-memo.ts';
import type { SampleRange } from '../processing/normalize.ts';
import {
  contrastStep,
  curveSteps,
  highByteStep,
  invertStep,
  keepBandsStep,
  normalizeStep,
  toneSteps,
} from '../processing/tone-steps.ts';
import type { StepSupport } from './apply-step.ts';
import { frontBands } from './front-bands.ts';
import type { Step, ToneRange } from './steps.ts';

/** Steps of one pixel at a time. */
export type ChainStep = Exclude<
  Step,
  {
    readonly kind:
      'cmyk-to-srgb' | 'profile-to-srgb' | 'convolve' | 'resample' | 'mirror' | 'rotate' | 'watermark';
  }
>;

export type OtherStep = Exclude<Step, ChainStep | { readonly kind: 'convolve' }>;

export type Stage =
  | { readonly kind: 'chain'; readonly makers: readonly MakeSteps[] }
  | {
      readonly kind: 'convolve';
      readonly before: readonly MakeSteps[];
      readonly kernel: ConvolutionKernel;
      readonly after: readonly MakeSteps[];
    }
  | { readonly kind: 'step'; readonly step: OtherStep };

/** Tables for 16-bit samples cost as much as a tile; viewers ask for many tiles with the same steps. */
const TABLES_KEPT = 16;
const findLookup = lookupMemo(TABLES_KEPT);

/** The stages that give the same picture as the steps, in the same order but for bands that are dropped early. */
export function stagesOf(steps: readonly Step[], support: StepSupport): Awaitable<readonly Stage[]> {
  const histogram = steps.some(needsHistogram) ? support.histogram() : undefined;
  return after(histogram, (measured) => staged(steps, { info: support.info, histogram: measured }));
}

/** What steps are made of besides what they say. */
interface Measured {
  readonly info: ImageInfo;
  /** Of the image; there when a step needs it. */
  readonly histogram: Histogram | undefined;
}

function needsHistogram(step: Step): boolean {
  if (step.kind === 'tone' || step.kind === 'normalize') return step.range.isStretched;
  return step.kind === 'binary' || step.kind === 'equalize';
}

function staged(steps: readonly Step[], measured: Measured): readonly Stage[] {
  const stages: Stage[] = [];
  for (const step of frontBands(steps)) {
    const last = stages.at(-1);
    if (step.kind === 'convolve') {
      const before = last?.kind === 'chain' ? last.makers : [];
      if (last?.kind === 'chain') stages.pop();
      stages.push({ kind: 'convolve', before, kernel: step.kernel, after: [] });
    } else if (isChainStep(step)) {
      const makers = makersOf(step, measured);
      if (last?.kind === 'chain') stages.splice(-1, 1, { ...last, makers: [...last.makers, ...makers] });
      else if (last?.kind === 'convolve')
        stages.splice(-1, 1, { ...last, after: [...last.after, ...makers] });
      else stages.push({ kind: 'chain', makers });
    } else {
      stages.push({ kind: 'step', step });
    }
  }
  return stages;
}

const OTHERS: readonly Step['kind'][] = [
  'cmyk-to-srgb',
  'profile-to-srgb',
  'resample',
  'mirror',
  'rotate',
  'watermark',
];

const isChainStep = (step: Exclude<Step, { readonly kind: 'convolve' }>): step is ChainStep =>
  !OTHERS.includes(step.kind);

function makersOf(step: ChainStep, measured: Measured): readonly MakeSteps[] {
  switch (step.kind) {
    case 'tone':
      return [toneSteps({ ...step, range: rangeOf(step.range, measured) }, findLookup)];
    case 'normalize':
      return [normalizeStep(rangeOf(step.range, measured))];
    case 'binary':
      return [binaryStep(otsuThreshold(histogramOf(measured)))];
    case 'equalize':
      return [equalizeStep(histogramOf(measured))];
    case 'cielab-to-srgb':
      return [cielabStep];
    case 'shade':
      return [shadeStep(step)];
    case 'twist':
      return [twistStep(step.matrix)];
    case 'curve':
      return curveSteps(step.curve);
    case 'invert':
      return [invertStep];
    case 'colormap':
      return [keepBandsStep(1), colormapStep(step.map)];
    case 'contrast':
      return [contrastStep(step.factor, step.depth)];
    case 'to-8-bit':
      return [highByteStep];
    case 'keep-bands':
      return [keepBandsStep(step.bands)];
    case 'gray':
      return [grayStep];
  }
}

function rangeOf(range: ToneRange, measured: Measured): SampleRange {
  return range.isStretched ? stretchBounds(histogramOf(measured), range, measured.info.sampleFormat) : range;
}

function histogramOf({ histogram }: Measured): Histogram {
  if (histogram === undefined) throw new RangeError('a step that needs a histogram was not foreseen');
  return histogram;
}
