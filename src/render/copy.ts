/** Sends stored tiles as they are: reading only, no decoding, so it stays on the thread that asks. */
import { after, type Awaitable } from '../awaitable.ts';
import { infoOfPage } from '../image/info.ts';
import type { ImageReader } from '../image/reader.ts';
import { recycling } from '../recycling.ts';
import { insertJpegMetadata } from '../encode/jpeg-metadata.ts';
import { insertWebpMetadata } from '../encode/webp-metadata.ts';
import type { Embed } from '../encode/encoder.ts';
import { embedOf } from './embed.ts';
import { StageClock, type ReadClock } from '../metrics/stage-clock.ts';
import type { Picture, Render, RenderPixels } from './picture.ts';
import type { CopyPlan, PlanSource } from './plan.ts';

export type FindReader = (source: PlanSource) => Awaitable<ImageReader>;

export interface CopyParts {
  readonly findReader: FindReader;
  /** Of this thread. */
  readonly reads: ReadClock;
}

/** A `Render` that carries out copy plans itself and gives everything else, and what cannot be copied, to `render`. */
export function withCopies(render: RenderPixels, { findReader, reads }: CopyParts): Render {
  return (plan, signal) => {
    if (plan.kind === 'render') return render(plan, signal);
    return after(findReader(plan.otherwise.source), (reader) =>
      after(
        copyTile(plan, reader, new StageClock(reads)),
        (picture) => picture ?? render(plan.otherwise, signal),
      ),
    );
  };
}

/** Nothing is decoded: what is not reading is putting the file together. */
function copyTile(plan: CopyPlan, reader: ImageReader, clock: StageClock): Awaitable<Picture | undefined> {
  const { level, source } = plan.otherwise;
  clock.restart('read');
  const address = { page: source.page, level, column: plan.column, row: plan.row };
  return after(reader.readEncodedTile(address), (stored) => stored && complete(plan, reader, stored, clock));
}

function complete(plan: CopyPlan, reader: ImageReader, stored: Uint8Array, clock: StageClock): Picture {
  const { source, embed } = plan.otherwise;
  clock.enter('encode');
  const info = infoOfPage(reader.info, source.page);
  const { xmp } = info.metadata;
  const withXmp: Embed = { ...embedOf(embed, info), ...(xmp === undefined ? {} : { xmp }) };
  const isWebp = plan.otherwise.encoding.format === 'webp';
  const bytes = isWebp ? insertWebpMetadata(stored, withXmp) : insertJpegMetadata(stored, withXmp);
  if (bytes.buffer !== stored.buffer) recycling.giveBack(stored);
  return { bytes, origin: 'copied', stages: clock.read() };
}
