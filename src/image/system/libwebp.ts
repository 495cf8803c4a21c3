/** libwebp (0.5 or newer), by itself: the libvips of sharp, which has it too, takes four times as long for a tile. */
import { bindFirst, foundOnce } from './koffi.ts';

export const LIBWEBP_NAMES = ['libwebp.so.7', 'libwebp.7.dylib', 'libwebp.dylib', 'libwebp.dll'];

export interface Libwebp {
  /**
   * Decodes a still WebP picture into `output`, whose rows are `width * bands` bytes. Bands are RGB or RGBA.
   *
   * @returns whether it did: not when the file is broken, ends early, or is of another size.
   */
  readonly decodeInto: (file: Uint8Array, output: Uint8Array, shape: WebpShape) => boolean;
}

export interface WebpShape {
  readonly width: number;
  readonly height: number;
  readonly bands: 3 | 4;
}

/** The library; `undefined` where it is not installed. */
export function loadLibwebp(names: readonly string[] = LIBWEBP_NAMES): Libwebp | undefined {
  return bindFirst(names, (library) => {
    const getInfo = library.func(
      'int WebPGetInfo(const void *file, size_t bytes, _Out_ int *width, _Out_ int *height)',
    );
    const signature = (bands: string) =>
      `void *WebPDecode${bands}Into(const void *file, size_t bytes, void *out, size_t outBytes, int rowBytes)`;
    const decoders = { 3: library.func(signature('RGB')), 4: library.func(signature('RGBA')) };
    const [foundWidth, foundHeight] = [[0], [0]];
    return {
      decodeInto: (file, output, { width, height, bands }) => {
        if (getInfo(file, file.length, foundWidth, foundHeight) === 0) return false;
        if (foundWidth[0] !== width || foundHeight[0] !== height) return false;
        const rowBytes = width * bands;
        return decoders[bands](file, file.length, output, height * rowBytes, rowBytes) !== null;
      },
    };
  });
}

/** As `loadLibwebp`, looked for once. */
export const libwebp = foundOnce(() => loadLibwebp());
