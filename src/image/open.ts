/** Signature → reader: the one table of the formats that can be opened. */
import { ServerError } from '../errors.ts';
import { BlockReader } from './block-reader.ts';
import { openJp2 } from './jp2/open.ts';
import { openJpeg } from './jpeg/open.ts';
import { DEFAULT_SETTINGS, type OpenContext } from './open-context.ts';
import { withOrientation } from './orientation.ts';
import type { ImageReader } from './reader.ts';
import { fileKind, KIND_NAMES, SIGNATURE_BYTES } from './signature.ts';
import type { FileKind } from './signature.ts';
import type { ByteSource } from './source.ts';
import { openTiff } from './tiff/open.ts';
import { withVirtualLevels } from './virtual-levels.ts';

/** Opens a file whose kind is known; the reader keeps `blocks.source`, not `blocks`. */
export type OpenReader = (blocks: BlockReader, context: OpenContext) => Promise<ImageReader>;

const openJpeg2000: OpenReader = (blocks, { jp2ReadMode }) =>
  openJp2(blocks, { isStrict: jp2ReadMode === 'fussy' });

/** A format that is added is one entry more. */
const READERS: Partial<Record<FileKind, OpenReader>> = {
  tiff: openTiff,
  jpeg: openJpeg,
  jp2: openJpeg2000,
  jpx: openJpeg2000,
  jph: openJpeg2000,
  j2k: openJpeg2000,
};

/**
 * Opens an image of whatever format it has. Closing the reader closes the source; when this rejects, the source
 * is closed already.
 *
 * @throws {ServerError} `not-a-picture` for unknown bytes, `unsupported` for a format or a feature without
 * reader, `damaged` for a header that makes no sense, and what the source throws.
 */
export async function openImage(
  source: ByteSource,
  options: Partial<OpenContext> = {},
): Promise<ImageReader> {
  const { report = () => {}, ...settings } = { ...DEFAULT_SETTINGS, ...options };
  const blocks = new BlockReader(source);
  try {
    const open = await findReader(blocks);
    const reader = await open(blocks, {
      ...settings,
      report: (message, facts) => report(message, { path: source.path, ...facts }),
    });
    const complete = withVirtualLevels(reader, source.identity.size);
    return settings.isOriented ? withOrientation(complete) : complete;
  } catch (error) {
    source.close();
    throw error;
  }
}

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
