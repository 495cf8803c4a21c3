/** The orientation that a TIFF directory states; EXIF blocks have the same tag. */
import type { Directory, TiffFile } from './directory.ts';
import { readNumber } from './values.ts';

/** 2 to 8; undefined when the picture stands upright, nothing is said of it, or nothing that makes sense. */
export async function readOrientation(file: TiffFile, directory: Directory): Promise<number | undefined> {
  const orientation = (await readNumber(file, directory, 'Orientation')) ?? 1;
  return Number.isInteger(orientation) && orientation > 1 && orientation <= 8 ? orientation : undefined;
}
