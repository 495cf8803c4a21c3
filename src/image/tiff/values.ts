/** Values of TIFF tags as numbers, text and bytes. */
import { decodeText } from '../text.ts';
import { damaged, readUint64, viewOf } from './directory.ts';
import type { Directory, TagEntry, TiffFile, TiffFormat } from './directory.ts';
import { TAG, TYPE, TYPE_BYTES } from './tags.ts';
import type { TagName } from './tags.ts';

/** Longer texts, profiles and packets are left out rather than kept in memory for every known image. */
const MAX_METADATA_BYTES = 2 ** 24;

/** Values of a tag that is read whole: bits of each sample, a color map, offsets of SubIFDs. */
const MAX_NUMBERS = 2 ** 18;

/** The entry of a tag. */
export function entryOf(directory: Directory, name: TagName): TagEntry | undefined {
  return directory.entries.get(TAG[name]);
}

/**
 * All numbers of a tag: integers, floats, and rationals as quotients. Empty when the tag is not there.
 *
 * @throws {ServerError} `damaged` when there are more than any tag can have that is read whole.
 */
export async function readNumbers(file: TiffFile, directory: Directory, name: TagName): Promise<number[]> {
  const entry = entryOf(directory, name);
  if (entry === undefined) return [];
  if (entry.count > MAX_NUMBERS) throw damaged(`${name} has too many values`, { count: entry.count });
  const bytes = await file.blocks.bytes(entry.offset, entry.count * valueBytes(entry.type));
  return [...decodeNumbers(bytes, entry.type, file)];
}

/** The first number of a tag, or undefined when the tag is not there. */
export async function readNumber(
  file: TiffFile,
  directory: Directory,
  name: TagName,
): Promise<number | undefined> {
  const entry = entryOf(directory, name);
  if (entry === undefined) return undefined;
  const bytes = await file.blocks.bytes(entry.offset, valueBytes(entry.type));
  return decodeNumbers(bytes, entry.type, file)[0];
}

/**
 * A text, cut at its first NUL: UTF-8 when it is valid, else Latin-1 (TIFF 6.0 knows only ASCII, writers more).
 * Undefined when the tag is not there, empty or too long.
 */
export async function readText(
  file: TiffFile,
  directory: Directory,
  name: TagName,
): Promise<string | undefined> {
  const bytes = await readBytes(file, directory, name);
  return bytes === undefined ? undefined : decodeText(bytes);
}

/** The bytes of a tag, a copy. Undefined when the tag is not there or too long. */
export async function readBytes(
  file: TiffFile,
  directory: Directory,
  name: TagName,
): Promise<Uint8Array | undefined> {
  const entry = entryOf(directory, name);
  if (entry === undefined) return undefined;
  const length = entry.count * valueBytes(entry.type);
  if (length > MAX_METADATA_BYTES) return undefined;
  return new Uint8Array(await file.blocks.bytes(entry.offset, length));
}

/** Bytes of one value. Entries have only types of the table. */
export function valueBytes(type: number): number {
  return TYPE_BYTES[type] ?? 1;
}

type ReadValue = (view: DataView, at: number, isLittleEndian: boolean) => number;

const READ_VALUE: Readonly<Record<number, ReadValue>> = {
  [TYPE.byte]: (view, at) => view.getUint8(at),
  [TYPE.ascii]: (view, at) => view.getUint8(at),
  [TYPE.undefined]: (view, at) => view.getUint8(at),
  [TYPE.sbyte]: (view, at) => view.getInt8(at),
  [TYPE.short]: (view, at, little) => view.getUint16(at, little),
  [TYPE.sshort]: (view, at, little) => view.getInt16(at, little),
  [TYPE.long]: (view, at, little) => view.getUint32(at, little),
  [TYPE.ifd]: (view, at, little) => view.getUint32(at, little),
  [TYPE.slong]: (view, at, little) => view.getInt32(at, little),
  [TYPE.rational]: (view, at, little) => view.getUint32(at, little) / view.getUint32(at + 4, little),
  [TYPE.srational]: (view, at, little) => view.getInt32(at, little) / view.getInt32(at + 4, little),
  [TYPE.float]: (view, at, little) => view.getFloat32(at, little),
  [TYPE.double]: (view, at, little) => view.getFloat64(at, little),
  [TYPE.long8]: readUint64,
  [TYPE.ifd8]: readUint64,
  [TYPE.slong8]: (view, at, little) => Number(view.getBigInt64(at, little)),
};

/** Values side by side in `bytes`, all of one type. */
export function decodeNumbers(bytes: Uint8Array, type: number, { isLittleEndian }: TiffFormat): Float64Array {
  const size = valueBytes(type);
  const read = READ_VALUE[type];
  if (read === undefined) throw new RangeError(`no TIFF type ${type}`);
  const view = viewOf(bytes);
  const values = new Float64Array(Math.floor(bytes.length / size));
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * size, isLittleEndian);
  return values;
}
