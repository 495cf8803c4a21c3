/** The bits of a packet header; behind a byte of 0xFF the next has only seven (ISO/IEC 15444-1, B.10.1). */

export class HeaderBits {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #byte = 0;
  #left = 0;
  /** More bits were asked for than there are; those were zeros. */
  isOverrun = false;

  start(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#byte = 0;
    this.#left = 0;
    this.isOverrun = false;
  }

  bit(): number {
    if (this.#left === 0) {
      if (this.#at >= this.#end) {
        this.isOverrun = true;
        return 0;
      }
      this.#left = this.#byte === 0xff ? 7 : 8;
      this.#byte = this.#bytes[this.#at++]!;
    }
    this.#left--;
    return (this.#byte >> this.#left) & 1;
  }

  /** Up to 32 bits as a number. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** Where the header ends: at the next byte, and behind the one that follows a last 0xFF. */
  finish(): number {
    if (this.#byte === 0xff) this.#at++;
    return Math.min(this.#at, this.#end);
  }
}
