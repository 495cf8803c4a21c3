/** LZMA2: chunks of LZMA and of plain bytes (liblzma's lzma2 format; LZMA specification, Igor Pavlov, 2015). */
import { damaged } from './directory.ts';
import { LzmaDecoder } from './lzma.ts';

/** Control bytes of chunks that are no LZMA. */
const END = 0;
const PLAIN_WITH_RESET = 1;
const PLAIN = 2;
const LZMA = 0x80;
const LZMA_WITH_RESET = 0xe0;

/** Bits 5 and 6 of the control byte of a chunk of LZMA: from here on with a new state, and new properties. */
const RESET = { state: 1, properties: 2 } as const;

/** Writes the bytes of blocks one after the other into `output`, and none beyond its end. */
export class Lzma2Decoder {
  readonly #input: Uint8Array;
  readonly #output: Uint8Array;
  readonly #lzma: LzmaDecoder;

  constructor(input: Uint8Array, output: Uint8Array) {
    this.#input = input;
    this.#output = output;
    this.#lzma = new LzmaDecoder(input, output);
  }

  /** Bytes of the output that are there. */
  get written(): number {
    return this.#lzma.written;
  }

  /**
   * Decodes the chunks of a block; ends before, when the output is full or the input at its end.
   *
   *     0                                                       end
   *     1 or 2, u16 size - 1, bytes                             plain
   *     1rrsssss, u16 size - 1, u16 compressed - 1, [u8 properties], bytes    LZMA; s are the high bits of size - 1
   *
   * @param start of the first chunk.
   * @returns the position behind the block.
   * @throws {ServerError} `damaged`.
   */
  decodeBlock(start: number): number {
    const input = this.#input;
    this.#lzma.begin();
    let at = start;
    while (at < input.length && this.written < this.#output.length) {
      const control = input[at]!;
      if (control === END) return at + 1;
      if (control === PLAIN_WITH_RESET || control >= LZMA_WITH_RESET) this.#lzma.forget();
      if (control >= LZMA) at = this.#decodeLzma(control, at);
      else if (control === PLAIN || control === PLAIN_WITH_RESET) at = this.#copy(at);
      else throw damaged('LZMA data has an impossible chunk');
    }
    return at;
  }

  #copy(at: number): number {
    const size = this.#word(at + 1) + 1;
    const from = at + 3;
    this.#lzma.copy(from, Math.min(size, this.#input.length - from));
    return from + size;
  }

  #decodeLzma(control: number, at: number): number {
    const size = ((control & 0x1f) << 16) + this.#word(at + 1) + 1;
    const compressed = this.#word(at + 3) + 1;
    const reset = (control >> 5) & 3;
    let from = at + 5;
    if (reset >= RESET.properties) this.#lzma.setProperties(this.#input[from++] ?? 0xff);
    else if (reset >= RESET.state) this.#lzma.reset();
    this.#lzma.decode(from, Math.min(from + compressed, this.#input.length), size);
    return from + compressed;
  }

  #word(at: number): number {
    return (this.#input[at] ?? 0) * 256 + (this.#input[at + 1] ?? 0);
  }
}
