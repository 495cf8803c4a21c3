/** Boxes of ISO base media files (ISO 14496-12, 4.2), in memory. */
import { damagedPicture, latin1 } from './facts.ts';

export interface Box {
  readonly type: string;
  readonly body: Uint8Array;
}

const MAX_BOXES = 65_536;

/** `u32 length, u8[4] type, body`, one after the other; what is cut off is left out. */
export function boxesIn(bytes: Uint8Array): Box[] {
  const boxes: Box[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 8 <= bytes.length && boxes.length < MAX_BOXES;) {
    const length = view.getUint32(at);
    if (length < 8 || at + length > bytes.length) break;
    boxes.push({ type: latin1(bytes.subarray(at + 4, at + 8)), body: bytes.subarray(at + 8, at + length) });
    at += length;
  }
  return boxes;
}

/** Reads the fields of a box one after the other. */
export class BoxReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Of a full box, once its version was read. */
  flags = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The version of a full box; its flags are read too. */
  version(): number {
    const version = this.uint(1);
    this.flags = this.uint(3);
    return version;
  }

  /** A number of 0 to 8 bytes, highest first. */
  uint(length: number): number {
    let value = 0;
    for (const byte of this.bytes(length)) value = value * 256 + byte;
    return value;
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw damagedPicture('AVIF', 'a box is cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  skip(length: number): void {
    this.bytes(length);
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}
