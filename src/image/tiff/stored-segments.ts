/** Fetches the tiles or strips of one level out of the file, still compressed. */
import { after, type Awaitable } from '../../awaitable.ts';
import type { SegmentAddress } from '../compose.ts';
import type { ByteSource } from '../source.ts';
import { compressionOf } from './compression.ts';
import type { EncodedSegment } from './compression.ts';
import { hasStoredChroma } from './colors.ts';
import type { TagEntry, TiffFormat } from './directory.ts';
import type { Subfile } from './subfile.ts';
import { TagArray } from './tag-array.ts';
import { rowBytesOf } from './unpack.ts';
import { entryOf, valueBytes } from './values.ts';
import { ycbcrBytes } from './ycbcr.ts';

/** Which plane of a planar subfile, or plane 0, which then has all samples of a pixel. */
export interface PlaneAddress extends SegmentAddress {
  readonly plane: number;
}

/** What comes out of a segment. */
export interface SegmentExtent {
  /** Row of the segment at which the decoded rows begin. */
  readonly firstRow: number;
  /** Rows that are decoded. */
  readonly height: number;
  /** Column at which they begin, and pixels of each. */
  readonly firstColumn: number;
  readonly width: number;
  /** Their bytes. */
  readonly length: number;
}

/** Compressed pixels are rarely larger than the pixels themselves; a byte count beyond is not believed. */
const compressedLimit = (length: number): number => 2 * length + 65_536;

/** A value of ExtraSamples. */
const UNASSOCIATED_ALPHA = 2;

const MAX_TABLES_BYTES = 2 ** 20;

/** Of rows that are longer all together, the wanted columns are read one row after the other. */
const LONG_ROWS_BYTES = 2 ** 18;
/** Such reads that wait at a time: sources on other machines answer several at once. */
const READS_AT_ONCE = 32;

export class StoredSegments {
  readonly #source: ByteSource;
  readonly #subfile: Subfile;
  readonly #storedBits: number;
  readonly #offsets: TagArray;
  readonly #byteCounts: TagArray | undefined;
  #jpegTables: Uint8Array | undefined;

  constructor(source: ByteSource, format: TiffFormat, subfile: Subfile) {
    this.#source = source;
    this.#subfile = subfile;
    this.#storedBits = subfile.bitsPerSample ?? 1;
    this.#offsets = new TagArray(source, subfile.offsets, format);
    this.#byteCounts = subfile.byteCounts && new TagArray(source, subfile.byteCounts, format);
  }

  /** Samples side by side for each pixel of a segment. */
  get samplesPerPixel(): number {
    return this.#subfile.isPlanar ? 1 : this.#subfile.samplesPerPixel;
  }

  /**
   * Of a strip (or a tile of fax rows) at the end only the rows that the image has; of uncompressed segments only the
   * wanted rows, and only the wanted columns where that is much less.
   */
  extentOf({ row, rows, columns }: SegmentAddress): SegmentExtent {
    const { grid, height: imageHeight } = this.#subfile;
    const isTiled = grid.kind === 'tiles';
    // Fax rows are decoded one after the other, so that those below the image need not be.
    const isWhole = isTiled && compressionOf(this.#subfile.compression).isBilevel !== true;
    const whole = isWhole ? grid.height : Math.min(grid.height, imageHeight - row * grid.height);
    if (!this.#isUncompressed)
      return { firstRow: 0, height: whole, firstColumn: 0, width: grid.width, length: this.#rowBytes(whole) };
    const step = this.#rowStep;
    const firstRow = Math.floor(rows.first / step) * step;
    const end = Math.min(Math.ceil((rows.first + rows.count) / step) * step, whole);
    const height = end - firstRow;
    const length = this.#rowBytes(height);
    const isLong = length > LONG_ROWS_BYTES && 2 * columns.count <= grid.width;
    if (!isLong || hasStoredChroma(this.#subfile))
      return { firstRow, height, firstColumn: 0, width: grid.width, length };
    // Eight pixels of whatever width are whole bytes.
    const firstColumn = columns.first - (columns.first % 8);
    const width = Math.min(columns.first + columns.count, grid.width) - firstColumn;
    const rowBytes = rowBytesOf(width, this.samplesPerPixel, this.#storedBits);
    return { firstRow, height, firstColumn, width, length: height * rowBytes };
  }

  /** Rows that can only be read together. */
  get #rowStep(): number {
    return hasStoredChroma(this.#subfile) ? (this.#subfile.ycbcr?.vertical ?? 1) : 1;
  }

  #rowBytes(height: number): number {
    const { grid, ycbcr, isPlanar } = this.#subfile;
    if (ycbcr !== undefined && !isPlanar && hasStoredChroma(this.#subfile))
      return ycbcrBytes({ width: grid.width, height }, ycbcr);
    return height * rowBytesOf(grid.width, this.samplesPerPixel, this.#storedBits);
  }

  /**
   * The stored bytes; undefined for a sparse segment.
   *
   * @throws {ServerError} `damaged`.
   */
  fetch(address: PlaneAddress): Awaitable<EncodedSegment | undefined> {
    const index = this.#indexOf(address);
    return after(this.#offsets.at(index), (stored) => {
      const offset = stored === 0 ? 0 : stored + (this.#subfile.shift ?? 0);
      if (this.#byteCounts === undefined) return this.#fetchAt(address, offset, undefined);
      return after(this.#byteCounts.at(index), (byteCount) => this.#fetchAt(address, offset, byteCount));
    });
  }

  /** Without byte counts a segment may reach to the end of the file. */
  #fetchAt(
    address: PlaneAddress,
    offset: number,
    storedBytes: number | undefined,
  ): Awaitable<EncodedSegment | undefined> {
    const behind = Math.max(0, this.#source.identity.size - offset);
    const byteCount = storedBytes ?? behind;
    if (offset === 0 || byteCount === 0) return undefined;
    const extent = this.extentOf(address);
    const read = this.#isUncompressed
      ? this.#readRows(offset, extent)
      : this.#source.read(offset, Math.min(byteCount, compressedLimit(extent.length), this.#reach(behind)));
    return after(read, (bytes) =>
      after(this.#readJpegTables(), (jpegTables) => this.#encoded(bytes, extent, jpegTables)),
    );
  }

  #encoded(
    bytes: Uint8Array,
    { width, height, length }: SegmentExtent,
    jpegTables: Uint8Array | undefined,
  ): EncodedSegment {
    const { photometric, compression, codecParameters, extraSamples, isPlanar } = this.#subfile;
    const { samplesPerPixel } = this;
    return {
      bytes,
      width,
      height,
      samplesPerPixel,
      endsInAlpha: !isPlanar && extraSamples.at(-1) === UNASSOCIATED_ALPHA,
      length,
      photometric,
      compression,
      jpegTables,
      codecParameters,
    };
  }

  /** Of an uncompressed segment: rows that lie together in one read, parts of them one by one. */
  #readRows(offset: number, extent: SegmentExtent): Awaitable<Uint8Array> {
    const { firstRow, width, length } = extent;
    const start = offset + this.#rowBytes(firstRow);
    return width === this.#subfile.grid.width
      ? this.#source.read(start, length)
      : this.#readPartsOfRows(start, extent);
  }

  async #readPartsOfRows(start: number, extent: SegmentExtent): Promise<Uint8Array> {
    const { height, firstColumn, length } = extent;
    const stride = this.#rowBytes(1);
    const rowBytes = length / height;
    const left = start + rowBytesOf(firstColumn, this.samplesPerPixel, this.#storedBits);
    const bytes = new Uint8Array(length);
    for (let first = 0; first < height; first += READS_AT_ONCE) {
      const reads = Array.from({ length: Math.min(READS_AT_ONCE, height - first) }, async (_, i) =>
        this.#source.read(left + (first + i) * stride, rowBytes),
      );
      (await Promise.all(reads)).forEach((row, i) => bytes.set(row, (first + i) * rowBytes));
    }
    return bytes;
  }

  /**
   * Byte counts may reach over the end of the file, as some writers do not know the length of the last strip; its
   * decoder tells when pixels are missing. Decoders of pictures do not: they make gray of them.
   */
  #reach(behind: number): number {
    return compressionOf(this.#subfile.compression).isPicture === true ? Infinity : behind;
  }

  #indexOf({ column, row, plane }: PlaneAddress): number {
    const { rows, columns } = this.#subfile.grid;
    return (plane * rows + row) * columns + column;
  }

  get #isUncompressed(): boolean {
    return compressionOf(this.#subfile.compression).name === 'none';
  }

  #readJpegTables(): Awaitable<Uint8Array | undefined> {
    if (this.#jpegTables !== undefined) return this.#jpegTables;
    const entry = entryOf(this.#subfile.directory, 'JPEGTables');
    if (entry === undefined || compressionOf(this.#subfile.compression).name !== 'jpeg') return undefined;
    return after(readEntry(this.#source, entry, MAX_TABLES_BYTES), (tables) => (this.#jpegTables = tables));
  }
}

/** The bytes of all values of a tag, at most `maxBytes`. */
export function readEntry(source: ByteSource, entry: TagEntry, maxBytes: number): Awaitable<Uint8Array> {
  return source.read(entry.offset, Math.min(entry.count * valueBytes(entry.type), maxBytes));
}
