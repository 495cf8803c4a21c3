/** Decodes PNG, WebP, GIF and AVIF with libvips. */
import { ServerError } from '../../errors.ts';
import { plainBytes } from '../bytes.ts';
import type { FlatDecoder, RowsAddress } from '../flat/decoder.ts';
import type { ImageInfo } from '../info.ts';
import type { Raster } from '../raster.ts';
import type { ByteSource } from '../source.ts';

/** libvips' names of the color spaces of rasters. */
const SPACES = {
  8: { gray: 'b-w', rgb: 'srgb' },
  16: { gray: 'grey16', rgb: 'rgb16' },
} as const;

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
    // Gray with alpha loses its alpha on the way to gray.
    const isPair = bands === 2;
    const space = SPACES[bits][bands === 1 ? 'gray' : 'rgb'];
    const bytes = await this.#source.read(0, this.#source.identity.size);
    // Loaded here only: the main thread, which reads headers, has no use for libvips.
    const { default: sharp } = await import('sharp');
    let picture = sharp(bytes, {
      failOn: 'error',
      limitInputPixels: false,
      ignoreIcc: true,
      unlimited: true,
    });
    if (bits === 16) picture = picture.pipelineColourspace(space);
    if (level > 0) picture = picture.resize({ width, height: levelHeight, fit: 'fill' });
    if (height < levelHeight) picture = picture.extract({ left: 0, top, width, height });
    picture = bands % 2 === 0 ? picture.ensureAlpha() : picture.removeAlpha();
    const { data, info } = await picture
      .toColourspace(space)
      .raw({ depth: bits === 16 ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true })
      .catch((cause: unknown) => this.#fail(cause));
    if (info.channels !== (isPair ? 4 : bands) || info.width !== width || info.height !== height)
      return this.#fail(new Error(`${info.width} × ${info.height} × ${info.channels}`));
    const bytesOfSamples = plainBytes(data);
    const samples = bits === 8 ? bytesOfSamples : wordsOf(bytesOfSamples);
    return {
      width,
      height,
      bands,
      bitsPerSample: bits,
      sampleFormat: 'uint',
      data: isPair ? pairsOf(samples) : samples,
    };
  }

  #fail(cause: unknown): never {
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
