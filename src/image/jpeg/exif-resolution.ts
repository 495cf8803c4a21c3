/** The density and the orientation in an EXIF block, which is a TIFF without pixels. */
import { ServerError } from '../../errors.ts';
import { BlockReader } from '../block-reader.ts';
import type { Resolution } from '../info.ts';
import { memorySource } from '../memory-source.ts';
import { readDirectory, readHeader } from '../tiff/directory.ts';
import type { Directory, TiffFile } from '../tiff/directory.ts';
import { readOrientation } from '../tiff/orientation-tag.ts';
import { readResolution } from '../tiff/resolution.ts';

/** Undefined when the block has none or makes no sense: a picture is worth showing without its EXIF. */
export function readExifResolution(exif: Uint8Array): Promise<Resolution | undefined> {
  return readExif(exif, readResolution);
}

/** How the picture has to be turned, 2 to 8; undefined when it stands upright or nothing is said of it. */
export function readExifOrientation(exif: Uint8Array): Promise<number | undefined> {
  return readExif(exif, readOrientation);
}

async function readExif<T>(
  exif: Uint8Array,
  read: (file: TiffFile, directory: Directory) => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    const file = await readHeader(new BlockReader(memorySource(exif)));
    return await read(file, await readDirectory(file, file.firstDirectory));
  } catch (error) {
    if (error instanceof ServerError && error.kind === 'damaged') return undefined;
    throw error;
  }
}
