/** Makes a raster smaller by a power of two: every pixel is the mean of those that it covers. */
import { allocateSamples, type Raster, type Samples } from '../../raster.ts';

/** Sums of one row of results, filled row by row: a large picture need not be in memory. */
export class Shrinker {
  readonly raster: Raster;
  readonly #factor: number;
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #width: number;
  #row = 0;
  #rows = 0;
  readonly #height: number;

  /** @param source size and kind of the picture that comes. */
  constructor(source: Omit<Raster, 'data'>, factor: number) {
    const { bands, bitsPerSample, sampleFormat } = source;
    const width = Math.ceil(source.width / factor);
    const height = Math.ceil(source.height / factor);
    const data = allocateSamples(width * height * bands, bitsPerSample, sampleFormat);
    this.raster = { width, height, bands, bitsPerSample, sampleFormat, data };
    this.#factor = factor;
    this.#width = source.width;
    this.#height = source.height;
    this.#sums = new Float64Array(width * bands);
    this.#counts = Float64Array.from({ length: width }, (_, x) =>
      Math.min(factor, source.width - x * factor),
    );
  }

  /** Takes the next rows, from the top to the bottom. */
  add({ data, height }: Pick<Raster, 'data' | 'height'>): void {
    const stride = this.#width * this.raster.bands;
    for (let y = 0; y < height; y++) {
      this.#addRow(data.subarray(y * stride, (y + 1) * stride));
      this.#rows++;
      const isLast = this.#row * this.#factor + this.#rows === this.#height;
      if (this.#rows === this.#factor || isLast) this.#finishRow();
    }
  }

  #addRow(samples: Samples): void {
    const { bands, width } = this.raster;
    const sums = this.#sums;
    for (let x = 0, from = 0; x < width; x++) {
      const count = this.#counts[x]!;
      for (let i = 0; i < count; i++) {
        for (let band = 0; band < bands; band++) sums[x * bands + band]! += samples[from++]!;
      }
    }
  }

  #finishRow(): void {
    const { bands, width, data } = this.raster;
    const start = this.#row * width * bands;
    for (let x = 0, i = 0; x < width; x++) {
      const count = this.#counts[x]! * this.#rows;
      for (let band = 0; band < bands; band++, i++) data[start + i] = Math.round(this.#sums[i]! / count);
    }
    this.#sums.fill(0);
    this.#row++;
    this.#rows = 0;
  }
}
