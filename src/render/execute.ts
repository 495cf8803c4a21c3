/** Carries out a plan: decode, the steps in their order, encode. */
import { encode } from '../encode/encoders.ts';
import { ServerError } from '../errors.ts';
import { levelOf, tileWindow } from '../geometry.ts';
import { infoOfPage } from '../image/info.ts';
import type { Cancellation, ImageReader, WindowAddress } from '../image/reader.ts';
import type { Raster, Size } from '../image/raster.ts';
import { convolve } from '../processing/convolve.ts';
import { histogram, type Histogram } from '../processing/histogram.ts';
import { isEightBit, type ByteRaster } from '../processing/rasters.ts';
import { applyStep, floats, type StepSupport } from './apply-step.ts';
import { embedOf } from './embed.ts';
import type { RenderPlan } from './plan.ts';
import { orderSteps } from './order-steps.ts';
import { NO_PROCESSING, type Step } from './steps.ts';
import {
  collectStrips, mapStrips, neighborStrips, readStrips, resampleStrips, stripRows, WHOLE_SAMPLES, wholeStrips, type Strips,
} from './strips.ts'; // prettier-ignore

export interface ExecuteParts {
  /** Has the plan's source open. */
  readonly reader: ImageReader;
  readonly cancellation: Cancellation;
  /** The server's watermark, 8 bits, 1 to 4 bands. */
  readonly mark?: ByteRaster;
}

/**
 * Makes the file that `plan` describes.
 *
 * @throws {ServerError} as readers and encoders do; `AbortError` when `cancellation` says so between two steps.
 */
export async function executePlan(
  plan: RenderPlan,
  { reader, cancellation, mark }: ExecuteParts,
): Promise<Uint8Array> {
  const { level, window, source, layers } = plan;
  const address = { page: source.page, level, window, ...(layers === undefined ? {} : { layers }) };
  const pixels = await renderSteps(reader, address, {
    steps: plan.steps,
    cancellation,
    support: supportFor(reader, source.page, mark),
  });
  cancellation.throwIfAborted();
  return encode(pixels, plan.encoding, embedOf(plan.embed, infoOfPage(reader.info, source.page)));
}

interface StepRun {
  readonly steps: readonly Step[];
  readonly support: StepSupport;
  readonly cancellation: Cancellation;
}

/** Steps up to the first turn run over strips, the others over the whole picture, which has the output's size by then. */
async function renderSteps(reader: ImageReader, address: WindowAddress, run: StepRun): Promise<Raster> {
  const firstTurn = run.steps.findIndex(needsWholePicture);
  const count = firstTurn < 0 ? run.steps.length : firstTurn;
  let strips: Strips = readStrips(reader, address, run.cancellation);
  let size: Size = address.window;
  const isOneStrip = stripRows(reader, address).length === 1;
  for (const step of run.steps.slice(0, count)) {
    strips = stage(strips, step, { size, isOneStrip, support: run.support });
    if (step.kind === 'resample') size = step;
  }
  let raster = await collectStrips(strips, size.height);
  for (const step of run.steps.slice(count)) {
    run.cancellation.throwIfAborted();
    raster = await applyStep(raster, step, run.support);
  }
  return raster;
}

const needsWholePicture = (step: Step): boolean => step.kind === 'rotate' || step.kind === 'watermark';

interface StageFrame {
  readonly size: Size;
  /** Then a stage sees the whole picture, and may take a faster way. */
  readonly isOneStrip: boolean;
  readonly support: StepSupport;
}

function stage(strips: Strips, step: Step, { size, isOneStrip, support }: StageFrame): Strips {
  if (!isOneStrip && step.kind === 'resample') {
    const fits = size.width * size.height * support.info.bands <= WHOLE_SAMPLES;
    if (!fits) return resampleStrips(strips, size, step, step.interpolation);
    return wholeStrips(strips, size.height, (raster) => applyStep(raster, step, support));
  }
  if (!isOneStrip && step.kind === 'convolve') {
    const reach = (Math.sqrt(step.kernel.length) - 1) / 2;
    return neighborStrips(strips, reach, size.height, (raster) => convolve(floats(raster), step.kernel));
  }
  return mapStrips(strips, (raster) => applyStep(raster, step, support));
}

/** Histograms by page, for as long as the image is open. */
const histograms = new WeakMap<ImageReader, Map<number, Promise<Histogram>>>();

function supportFor(reader: ImageReader, page: number, mark: ByteRaster | undefined): StepSupport {
  return {
    ...(mark === undefined ? {} : { mark }),
    info: infoOfPage(reader.info, page),
    histogram: () => {
      const pages = histograms.get(reader) ?? new Map<number, Promise<Histogram>>();
      histograms.set(reader, pages);
      const made = pages.get(page) ?? makeHistogram(reader, page);
      pages.set(page, made);
      made.catch(() => pages.delete(page));
      return made;
    },
  };
}

const NEVER: Cancellation = { throwIfAborted: () => {} };

/** Of the first tile of the smallest level, normalized and brought to 8 bits with contrast 1 (BEHAVIOUR 8). */
async function makeHistogram(reader: ImageReader, page: number): Promise<Histogram> {
  const info = infoOfPage(reader.info, page);
  const level = info.levels.length - 1;
  const window = tileWindow(levelOf(info, level), { column: 0, row: 0 });
  const steps = orderSteps(
    { ...NO_PROCESSING, contrast: { kind: 'factor', factor: 1 } },
    { info, window, output: window, interpolation: 'nearest', format: 'tiff', depth: 8 },
  );
  const support = { info, histogram: () => Promise.reject(new Error('a histogram cannot need itself')) };
  const raster = await renderSteps(reader, { page, level, window }, { steps, support, cancellation: NEVER });
  if (!isEightBit(raster))
    throw new ServerError('internal', 'internal server error', { facts: { step: 'histogram' } });
  return histogram(raster);
}
