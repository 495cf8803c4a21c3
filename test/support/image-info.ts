/** Facts of images that need no file, for tests of what only computes. */
import type { ImageInfo } from '../../src/image/info.ts';

export interface InfoParts extends Partial<Omit<ImageInfo, 'levels'>> {
  readonly sizes?: readonly (readonly [width: number, height: number])[];
  readonly tile?: number;
  readonly storedEncoding?: 'jpeg' | 'webp';
}

/** 8-bit RGB with tiles of 256 unless told otherwise. */
export function imageInfo({
  sizes = [
    [2000, 1333],
    [1000, 666],
    [500, 333],
    [250, 166],
  ],
  tile = 256,
  storedEncoding,
  ...rest
}: InfoParts = {}): ImageInfo {
  // prettier-ignore
  const bands = rest.bands ?? 3;
  return {
    format: 'tiff',
    bands,
    bitsPerSample: 8,
    sampleFormat: 'uint',
    colorSpace: 'rgb',
    sampleRange: { min: Array<number>(bands).fill(0), max: Array<number>(bands).fill(255) },
    metadata: {},
    pages: [{ name: '', scale: 1 }],
    ...rest,
    levels: sizes.map(([width, height]) => ({
      width,
      height,
      tileWidth: tile,
      tileHeight: tile,
      compression: 'deflate',
      ...(storedEncoding === undefined ? {} : { storedEncoding }),
    })),
  };
}
