/** Decodes PNG, WebP, GIF and AVIF with libvips. */
import { ServerError } from '../../errors.ts';
import type { FlatDecoder, RowsAddress } from '../flat/decoder.ts';
import type { ImageInfo } from '../info.ts';
import type { Raster } from '../raster.ts';
import type { ByteSource } from '../source.ts';
import { runVips, type VipsInput } from '../vips/run-vips.ts';

export class SharpDecoder implements FlatDecoder {
  /** Smaller levels are made of larger ones: these decoders reduce a picture after they have decoded all of it. */
  readonly smallestDecoded = 0;
  readonly #source: ByteSource;
  readonly #info: ImageInfo;

  constructor(source: ByteSource, info: ImageInfo) {
    this.#source = source;
    this.#info = info;
  }

  async decodeRows({ level, top, height }: RowsAddress): Promise<Raster> {
    const { levels, bands } = this.#info;
    const bits = this.#info.bitsPerSample === 16 ? 16 : 8;
    const { width, height: levelHeight } = levels[level]!;
    const isPair = bands === 2;
    const { data, ...info } = await runVips(this.#input(), {
      kind: 'rows',
      bands,
      bits,
      maxPixels: levels[0]!.width * levels[0]!.height,
      ...(level > 0 ? { size: { width, height: levelHeight } } : {}),
      rows: { x: 0, y: top, width, height },
      isPart: height < levelHeight,
    }).catch((cause: unknown) => this.#fail(cause));
    if (info.bands !== (isPair ? 4 : bands) || info.width !== width || info.height !== height)
      return this.#fail(new Error(`${info.width} × ${info.height} × ${info.bands}`));
    const samples = bits === 8 ? data : wordsOf(data);
    return {
      width,
      height,
      bands,
      bitsPerSample: bits,
      sampleFormat: 'uint',
      data: isPair ? pairsOf(samples) : samples,
    };
  }

  #input(): VipsInput {
    const { width, height } = this.#info.levels[0]!;
    const pixelBytes = width * height * this.#info.bands * (this.#info.bitsPerSample / 8);
    const read = (offset: number, length: number) => this.#source.read(offset, length);
    return { length: this.#source.identity.size, read, pixelBytes };
  }

  #fail(cause: unknown): never {
    if (cause instanceof ServerError) throw cause;
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : '';
    const { format } = this.#info;
    throw new ServerError('damaged', `damaged ${format}: it can not be decoded`, { facts: { reason } });
  }
}

/** The first and the last of each four samples. */
function pairsOf(samples: Uint8Array | Uint16Array): Uint8Array | Uint16Array {
  const length = samples.length / 2;
  for (let i = 0; i < length; i++) samples[i] = samples[2 * i + (i & 1)]!;
  return samples.slice(0, length);
}

/** Samples of 16 bits; a copy where the bytes do not begin at an even address. */
function wordsOf(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}
