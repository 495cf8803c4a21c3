/** Carries out a plan: decode, the steps in their order, encode. */
import { encode } from '../encode/encoders.ts';
import { ServerError } from '../errors.ts';
import { levelOf, tileWindow } from '../geometry.ts';
import type { Cancellation, ImageReader } from '../image/reader.ts';
import type { Raster } from '../image/raster.ts';
import { histogram, type Histogram } from '../processing/histogram.ts';
import { isEightBit } from '../processing/rasters.ts';
import { applyStep, type StepSupport } from './apply-step.ts';
import { embedOf } from './embed.ts';
import type { RenderPlan } from './plan.ts';
import { NO_PROCESSING, orderSteps, type Step } from './steps.ts';

/**
 * Makes the file that `plan` describes out of the image that `reader` has open.
 *
 * @throws {ServerError} as readers and encoders do; `AbortError` when `cancellation` says so between two steps.
 */
export async function executePlan(
  plan: RenderPlan,
  reader: ImageReader,
  cancellation: Cancellation,
): Promise<Uint8Array> {
  const { level, window, source, layers } = plan;
  const address = { page: source.page, level, window, ...(layers === undefined ? {} : { layers }) };
  const decoded = await reader.readWindow(address, cancellation);
  const pixels = await applySteps(decoded, plan.steps, { support: supportFor(reader, source.page), cancellation });
  cancellation.throwIfAborted();
  return encode(pixels, plan.encoding, embedOf(plan.embed, reader.info));
}

interface StepRun {
  readonly support: StepSupport;
  readonly cancellation: Cancellation;
}

async function applySteps(decoded: Raster, steps: readonly Step[], run: StepRun): Promise<Raster> {
  let raster = decoded;
  for (const step of steps) {
    run.cancellation.throwIfAborted();
    raster = await applyStep(raster, step, run.support);
  }
  return raster;
}

/** Histograms by page, for as long as the image is open. */
const histograms = new WeakMap<ImageReader, Map<number, Promise<Histogram>>>();

function supportFor(reader: ImageReader, page: number): StepSupport {
  return {
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

/** Of the first tile of the smallest level, normalized and brought to 8 bits with contrast 1 (BEHAVIOUR 8). */
async function makeHistogram(reader: ImageReader, page: number): Promise<Histogram> {
  const { info } = reader;
  const level = info.levels.length - 1;
  const window = tileWindow(levelOf(info, level), { column: 0, row: 0 });
  const decoded = await reader.readWindow({ page, level, window });
  const context = { info, window, output: window, interpolation: 'nearest', format: 'tiff' } as const;
  const steps = orderSteps({ ...NO_PROCESSING, contrast: { kind: 'factor', factor: 1 } }, context);
  const support = { histogram: () => Promise.reject(new Error('a histogram cannot need itself')) };
  const raster = await applySteps(decoded, steps, { support, cancellation: { throwIfAborted: () => {} } });
  if (!isEightBit(raster)) throw new ServerError('internal', 'internal server error', { facts: { step: 'histogram' } });
  return histogram(raster);
}
