/** The encoder of libjpeg-turbo, by itself: one for each thread that is used again, and gray rows are taken as they lie. */
import { foundOnce, bindFirst } from './koffi.ts';
import { turbojpegNames, type JpegShape } from './libturbojpeg.ts';

/** Baseline JPEG with 4:2:0 chroma, the standard's Huffman tables, the fast integer transform, and a JFIF segment. */
export interface JpegCompressor {
  /** Bytes that no JPEG of such a picture exceeds. */
  boundOf(shape: JpegShape): number;
  /**
   * Writes a whole file into `output`, which has room for `boundOf` bytes.
   *
   * @param pixels rows of `width * bands` bytes without gaps.
   * @returns its length.
   * @throws Error when the library cannot, RangeError when there is too little room or too few pixels.
   */
  compressInto(pixels: Uint8Array, shape: JpegShape, how: CompressorOptions): number;
}

export interface CompressorOptions {
  /** 1–100, whole. */
  readonly quality: number;
  readonly output: Uint8Array;
}

/** turbojpeg.h, 2.x: pixel format, chroma subsamplings and flags. */
const RGB = 0;
const SUBSAMPLINGS = { 1: 3, 3: 2 } as const;
const NO_REALLOC = 1_024;
const FAST_DCT = 2_048;

/** The library's; `undefined` where it or koffi is not installed. */
export function loadTurboCompressor(names: readonly string[] = turbojpegNames()): JpegCompressor | undefined {
  return bindFirst(names, (library, { address }) => {
    const init = library.func('void *tjInitCompress()');
    const bound = library.func('unsigned long tjBufSize(int width, int height, int subsampling)');
    const compress = library.func(
      'int tjCompress2(void *handle, const void *pixels, int width, int rowBytes, int height, int format, void **file, unsigned long *bytes, int subsampling, int quality, int flags)',
    );
    const compressPlanes = library.func(
      'int tjCompressFromYUVPlanes(void *handle, const void **planes, int width, const int *rowBytes, int height, int subsampling, void **file, unsigned long *bytes, int quality, int flags)',
    );
    // One for this thread, as long as it lives.
    const handle: unknown = init();
    if (handle === null) throw new Error('libturbojpeg has no memory');
    // What the library is told by pointers to pointers and numbers.
    const [file, bytes] = [new BigUint64Array(1), new BigUint64Array(1)];
    const rowBytes = new Int32Array(1);
    const flags = NO_REALLOC | FAST_DCT;
    const last = { width: 0, height: 0, bands: 0, bytes: 0 };
    // Tiles of an image have one shape: the library is not asked anew for each.
    const boundOf = ({ width, height, bands }: JpegShape): number => {
      if (last.width === width && last.height === height && last.bands === bands) return last.bytes;
      last.bytes = Number(bound(width, height, SUBSAMPLINGS[bands]));
      last.width = width;
      last.height = height;
      last.bands = bands;
      return last.bytes;
    };
    return {
      boundOf,
      compressInto: (pixels, shape, { quality, output }) => {
        const { width, height, bands } = shape;
        if (pixels.length < width * height * bands || output.length < boundOf(shape))
          throw new RangeError('the picture or the room for its file is too small');
        file[0] = address(output);
        bytes[0] = BigInt(output.length);
        const sampling = SUBSAMPLINGS[bands];
        let status: unknown;
        if (bands === 1) {
          // The usual way would copy every row byte by byte, to make brightness of gray.
          rowBytes[0] = width;
          status = compressPlanes(handle, [pixels], width, rowBytes, height, sampling, file, bytes, quality, flags); // prettier-ignore
        } else {
          status = compress(handle, pixels, width, width * bands, height, RGB, file, bytes, sampling, quality, flags); // prettier-ignore
        }
        if (status !== 0) throw new Error('libturbojpeg could not compress the picture');
        return Number(bytes[0]);
      },
    };
  });
}

/** As `loadTurboCompressor`, looked for once. */
export const turboCompressor = foundOnce(() => loadTurboCompressor());
