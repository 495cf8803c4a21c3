/** Header and image file directories (IFD) of TIFF and BigTIFF: where every value is, none of them read. */
import { ServerError } from '../../errors.ts';
import type { ErrorFacts } from '../../errors.ts';
import type { BlockReader } from '../block-reader.ts';
import { TYPE_BYTES } from './tags.ts';

/** How numbers are stored in a file. */
export interface TiffFormat {
  readonly isLittleEndian: boolean;
  readonly isBig: boolean;
}

/** An open TIFF while its directories are read. */
export interface TiffFile extends TiffFormat {
  readonly blocks: BlockReader;
  /** Offset of the first directory. */
  readonly firstDirectory: number;
}

/** A tag of a directory. Its values lie inside the file. */
export interface TagEntry {
  readonly tag: number;
  readonly type: number;
  /** Number of values. */
  readonly count: number;
  /** Of the first value, in the file, whether it is in the directory itself or elsewhere. */
  readonly offset: number;
}

export interface Directory {
  readonly offset: number;
  readonly entries: ReadonlyMap<number, TagEntry>;
  /** Offset of the next directory of the chain; 0 at its end. */
  readonly next: number;
}

/** No writer comes near; more is garbage that was taken for a directory. */
const MAX_ENTRIES = 4_096;

/** Damage, with where it is for the log. */
export function damaged(message: string, facts: ErrorFacts = {}): ServerError {
  return new ServerError('damaged', `damaged TIFF: ${message}`, { facts });
}

/**
 * Reads the header.
 *
 *     II or MM, 42, u32 offset of the first IFD             (TIFF)
 *     II or MM, 43, u16 8, u16 0, u64 offset of the first IFD   (BigTIFF)
 *
 * @throws {ServerError} `damaged`.
 */
export async function readHeader(blocks: BlockReader): Promise<TiffFile> {
  const start = viewOf(await blocks.bytes(0, 8));
  const isLittleEndian = start.getUint8(0) === 0x49;
  const isBig = start.getUint16(2, isLittleEndian) === 43;
  if (!isBig) return { blocks, isLittleEndian, isBig, firstDirectory: start.getUint32(4, isLittleEndian) };
  if (start.getUint16(4, isLittleEndian) !== 8) throw damaged('its offsets have an unknown size');
  const firstDirectory = readUint64(viewOf(await blocks.bytes(8, 8)), 0, isLittleEndian);
  return { blocks, isLittleEndian, isBig, firstDirectory };
}

/**
 * Reads one directory. Entries of unknown type or whose values lie outside the file are left out, so that a
 * broken optional tag costs only itself; of tags that occur twice the first counts.
 *
 *     u16 number of entries, { u16 tag, u16 type, u32 count, 4 bytes value or offset }, u32 next IFD   (TIFF)
 *     u64 number of entries, { u16 tag, u16 type, u64 count, 8 bytes value or offset }, u64 next IFD   (BigTIFF)
 *
 * @throws {ServerError} `damaged`.
 */
export async function readDirectory(file: TiffFile, offset: number): Promise<Directory> {
  const { blocks, isBig, isLittleEndian } = file;
  const wordBytes = isBig ? 8 : 4;
  const entryBytes = 4 + 2 * wordBytes;
  const countBytes = isBig ? 8 : 2;
  if (offset < 8 || offset + countBytes > blocks.size)
    throw damaged('a directory is outside the file', { offset });
  const head = viewOf(await blocks.bytes(offset, countBytes));
  const count = isBig ? readUint64(head, 0, isLittleEndian) : head.getUint16(0, isLittleEndian);
  const length = count * entryBytes + wordBytes;
  if (count === 0 || count > MAX_ENTRIES)
    throw damaged('a directory has an impossible size', { offset, count });
  // Some writers leave out the offset of the next directory at the end of the file.
  const available = Math.min(length, blocks.size - offset - countBytes);
  if (available < length - wordBytes) throw damaged('a directory is cut off', { offset, count });
  const start = offset + countBytes;
  const view = viewOf(await blocks.bytes(start, available));
  const entries = new Map<number, TagEntry>();
  for (let i = 0; i < count; i++) {
    const entry = parseEntry(view, i * entryBytes, start, file);
    if (entry !== undefined && !entries.has(entry.tag)) entries.set(entry.tag, entry);
  }
  return { offset, entries, next: available < length ? 0 : readWord(view, length - wordBytes, file) };
}

function parseEntry(view: DataView, at: number, start: number, file: TiffFile): TagEntry | undefined {
  const wordBytes = file.isBig ? 8 : 4;
  const tag = view.getUint16(at, file.isLittleEndian);
  const type = view.getUint16(at + 2, file.isLittleEndian);
  const count = readWord(view, at + 4, file);
  const bytes = (TYPE_BYTES[type] ?? 0) * count;
  if (bytes === 0) return undefined;
  const place = at + 4 + wordBytes;
  const offset = bytes <= wordBytes ? start + place : readWord(view, place, file);
  return offset + bytes <= file.blocks.size ? { tag, type, count, offset } : undefined;
}

function readWord(view: DataView, at: number, { isBig, isLittleEndian }: TiffFormat): number {
  return isBig ? readUint64(view, at, isLittleEndian) : view.getUint32(at, isLittleEndian);
}

/** Numbers over 2^53 lose their last digits: as offsets and counts they are outside of any file anyway. */
export function readUint64(view: DataView, at: number, isLittleEndian: boolean): number {
  const high = view.getUint32(at + (isLittleEndian ? 4 : 0), isLittleEndian);
  const low = view.getUint32(at + (isLittleEndian ? 0 : 4), isLittleEndian);
  return high * 2 ** 32 + low;
}

/** A view of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
