/** One level of a TIFF: makes pixels of its tiles or strips. */
import { after, rescued, type Awaitable } from '../../awaitable.ts';
import { ServerError } from '../../errors.ts';
import type { Segment, SegmentAddress } from '../compose.ts';
import { allocateSamples } from '../raster.ts';
import type { Raster, Samples } from '../raster.ts';
import { recycling } from '../../recycling.ts';
import type { ByteSource } from '../source.ts';
import { unassociateAlpha } from './alpha.ts';
import { toCielab } from './cielab-kinds.ts';
import { hasStoredChroma } from './colors.ts';
import { compressionOf } from './compression.ts';
import type { Compression, EncodedSegment } from './compression.ts';
import { damaged } from './directory.ts';
import type { TiffFormat } from './directory.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { paletteOf } from './palette.ts';
import { checkReadable } from './readable.ts';
import { IS_LITTLE_ENDIAN_HOST, readSamples } from './samples.ts';
import { readEntry, StoredSegments } from './stored-segments.ts';
import type { PlaneAddress, SegmentExtent } from './stored-segments.ts';
import type { Subfile } from './subfile.ts';
import { decodeNumbers, entryOf } from './values.ts';
import { expandChroma, undoYcbcrDifferences, ycbcrToRgb } from './ycbcr.ts';

/** Colors of 16-bit indexes. */
const MAX_PALETTE_BYTES = 3 * 2 ** 16 * 8;

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
  readonly #segments: StoredSegments;
  #palette: Uint8Array | undefined;

  /** @throws {ServerError} as `checkReadable`. */
  constructor(source: ByteSource, format: TiffFormat, subfile: Subfile) {
    this.subfile = subfile;
    this.layout = checkReadable(subfile);
    this.compression = compressionOf(subfile.compression);
    this.#source = source;
    this.#format = format;
    this.#segments = new StoredSegments(source, format, subfile);
  }

  /**
   * Decodes a tile or strip, of uncompressed ones the wanted rows only (and columns, where rows are long); planes are put together.
   *
   * A sparse one (offset or byte count 0) has the sample value 0 everywhere, as if 0 were stored; where the file has a
   * value for "nothing here", that one.
   *
   * @throws {ServerError} `damaged`, with the tile among its facts.
   */
  readSegment(address: SegmentAddress): Awaitable<Segment> {
    const { layout, subfile } = this;
    if (subfile.isPlanar && !layout.isPalette && layout.bands > 1) return this.#readPlanes(address);
    return after(this.#readPlane(address, 0), (plane) => this.#finished(plane));
  }

  async #readPlanes(address: SegmentAddress): Promise<Segment> {
    const planes: Segment[] = [];
    for (let plane = 0; plane < this.layout.bands; plane++)
      planes.push(await this.#readPlane(address, plane));
    return this.#finished(interleave(planes));
  }

  #finished({ raster, firstRow, firstColumn, isShared }: Segment): Segment {
    return { raster: this.#finish(raster), firstRow, firstColumn, isShared };
  }

  /** What takes all bands of a pixel: color spaces that rasters do not have, associated alpha, bands that are left out. */
  #finish(raster: Raster): Raster {
    const { layout, subfile } = this;
    if (subfile.ycbcr !== undefined && hasStoredChroma(subfile) && raster.data instanceof Uint8Array)
      ycbcrToRgb(raster.data, subfile.ycbcr);
    if (layout.colorSpace === 'cielab') toCielab(raster, subfile);
    if (layout.associatedAlpha !== undefined) unassociateAlpha(raster, layout.associatedAlpha);
    return raster.bands > layout.bands ? firstBands(raster, layout.bands) : raster;
  }

  /** A tile of all bands as it is stored, with what is needed to make a file of it; undefined when it is sparse. */
  readStored(column: number, row: number): Awaitable<EncodedSegment | undefined> {
    return this.#segments.fetch({
      column,
      row,
      plane: 0,
      rows: { first: 0, count: this.subfile.grid.height },
      columns: { first: 0, count: this.subfile.grid.width },
    });
  }

  #readPlane({ column, row, rows, columns }: SegmentAddress, plane: number): Awaitable<Segment> {
    const { layout } = this;
    const address: PlaneAddress = { column, row, rows, columns, plane };
    const extent = this.#segments.extentOf(address);
    const read = rescued(
      () => this.#readSamples(address, extent),
      (thrown) => {
        throw this.#withPlace(thrown, address);
      },
    );
    return after(read, (data) => {
      const bands = layout.isPalette ? layout.bands : this.#segments.samplesPerPixel;
      const { bitsPerSample, sampleFormat } = layout;
      const { firstRow, height, firstColumn, width } = extent;
      const raster = { width, height, bands, bitsPerSample, sampleFormat, data };
      return { raster, firstRow, firstColumn, isShared: false };
    });
  }

  #readSamples(address: PlaneAddress, extent: SegmentExtent): Awaitable<Samples> {
    return after(this.#segments.fetch(address), (encoded) => {
      if (encoded === undefined) return this.#nothing(extent);
      return after(this.#decode(encoded), (decoded) =>
        after(this.#samplesOf(decoded, extent, this.#predictor), (samples) => {
          if (samples.buffer !== encoded.bytes.buffer) recycling.giveBack(encoded.bytes);
          return samples;
        }),
      );
    });
  }

  /** Of a sparse segment. */
  #nothing(extent: SegmentExtent): Awaitable<Samples> {
    const { width, height, length } = extent;
    if (this.layout.noData !== undefined)
      return new Float32Array(width * height * this.#segments.samplesPerPixel).fill(NaN);
    return this.#samplesOf(new Uint8Array(length), extent, 1);
  }

  get #predictor(): number {
    return this.compression.takesPredictor === true ? this.subfile.predictor : 1;
  }

  #samplesOf(decoded: Uint8Array, { width, height }: SegmentExtent, predictor: number): Awaitable<Samples> {
    const { layout, subfile, compression } = this;
    const { samplesPerPixel } = this.#segments;
    const hasUnits = subfile.ycbcr !== undefined && hasStoredChroma(subfile) && !subfile.isPlanar;
    if (hasUnits) {
      if (predictor === 2) undoYcbcrDifferences(decoded, width, subfile.ycbcr);
      return expandChroma(decoded, { width, height }, subfile.ycbcr);
    }
    // Decoders of pictures give samples, not bytes of the file.
    const isLittleEndian =
      compression.isPicture === true ? IS_LITTLE_ENDIAN_HOST : this.#format.isLittleEndian;
    const palette = layout.isPalette ? this.#readPalette() : undefined;
    return after(palette, (colors) =>
      readSamples(decoded, {
        layout,
        width,
        height,
        samplesPerPixel,
        predictor,
        isLittleEndian,
        palette: colors,
      }),
    );
  }

  /** Which tile or strip it was, for the log. */
  #withPlace(error: unknown, { column, row, plane }: PlaneAddress): unknown {
    if (!(error instanceof ServerError)) return error;
    const { kind, message, facts, cause } = error;
    const { directory, grid } = this.subfile;
    const place = { directory: directory.offset, segments: grid.kind, column, row, plane };
    const compression = this.compression.name;
    return new ServerError(kind, message, {
      facts: { ...facts, ...place, compression },
      cause: cause ?? error,
    });
  }

  /** Exactly the bytes of the rows. */
  #decode(encoded: EncodedSegment): Awaitable<Uint8Array> {
    const { decode, isPicture, name } = this.compression;
    if (decode === undefined) throw new RangeError(`no decoder for ${name}`);
    if (this.subfile.isBitReversed && isPicture !== true) reverseBits(encoded.bytes);
    return after(decode(encoded), (bytes) => {
      if (bytes.length < encoded.length)
        throw damaged('a tile or strip ends too early', { length: bytes.length, expected: encoded.length });
      return bytes.length === encoded.length ? bytes : bytes.subarray(0, encoded.length);
    });
  }

  #readPalette(): Awaitable<Uint8Array> {
    if (this.#palette !== undefined) return this.#palette;
    const entry = entryOf(this.subfile.directory, 'ColorMap');
    const count = 3 * 2 ** this.layout.storedBits;
    if (entry === undefined || entry.count < count) throw damaged('the color map is missing');
    return after(readEntry(this.#source, { ...entry, count }, MAX_PALETTE_BYTES), (bytes) => {
      this.#palette = paletteOf([...decodeNumbers(bytes, entry.type, this.#format)]);
      return this.#palette;
    });
  }
}

function reverseBits(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = REVERSED_BITS[bytes[i]!]!;
}

/** One raster of all bands from one raster for each plane. */
function interleave(planes: readonly Segment[]): Segment {
  const [first] = planes;
  if (first === undefined) throw new RangeError('no planes');
  if (planes.length === 1) return first;
  const { raster } = first;
  const bands = planes.length;
  const pixels = raster.width * raster.height;
  const data = allocateSamples(pixels * bands, raster.bitsPerSample, raster.sampleFormat);
  planes.forEach((plane, band) => {
    const samples = plane.raster.data;
    for (let i = 0, to = band; i < pixels; i++, to += bands) data[to] = samples[i]!;
    recycling.giveBack(samples);
  });
  return { ...first, raster: { ...raster, bands, data } };
}

function firstBands(raster: Raster, bands: number): Raster {
  const pixels = raster.width * raster.height;
  const data = allocateSamples(pixels * bands, raster.bitsPerSample, raster.sampleFormat);
  for (let i = 0, from = 0; i < pixels * bands; from += raster.bands)
    for (let band = 0; band < bands; band++) data[i++] = raster.data[from + band]!;
  return { ...raster, bands, data };
}
