/** libzstd (1.3 or newer): a tile in a fifth of the time that the same library takes as WebAssembly. */
import { bindFirst, foundOnce } from './koffi.ts';

export const LIBZSTD_NAMES = ['libzstd.so.1', 'libzstd.1.dylib', 'libzstd.dylib', 'libzstd.dll'];

/** Magic number of a frame (RFC 8878, section 3.1.1). Some builds decode formats from before it, too. */
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

export interface Libzstd {
  /**
   * Decodes one frame into `output`.
   *
   * @returns bytes written; `undefined` when the data is broken, ends early, has more than fits, or something behind it.
   */
  readonly decodeInto: (input: Uint8Array, output: Uint8Array) => number | undefined;
}

/** The library; `undefined` where it is not installed. */
export function loadLibzstd(names: readonly string[] = LIBZSTD_NAMES): Libzstd | undefined {
  return bindFirst(names, (library) => {
    const create = library.func('void *ZSTD_createDCtx()');
    const frameBytes = library.func('size_t ZSTD_findFrameCompressedSize(const void *in, size_t inBytes)');
    const decode = library.func(
      'size_t ZSTD_decompressDCtx(void *context, void *out, size_t outBytes, const void *in, size_t inBytes)',
    );
    // One for this thread, as long as it lives.
    const context: unknown = create();
    if (context === null) throw new Error('libzstd has no memory');
    return {
      decodeInto: (input, output) => {
        if (MAGIC.some((byte, i) => input[i] !== byte)) return undefined;
        if (Number(frameBytes(input, input.length)) !== input.length) return undefined;
        const written = Number(decode(context, output, output.length, input, input.length));
        // Errors are the highest numbers of a size_t.
        return written <= output.length ? written : undefined;
      },
    };
  });
}

/** As `loadLibzstd`, looked for once. */
export const libzstd = foundOnce(() => loadLibzstd());
