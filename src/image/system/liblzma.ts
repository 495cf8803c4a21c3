/** liblzma (5.2 or newer): a tile of LZMA in two fifths of the time that our own decoder takes. */
import { bindFirst, foundOnce } from './koffi.ts';

export const LIBLZMA_NAMES = ['liblzma.so.5', 'liblzma.5.dylib', 'liblzma.dylib', 'liblzma.dll'];

/** lzma/base.h: LZMA_OK. */
const OK = 0;

/** lzma/container.h: LZMA_IGNORE_CHECK. */
const IGNORE_CHECK = 16;

/** The largest dictionary of any preset, 64 MB, and what the decoder has beside it. */
const MAX_MEMORY_BYTES = 2 ** 26 + 2 ** 20;

export interface Liblzma {
  /**
   * Decodes a stream of the .xz file format into `output`; its checksum is not looked at.
   *
   * @returns bytes written; `undefined` when the data is broken, ends early, has more than fits, or needs much memory.
   */
  readonly decodeInto: (input: Uint8Array, output: Uint8Array) => number | undefined;
}

/** The library; `undefined` where it is not installed. */
export function loadLiblzma(names: readonly string[] = LIBLZMA_NAMES): Liblzma | undefined {
  return bindFirst(names, (library) => {
    const decode = library.func(
      'int lzma_stream_buffer_decode(_Inout_ uint64_t *maxMemory, uint32_t flags, const void *allocator, const void *in, _Inout_ size_t *read, size_t inBytes, void *out, _Inout_ size_t *written, size_t outBytes)',
    );
    return {
      decodeInto: (input, output) => {
        const [read, written] = [[0], [0]];
        const status: unknown = decode(
          [MAX_MEMORY_BYTES], IGNORE_CHECK, null, input, read, input.length, output, written, output.length,
        ); // prettier-ignore
        return status === OK ? Number(written[0]) : undefined;
      },
    };
  });
}

/** As `loadLiblzma`, looked for once. */
export const liblzma = foundOnce(() => loadLiblzma());
