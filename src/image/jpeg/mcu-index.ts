/**
 * Places in the entropy-coded data of a JPEG at which decoding can begin. With them any window of a picture of a
 * hundred megapixels is cut out of its file in some milliseconds; they are found by going once through the file.
 */
import type { ByteSource } from '../source.ts';
import { MARKER } from './markers.ts';
import { MAX_COMPONENTS, newScanner, SCAN_STATUS, type McuScanner } from './mcu-scanner.ts';
import type { ScanLayout } from './scan-layout.ts';

/** Words of a place: offset in the file, bits of that byte that are used already, DC of each component before. */
export const PLACE_WORDS = 2 + MAX_COMPONENTS;
const HEADER_WORDS = 2;

const FIRST_SPACING = 32;
const MAX_PLACES = 16_384;

const CHUNK_BYTES = 2 ** 20;
/** More than an MCU takes: ten blocks of 64 coefficients of at most 27 bits, stuffed. */
const MARGIN_BYTES = 8_192;
/** Bytes before a place that were read already and are looked at again. */
const BEHIND_BYTES = 32;

/** A place at the first MCU of every row and at every `spacing`th one after it. */
export interface McuIndex {
  readonly spacing: number;
  readonly placesPerRow: number;
  /** MCUs that the file really has, row by row; the others are missing at its end. */
  readonly complete: number;
  readonly places: Int32Array;
}

/** How far apart places are, so that their number stays small. */
export function indexSpacing({ columns, rows }: ScanLayout): number {
  let spacing = FIRST_SPACING;
  while (spacing < columns && rows * Math.ceil(columns / spacing) > MAX_PLACES) spacing *= 2;
  return spacing;
}

/** Words of an index when it is kept. */
export function indexWords(layout: ScanLayout): number {
  return HEADER_WORDS + PLACE_WORDS * layout.rows * Math.ceil(layout.columns / indexSpacing(layout));
}

/** An index out of its kept words; undefined when they say that the file has none. */
export function unpackIndex(words: Uint32Array, layout: ScanLayout): McuIndex | undefined {
  if (words[0] !== 1) return undefined;
  const spacing = indexSpacing(layout);
  const places = new Int32Array(
    words.buffer,
    words.byteOffset + HEADER_WORDS * 4,
    words.length - HEADER_WORDS,
  );
  return { spacing, placesPerRow: Math.ceil(layout.columns / spacing), complete: words[1] ?? 0, places };
}

/**
 * Goes through the file and notes the places.
 *
 * @returns the words to keep; the first is 0 when the data make no sense before they end: such a file is left to a
 * decoder that knows how to go on.
 */
export async function buildIndex(source: ByteSource, layout: ScanLayout): Promise<Uint32Array> {
  const scanner = newScanner(layout);
  if (scanner === undefined) return new Uint32Array(indexWords(layout));
  const walk = new IndexWalk(scanner, layout);
  const { size } = source.identity;
  for (let at = layout.dataAt; at < size;) {
    const length = Math.min(CHUNK_BYTES, size - at);
    walk.append(await source.read(at, length), at + length === size);
    at += length;
    if (!walk.goOn()) break;
  }
  return walk.finish();
}

/** One walk through a file, chunk by chunk. */
class IndexWalk {
  readonly #scanner: McuScanner;
  readonly #layout: ScanLayout;
  readonly #spacing: number;
  readonly #words: Uint32Array;
  #complete = 0;
  #isLast = false;
  /** Addresses in the module's memory, and the offset in the file of its first data byte. */
  #end = 0;
  #fileBase: number;

  constructor(scanner: McuScanner, layout: ScanLayout) {
    this.#scanner = scanner;
    this.#layout = layout;
    this.#spacing = indexSpacing(layout);
    this.#words = new Uint32Array(indexWords(layout));
    this.#fileBase = layout.dataAt - BEHIND_BYTES;
    this.#end = scanner.dataAt + BEHIND_BYTES;
    scanner.exports.enter(0, this.#end, this.#end, 0);
    for (let component = 0; component < MAX_COMPONENTS; component++) scanner.exports.setReadDc(component, 0);
  }

  append(chunk: Uint8Array, isLast: boolean): void {
    const { exports, dataAt } = this.#scanner;
    const dropped = exports.getPosition() - BEHIND_BYTES - dataAt;
    const kept = this.#end - dataAt - dropped;
    const memory = this.#scanner.bytes(dataAt + kept + chunk.length);
    memory.copyWithin(dataAt, dataAt + dropped, this.#end);
    memory.set(chunk, dataAt + kept);
    this.#end = dataAt + kept + chunk.length;
    this.#fileBase += dropped;
    this.#isLast = isLast;
    exports.setPosition(dataAt + BEHIND_BYTES, this.#end);
  }

  /** Walks as far as the data allow; whether more of them are wanted. */
  goOn(): boolean {
    const { exports } = this.#scanner;
    const { columns, rows } = this.#layout;
    while (this.#complete < columns * rows) {
      const column = this.#complete % columns;
      if (column % this.#spacing === 0) {
        exports.settle();
        if (exports.getStatus() !== SCAN_STATUS.fine) return false;
        this.#note();
      }
      const wanted = Math.min(this.#spacing - (column % this.#spacing), columns - column);
      const done = exports.skip(wanted, this.#isLast ? -MARGIN_BYTES : MARGIN_BYTES);
      this.#complete += done;
      if (exports.getStatus() !== SCAN_STATUS.fine) return false;
      if (done < wanted || (!this.#isLast && this.#left < MARGIN_BYTES)) return true;
    }
    return false;
  }

  finish(): Uint32Array {
    const { exports } = this.#scanner;
    const isDamaged = exports.getStatus() === SCAN_STATUS.damaged || !this.#isAtEnd();
    const isWhole = this.#complete === this.#layout.columns * this.#layout.rows;
    this.#words[0] = isWhole || !isDamaged ? 1 : 0;
    this.#words[1] = this.#complete;
    return this.#words;
  }

  get #left(): number {
    return this.#end - this.#scanner.exports.getPosition();
  }

  /** Whether nothing that could be pixels follows. */
  #isAtEnd(): boolean {
    const position = this.#scanner.exports.getPosition();
    const memory = this.#scanner.bytes(0);
    return position + 1 >= this.#end || (memory[position] === 0xff && memory[position + 1] === MARKER.EOI);
  }

  #note(): void {
    const { exports, dataAt } = this.#scanner;
    const row = Math.floor(this.#complete / this.#layout.columns);
    const place =
      row * Math.ceil(this.#layout.columns / this.#spacing) +
      (this.#complete % this.#layout.columns) / this.#spacing;
    const offset = this.#fileBase + exports.getPosition() - dataAt - exports.unreadBytes();
    const dc = Array.from({ length: MAX_COMPONENTS }, (_, component) => exports.getReadDc(component));
    this.#words.set([offset, exports.usedBits(), ...dc], HEADER_WORDS + PLACE_WORDS * place);
  }
}
