/** Stages and chains of steps that were asked for before: viewers ask for many tiles with the same, found as one array. */
import { LRUCache } from 'lru-cache';
import { after, type Awaitable } from '../awaitable.ts';
import type { ImageInfo } from '../image/info.ts';
import type { Raster } from '../image/raster.ts';
import { Chain, isSameType, typeOf } from '../processing/chain.ts';
import type { StepSupport } from './apply-step.ts';
import { stagesOf, type Stage } from './stages.ts';
import type { Step } from './steps.ts';

interface Known {
  /** Of the image by whose histogram some tables are made. */
  readonly info: ImageInfo;
  readonly stages: readonly Stage[];
}

/**
 * By the array. Plans live for as long as thousands of answers are remembered, and tables are up to 64 KB for each band of 16 bits,
 * so that only those of the last steps are kept.
 */
const known = new LRUCache<readonly Step[], Known>({ max: 16 });

/** As `stagesOf`; the same as before for the same array of steps, and the same image. */
export function knownStages(steps: readonly Step[], support: StepSupport): Awaitable<readonly Stage[]> {
  const { info } = support;
  const last = known.get(steps);
  if (last?.info === info) return last.stages;
  return after(stagesOf(steps, support), (stages) => {
    known.set(steps, { info, stages });
    return stages;
  });
}

const chains = new WeakMap<Stage, Chain>();

/** The chain of a stage for rasters of one type; made anew when the last one was of another. */
export function chainOf(stage: Stage & { readonly kind: 'chain' }, raster: Raster): Chain {
  const last = chains.get(stage);
  if (last !== undefined && isSameType(last.input, raster)) return last;
  const chain = new Chain(typeOf(raster), stage.makers);
  chains.set(stage, chain);
  return chain;
}
