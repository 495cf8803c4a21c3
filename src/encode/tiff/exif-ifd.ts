/** Takes the Exif and GPS directories out of an EXIF block, so that they can become directories of a TIFF file. */
import { viewOf } from '../bytes.ts';
import type { SubDirectory } from './file.ts';
import { IS_LITTLE_ENDIAN } from './ifd.ts';
import type { Entry } from './ifd.ts';

/** Tags of IFD 0 that point to the other directories (Exif 2.32, 4.6.3). */
const EXIF_POINTER = 34_665;
const GPS_POINTER = 34_853;
const INTEROPERABILITY_POINTER = 40_965;

/** Bytes of one value and of the units that byte order turns, by type code 1 to 12. */
const VALUE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const UNIT_BYTES = [0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8];

/**
 * Those of both directories that are there, with values in the byte order of this machine.
 *
 * Cameras and editors write much that is not right, which is no reason to refuse the picture: directories and values
 * that do not lie inside the block are left out, and so is the pointer to the interoperability directory. Offsets
 * inside a maker's note stay what they were.
 */
export function exifDirectories(block: Uint8Array): SubDirectory[] {
  if (block.length < 8) return [];
  const order = String.fromCharCode(block[0]!, block[1]!);
  if (order !== 'II' && order !== 'MM') return [];
  const reader = { block, view: viewOf(block), isLittle: order === 'II' };
  const main = readEntries(reader, reader.view.getUint32(4, reader.isLittle));
  return [EXIF_POINTER, GPS_POINTER]
    .map((pointer) => ({ pointer, entries: directoryBehind(reader, main, pointer) }))
    .filter(({ entries }) => entries.length > 0);
}

function directoryBehind(reader: BlockReader, main: readonly Entry[], pointer: number): Entry[] {
  const entry = main.find(({ tag, value }) => tag === pointer && value.length === 4);
  if (entry === undefined) return [];
  const entries = readEntries(reader, viewOf(entry.value).getUint32(0, IS_LITTLE_ENDIAN));
  return entries.filter(({ tag }) => tag !== INTEROPERABILITY_POINTER);
}

interface BlockReader {
  readonly block: Uint8Array;
  readonly view: DataView;
  readonly isLittle: boolean;
}

/** The entries that are whole; nothing when the directory is not. */
function readEntries(reader: BlockReader, offset: number): Entry[] {
  const { block, view, isLittle } = reader;
  if (offset + 2 > block.length) return [];
  const count = view.getUint16(offset, isLittle);
  if (offset + 2 + 12 * count > block.length) return [];
  const entries = Array.from({ length: count }, (_, index) => readEntry(reader, offset + 2 + 12 * index));
  return entries.filter((entry) => entry !== undefined);
}

function readEntry({ block, view, isLittle }: BlockReader, at: number): Entry | undefined {
  const type = view.getUint16(at + 2, isLittle);
  const count = view.getUint32(at + 4, isLittle);
  const length = (VALUE_BYTES[type] ?? 0) * count;
  const start = length <= 4 ? at + 8 : view.getUint32(at + 8, isLittle);
  if (length === 0 || start + length > block.length) return undefined;
  const value = new Uint8Array(block.subarray(start, start + length));
  if (isLittle !== IS_LITTLE_ENDIAN) reverseUnits(value, UNIT_BYTES[type] ?? 1);
  return { tag: view.getUint16(at, isLittle), type, count, value };
}

function reverseUnits(bytes: Uint8Array, unit: number): void {
  if (unit === 1) return;
  for (let start = 0; start < bytes.length; start += unit) bytes.subarray(start, start + unit).reverse();
}
