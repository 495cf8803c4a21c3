/** The density that a TIFF directory states; EXIF blocks have the same tags. */
import type { Resolution } from '../info.ts';
import type { Directory, TiffFile } from './directory.ts';
import { readNumber } from './values.ts';

const NO_UNIT = 1;
const CENTIMETER = 3;

/** Density in the unit of the file; a missing unit is an inch (TIFF 6.0, section 8). */
export async function readResolution(file: TiffFile, directory: Directory): Promise<Resolution | undefined> {
  const x = await readNumber(file, directory, 'XResolution');
  const y = (await readNumber(file, directory, 'YResolution')) ?? x;
  if (!isDensity(x) || !isDensity(y)) return undefined;
  const unit = await readNumber(file, directory, 'ResolutionUnit');
  return { x, y, unit: unit === NO_UNIT ? 'none' : unit === CENTIMETER ? 'cm' : 'inch' };
}

function isDensity(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}
