/** One level of a TIFF: fetches its tiles or strips from the file and makes pixels of them. */
import type { Segment, SegmentAddress } from '../compose.ts';
import { allocateSamples } from '../raster.ts';
import type { Raster, Samples } from '../raster.ts';
import type { ByteSource } from '../source.ts';
import { compressionOf } from './compression.ts';
import type { Compression, EncodedSegment } from './compression.ts';
import { damaged } from './directory.ts';
import type { TagEntry, TiffFormat } from './directory.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { checkReadable } from './readable.ts';
import { paletteOf, readSamples, rowBytesOf } from './samples.ts';
import type { Subfile } from './subfile.ts';
import { TagArray } from './tag-array.ts';
import { decodeNumbers, entryOf, valueBytes } from './values.ts';

/** Where a tile or strip is in the file. */
interface StoredPlace {
  readonly offset: number;
  readonly byteCount: number;
}

/** Compressed pixels are rarely larger than the pixels themselves; a byte count beyond is not believed. */
const compressedLimit = (length: number): number => 2 * length + 65_536;

const REVERSED_BITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
});

export class StoredLevel {
  readonly subfile: Subfile;
  readonly layout: PixelLayout;
  readonly compression: Compression;
  readonly #source: ByteSource;
  readonly #format: TiffFormat;
  readonly #offsets: TagArray;
  readonly #byteCounts: TagArray | undefined;
  #jpegTables: Uint8Array | undefined;
  #palette: Uint8Array | undefined;

  /** @throws {ServerError} as `checkReadable`. */
  constructor(source: ByteSource, format: TiffFormat, subfile: Subfile) {
    this.subfile = subfile;
    this.layout = checkReadable(subfile);
    this.compression = compressionOf(subfile.compression);
    this.#source = source;
    this.#format = format;
    this.#offsets = new TagArray(source, subfile.offsets, format);
    this.#byteCounts = subfile.byteCounts && new TagArray(source, subfile.byteCounts, format);
  }

  /**
   * Decodes the wanted rows of a tile or strip, or all of them; planes are put together.
   *
   * A sparse one (offset or byte count 0) has the sample value 0 everywhere, as if 0 were stored.
   *
   * @throws {ServerError} `damaged`.
   */
  async readSegment(address: SegmentAddress): Promise<Segment> {
    const { isPlanar, samplesPerPixel } = this.subfile;
    if (!isPlanar) return this.#readPlane(address, 0, samplesPerPixel);
    const planes: Segment[] = [];
    for (let plane = 0; plane < samplesPerPixel; plane++)
      planes.push(await this.#readPlane(address, plane, 1));
    return interleave(planes);
  }

  /** A tile as it is stored, with what is needed to make a file of it; undefined when it is sparse. */
  async readStored(column: number, row: number): Promise<EncodedSegment | undefined> {
    const { grid, samplesPerPixel } = this.subfile;
    return this.#fetch({ column, row, rows: { first: 0, count: grid.height } }, 0, samplesPerPixel);
  }

  async #readPlane(address: SegmentAddress, plane: number, samplesPerPixel: number): Promise<Segment> {
    const { subfile, layout } = this;
    const encoded = await this.#fetch(address, plane, samplesPerPixel);
    const { height, length } = encoded ?? this.#extent(address, samplesPerPixel);
    const bytes = encoded === undefined ? new Uint8Array(length) : await this.#decode(encoded);
    const isPicture = this.compression.isPicture === true;
    const data = readSamples(bytes, {
      layout,
      width: subfile.grid.width,
      height,
      samplesPerPixel,
      predictor:
        encoded === undefined || isPicture || (subfile.predictor !== 2 && subfile.predictor !== 3)
          ? 1
          : subfile.predictor,
      isLittleEndian: this.#format.isLittleEndian,
      palette: layout.isPalette ? await this.#readPalette() : undefined,
    });
    const bands = layout.isPalette ? 3 : samplesPerPixel;
    const { bitsPerSample, sampleFormat } = layout;
    const raster: Raster = { width: subfile.grid.width, height, bands, bitsPerSample, sampleFormat, data };
    return { raster, firstRow: this.#isUncompressed() ? address.rows.first : 0, isShared: false };
  }

  /** The stored bytes; of uncompressed segments only the wanted rows. */
  async #fetch(
    address: SegmentAddress,
    plane: number,
    samplesPerPixel: number,
  ): Promise<EncodedSegment | undefined> {
    const { offset, byteCount } = await this.#locate(address, plane);
    if (offset === 0 || byteCount === 0) return undefined;
    const { height, length } = this.#extent(address, samplesPerPixel);
    const rowBytes = length / height;
    const bytes = this.#isUncompressed()
      ? await this.#source.read(offset + address.rows.first * rowBytes, length)
      : await this.#source.read(offset, Math.min(byteCount, compressedLimit(length)));
    return {
      bytes,
      width: this.subfile.grid.width,
      height,
      samplesPerPixel,
      length,
      photometric: this.subfile.photometric,
      jpegTables: await this.#readJpegTables(),
    };
  }

  async #locate({ column, row }: SegmentAddress, plane: number): Promise<StoredPlace> {
    const { grid } = this.subfile;
    const index = (plane * grid.rows + row) * grid.columns + column;
    const offset = await this.#offsets.at(index);
    // Without byte counts a segment may reach to the end of the file.
    const byteCount = (await this.#byteCounts?.at(index)) ?? Math.max(0, this.#source.identity.size - offset);
    return { offset, byteCount };
  }

  /** Rows that come out of a segment: all, of the last strip as many as there are, of uncompressed data the wanted ones. */
  #extent(
    { row, rows }: SegmentAddress,
    samplesPerPixel: number,
  ): { readonly height: number; readonly length: number } {
    const { grid, height } = this.subfile;
    const whole = grid.kind === 'tiles' ? grid.height : Math.min(grid.height, height - row * grid.height);
    const wanted = this.#isUncompressed() ? rows.count : whole;
    return {
      height: wanted,
      length: wanted * rowBytesOf(grid.width, samplesPerPixel, this.layout.storedBits),
    };
  }

  async #decode(encoded: EncodedSegment): Promise<Uint8Array> {
    const { decode, isPicture } = this.compression;
    if (decode === undefined) throw new RangeError(`no decoder for ${this.compression.name}`);
    if (this.subfile.isBitReversed && isPicture !== true) reverseBits(encoded.bytes);
    const bytes = await decode(encoded);
    if (bytes.length < encoded.length) {
      throw damaged('a tile or strip ends too early', { length: bytes.length, expected: encoded.length });
    }
    return bytes.subarray(0, encoded.length);
  }

  #isUncompressed(): boolean {
    return this.compression.name === 'none';
  }

  async #readJpegTables(): Promise<Uint8Array | undefined> {
    const entry = entryOf(this.subfile.directory, 'JPEGTables');
    if (entry === undefined || this.compression.name !== 'jpeg') return undefined;
    this.#jpegTables ??= await this.#readEntry(entry);
    return this.#jpegTables;
  }

  async #readPalette(): Promise<Uint8Array> {
    if (this.#palette !== undefined) return this.#palette;
    const entry = entryOf(this.subfile.directory, 'ColorMap');
    const count = 3 * 2 ** this.layout.storedBits;
    if (entry === undefined || entry.count < count) throw damaged('the color map is missing');
    const bytes = await this.#readEntry({ ...entry, count });
    this.#palette = paletteOf([...decodeNumbers(bytes, entry.type, this.#format)]);
    return this.#palette;
  }

  async #readEntry({ offset, count, type }: TagEntry): Promise<Uint8Array> {
    return this.#source.read(offset, Math.min(count * valueBytes(type), 2 ** 20));
  }
}

function reverseBits(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = REVERSED_BITS[bytes[i]!]!;
}

/** One raster of all bands from one raster for each. */
function interleave(planes: readonly Segment[]): Segment {
  const [first] = planes;
  if (first === undefined) throw new RangeError('no planes');
  const { raster } = first;
  const bands = planes.length;
  const pixels = raster.width * raster.height;
  const data: Samples = allocateSamples(pixels * bands, raster.bitsPerSample, raster.sampleFormat);
  planes.forEach((plane, band) => {
    const samples = plane.raster.data;
    for (let i = 0, to = band; i < pixels; i++, to += bands) data[to] = samples[i]!;
  });
  return { ...first, raster: { ...raster, bands, data } };
}
