/** Carries out a plan: decode, the steps in their order, encode. */
import { after, type Awaitable } from '../awaitable.ts';
import { encode } from '../encode/encoders.ts';
import { ServerError } from '../errors.ts';
import { levelOf, tileWindow } from '../geometry.ts';
import { infoOfPage } from '../image/info.ts';
import type { Cancellation, ImageReader, WindowAddress } from '../image/reader.ts';
import type { Raster, Size } from '../image/raster.ts';
import type { StageClock } from '../metrics/stage-clock.ts';
import { typeOf } from '../processing/chain.ts';
import { Convolution, kernelReach } from '../processing/convolve.ts';
import { histogram, type Histogram } from '../processing/histogram.ts';
import { isEightBit, type ByteRaster } from '../processing/rasters.ts';
import { applyStep, type StepSupport } from './apply-step.ts';
import { embedOf } from './embed.ts';
import type { RenderPlan } from './plan.ts';
import { chainOf, knownStages } from './known-stages.ts';
import { orderSteps } from './order-steps.ts';
import { resampleStrips } from './resample-strips.ts';
import type { Stage } from './stages.ts';
import { NO_PROCESSING, type Step } from './steps.ts';
import {
  collectStrips, giveBackUnless, mapStrips, neighborStrips, readClocked, readStrips, stripRows, type Strips,
} from './strips.ts'; // prettier-ignore

export interface ExecuteParts {
  /** Has the plan's source open. */
  readonly reader: ImageReader;
  readonly cancellation: Cancellation;
  /** The server's watermark, 8 bits, 1 to 4 bands. */
  readonly mark?: ByteRaster;
  /** Called when the file is no longer needed. */
  readonly onEncode?: () => void;
  /** Is told at which stage the picture is; left in `encode`. */
  readonly clock?: StageClock;
}

/**
 * Makes the file that `plan` describes; at once where nothing has to be waited for.
 *
 * @throws {ServerError} as readers and encoders do; `AbortError` when `cancellation` says so between two steps.
 */
export function executePlan(plan: RenderPlan, parts: ExecuteParts): Awaitable<Uint8Array> {
  const { reader, cancellation, mark, clock } = parts;
  const { level, window, source, layers } = plan;
  const address = { page: source.page, level, window, ...(layers === undefined ? {} : { layers }) };
  const run: StepRun = {
    steps: plan.steps,
    cancellation,
    clock,
    support: supportFor(reader, source.page, { mark, clock }),
  };
  return after(renderSteps(reader, address, run), (pixels) => encodeAs(plan, pixels, parts));
}

function encodeAs(
  plan: RenderPlan,
  pixels: Raster,
  { reader, cancellation, onEncode, clock }: ExecuteParts,
): Awaitable<Uint8Array> {
  cancellation.throwIfAborted();
  onEncode?.();
  clock?.enter('encode');
  const info = infoOfPage(reader.info, plan.source.page);
  return after(encode(pixels, plan.encoding, embedOf(plan.embed, info)), (file) => {
    giveBackUnless(pixels, file);
    return file;
  });
}

interface StepRun {
  readonly steps: readonly Step[];
  readonly support: StepSupport;
  readonly cancellation: Cancellation;
  readonly clock: StageClock | undefined;
}

/**
 * A tile, and whatever else is one strip, goes through the stages whole. Of others, stages up to the first turn run over
 * strips, and those after it over the whole picture, which has the output's size by then.
 */
function renderSteps(reader: ImageReader, address: WindowAddress, run: StepRun): Awaitable<Raster> {
  return after(knownStages(run.steps, run.support), (stages) => {
    if (stripRows(reader, address).length > 1) return renderInStrips(reader, address, stages, run);
    run.cancellation.throwIfAborted();
    return after(readClocked(reader, address, run), (raster) => applyStages(raster, stages, run));
  });
}

async function renderInStrips(
  reader: ImageReader,
  address: WindowAddress,
  stages: readonly Stage[],
  run: StepRun,
): Promise<Raster> {
  const firstTurn = stages.findIndex(needsWholePicture);
  const inStrips = firstTurn < 0 ? stages : stages.slice(0, firstTurn);
  const last = inStrips.at(-1);
  let strips: Strips = readStrips(reader, address, run);
  let size: Size = address.window;
  // The last chain writes where the picture is put together.
  for (const stage of last?.kind === 'chain' ? inStrips.slice(0, -1) : inStrips) {
    strips = staged(strips, stage, { size, support: run.support });
    if (stage.kind === 'step' && stage.step.kind === 'resample') size = stage.step;
  }
  const raster = await collectStrips(strips, size.height, last?.kind === 'chain' ? last.makers : []);
  return applyStages(raster, stages.slice(inStrips.length), run);
}

function applyStages(raster: Raster, stages: readonly Stage[], run: StepRun, done = 0): Awaitable<Raster> {
  const stage = stages[done];
  if (stage === undefined) return raster;
  run.cancellation.throwIfAborted();
  return after(applyStage(raster, stage, run.support), (result) => {
    giveBackUnless(raster, result.data);
    return applyStages(result, stages, run, done + 1);
  });
}

const needsWholePicture = (stage: Stage): boolean =>
  stage.kind === 'step' && (stage.step.kind === 'rotate' || stage.step.kind === 'watermark');

interface StageFrame {
  readonly size: Size;
  readonly support: StepSupport;
}

function staged(strips: Strips, stage: Stage, { size, support }: StageFrame): Strips {
  if (stage.kind === 'convolve') {
    return neighborStrips(strips, kernelReach(stage.kernel), size.height, (raster) =>
      convolved(raster, stage),
    );
  }
  if (stage.kind === 'step' && stage.step.kind === 'resample') {
    return resampleStrips(strips, size, stage.step);
  }
  return mapStrips(strips, (raster) => applyStage(raster, stage, support));
}

function applyStage(raster: Raster, stage: Stage, support: StepSupport): Awaitable<Raster> {
  switch (stage.kind) {
    case 'chain':
      return chainOf(stage, raster).apply(raster);
    case 'convolve':
      return convolved(raster, stage);
    case 'step':
      return applyStep(raster, stage.step, support);
  }
}

function convolved(raster: Raster, stage: Stage & { readonly kind: 'convolve' }): Raster {
  return new Convolution(typeOf(raster), stage.before, stage.kernel, stage.after).apply(raster);
}

/** Histograms by page, for as long as the image is open. */
const histograms = new WeakMap<ImageReader, Map<number, Promise<Histogram>>>();

interface SupportParts {
  readonly mark: ByteRaster | undefined;
  readonly clock: StageClock | undefined;
}

function supportFor(reader: ImageReader, page: number, { mark, clock }: SupportParts): StepSupport {
  return {
    ...(mark === undefined ? {} : { mark }),
    info: infoOfPage(reader.info, page),
    histogram: () => {
      const pages = histograms.get(reader) ?? new Map<number, Promise<Histogram>>();
      histograms.set(reader, pages);
      const made = pages.get(page) ?? makeHistogram(reader, page, clock);
      pages.set(page, made);
      made.catch(() => pages.delete(page));
      return made;
    },
  };
}

const NEVER: Cancellation = { throwIfAborted: () => {} };

/** Of the first tile of the smallest level, normalized and brought to 8 bits with contrast 1 (BEHAVIOUR 8). */
async function makeHistogram(
  reader: ImageReader,
  page: number,
  clock: StageClock | undefined,
): Promise<Histogram> {
  const info = infoOfPage(reader.info, page);
  const level = info.levels.length - 1;
  const window = tileWindow(levelOf(info, level), { column: 0, row: 0 });
  const steps = orderSteps(
    { ...NO_PROCESSING, contrast: { kind: 'factor', factor: 1 } },
    { info, window, output: window, interpolation: 'nearest', format: 'tiff', depth: 8 },
  );
  const support = { info, histogram: () => Promise.reject(new Error('a histogram cannot need itself')) };
  const run: StepRun = { steps, support, cancellation: NEVER, clock };
  const raster = await renderSteps(reader, { page, level, window }, run);
  if (!isEightBit(raster))
    throw new ServerError('internal', 'internal server error', { facts: { step: 'histogram' } });
  return histogram(raster);
}
