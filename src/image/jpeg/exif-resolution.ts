/** The density in an EXIF block, which is a TIFF without pixels. */
import { ServerError } from '../../errors.ts';
import { BlockReader } from '../block-reader.ts';
import type { Resolution } from '../info.ts';
import { memorySource } from '../memory-source.ts';
import { readDirectory, readHeader } from '../tiff/directory.ts';
import { readResolution } from '../tiff/resolution.ts';

/** Undefined when the block has none or makes no sense: a picture is worth showing without its EXIF. */
export async function readExifResolution(exif: Uint8Array): Promise<Resolution | undefined> {
  try {
    const file = await readHeader(new BlockReader(memorySource(exif)));
    return await readResolution(file, await readDirectory(file, file.firstDirectory));
  } catch (error) {
    if (error instanceof ServerError && error.kind === 'damaged') return undefined;
    throw error;
  }
}
