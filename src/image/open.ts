/** Signature → reader: the one table of the formats that can be opened. */
import { ServerError } from '../errors.ts';
import { BlockReader } from './block-reader.ts';
import { LevelStore, storeMemory } from './flat/level-store.ts';
import { openJp2 } from './jp2/open.ts';
import { NativeDecoder } from './jp2/native/decoder.ts';
import { withToldDeaths } from './jp2/native/told-deaths.ts';
import { openJpeg } from './jpeg/open.ts';
import { DEFAULT_SETTINGS, type OpenContext, type OpenOptions } from './open-context.ts';
import { withOrientation } from './orientation.ts';
import type { ImageReader } from './reader.ts';
import { fileKind, KIND_NAMES, SIGNATURE_BYTES } from './signature.ts';
import type { FileKind } from './signature.ts';
import { openAvif, openGif, openPng, openWebp } from './sharp/open.ts';
import type { ByteSource } from './source.ts';
import { openTiff } from './tiff/open.ts';
import { withVirtualLevels } from './virtual/reader.ts';

/** Opens a file whose kind is known; the reader keeps `blocks.source`, not `blocks`. */
export type OpenReader = (blocks: BlockReader, context: OpenContext) => Promise<ImageReader>;

/** One process for each thread that needs it. */
let native: NativeDecoder | undefined;

const openJpeg2000: OpenReader = (blocks, { jp2ReadMode, jp2Decoder, report }) =>
  openJp2(blocks, {
    isStrict: jp2ReadMode === 'fussy',
    native: jp2Decoder === 'native' ? withToldDeaths((native ??= new NativeDecoder()), report) : undefined,
  });

/** A format that is added is one entry more. */
const READERS: Partial<Record<FileKind, OpenReader>> = {
  tiff: openTiff,
  jpeg: openJpeg,
  jp2: openJpeg2000,
  jpx: openJpeg2000,
  jph: openJpeg2000,
  j2k: openJpeg2000,
  png: openPng,
  webp: openWebp,
  gif: openGif,
  avif: openAvif,
};

/**
 * Opens an image of whatever format it has. Closing the reader closes the source; when this rejects, the source
 * is closed already.
 *
 * @throws {ServerError} `not-a-picture` for unknown bytes, `unsupported` for a format or a feature without
 * reader, `damaged` for a header that makes no sense, and what the source throws.
 */
export async function openImage(source: ByteSource, options: OpenOptions = {}): Promise<ImageReader> {
  const { wrap, report = () => {}, levels = ownLevels(), ...rest } = options;
  const settings = { ...DEFAULT_SETTINGS, ...rest };
  const blocks = new BlockReader(source);
  try {
    const open = await findReader(blocks);
    const reader = await open(blocks, {
      ...settings,
      levels,
      report: (message, facts) => report(message, { path: source.path, ...facts }),
    });
    const stored = withVirtualLevels(reader, source, levels);
    const complete = wrap === undefined ? stored : await wrap(stored, source);
    return settings.isOriented ? withOrientation(complete) : complete;
  } catch (error) {
    source.close();
    throw error;
  }
}

/** For whoever shares no levels with other threads: tests, tools. */
const OWN_LEVEL_BYTES = 2 ** 27;
let own: LevelStore | undefined;
const ownLevels = (): LevelStore => (own ??= new LevelStore(storeMemory(OWN_LEVEL_BYTES)));

async function findReader(blocks: BlockReader): Promise<OpenReader> {
  const { path } = blocks.source;
  const head = await blocks.bytes(0, Math.min(SIGNATURE_BYTES, blocks.size));
  const kind = fileKind(head);
  if (kind === undefined)
    throw new ServerError('not-a-picture', 'this file is no picture', { facts: { path } });
  const open = READERS[kind];
  if (open === undefined) {
    throw new ServerError('unsupported', `${KIND_NAMES[kind]} images are not supported`, {
      facts: { path, kind },
    });
  }
  return open;
}
