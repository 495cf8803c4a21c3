/** libdeflate (1.0 or newer): the same as zlib's inflate, in two thirds of the time. */
import { bindFirst, foundOnce } from './koffi.ts';

export const LIBDEFLATE_NAMES = [
  'libdeflate.so.0',
  'libdeflate.0.dylib',
  'libdeflate.dylib',
  'libdeflate.dll',
];

/** libdeflate.h: LIBDEFLATE_SUCCESS. */
const SUCCESS = 0;

export interface Libdeflate {
  /**
   * Inflates raw deflate data (RFC 1951) into `output`.
   *
   * @returns bytes written; `undefined` when the data is broken, ends early, or has more than fits.
   */
  readonly inflateInto: (input: Uint8Array, output: Uint8Array) => number | undefined;
}

/** The library; `undefined` where it is not installed. */
export function loadLibdeflate(names: readonly string[] = LIBDEFLATE_NAMES): Libdeflate | undefined {
  return bindFirst(names, (library) => {
    const allocate = library.func('void *libdeflate_alloc_decompressor()');
    const decompress = library.func(
      'int libdeflate_deflate_decompress(void *decompressor, const void *in, size_t inBytes, void *out, size_t outBytes, _Out_ size_t *written)',
    );
    // One for this thread, as long as it lives.
    const decompressor: unknown = allocate();
    if (decompressor === null) throw new Error('libdeflate has no memory');
    const written = [0];
    return {
      inflateInto: (input, output) => {
        const status: unknown = decompress(decompressor, input, input.length, output, output.length, written);
        return status === SUCCESS ? Number(written[0]) : undefined;
      },
    };
  });
}

/** As `loadLibdeflate`, looked for once. */
export const libdeflate = foundOnce(() => loadLibdeflate());
