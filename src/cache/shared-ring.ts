/**
 * One segment of a cache in shared memory: entries in a ring, the oldest given up first, unless it was used since it
 * was written: then it is written again once (a clock in place of a list, so that a hit writes one word).
 *
 * Everything here is called under the segment's lock.
 */

/** A key of 128 bits: a digest, so that equal keys mean equal matter. */
export type Digest = readonly [number, number, number, number];

/** Words at the start of a segment. The lock comes first. */
const Word = { lock: 0, head: 1, tail: 2, used: 3, count: 4 } as const;
const STATE_WORDS = 16;

/** Words of an entry before its bytes: its length with them, its mark, bytes, whether it was used, key. */
const Entry = { length: 0, mark: 1, bytes: 2, isUsed: 3, key: 4 } as const;

/** The mark of what is no entry, or none any more. */
const GIVEN_UP = 0;
const ENTRY_BYTES = 32;
const ALIGNMENT = 16;

/** A place in the index for each so many bytes: pictures are rarely smaller. */
const BYTES_PER_SLOT = 1024;

/** No single picture may take more than this share of a segment. */
const LARGEST_SHARE = 1 / 4;

/** Used entries that one `set` may write again, and how large they may be. */
const MAX_SURVIVORS = 8;
const MAX_SURVIVOR_BYTES = 65_536;

interface Survivor {
  readonly key: Digest;
  readonly mark: number;
  readonly bytes: Uint8Array;
}

export class SharedRing {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  /** Offsets of entries by the hash of their key, in units of the alignment and from 1 on; 0 is a free place. */
  readonly #index: Int32Array;
  readonly #start: number;
  readonly #capacity: number;

  /** @param memory whole alignments long; all zeros, or used as a ring before. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, memory.byteLength / BYTES_PER_SLOT)));
    this.#index = new Int32Array(memory, STATE_WORDS * 4, slots);
    this.#start = STATE_WORDS * 4 + slots * 4;
    this.#capacity = memory.byteLength - this.#start;
  }

  /** Cell of the lock in the segment's words. */
  static readonly lockWord = Word.lock;

  /** Bytes of live and given-up entries in the ring. */
  get used(): number {
    return this.#words[Word.used]!;
  }

  /** The bytes of an entry where they lie: good only until the lock is released. */
  get(key: Digest): Uint8Array | undefined {
    const slot = this.#find(key);
    if (slot < 0) return undefined;
    const at = this.#offsetIn(slot);
    this.#words[(at >> 2) + Entry.isUsed] = 1;
    return this.#bytesOf(at);
  }

  /**
   * Keeps a copy of `bytes`, unless they are too large.
   *
   * @param mark any 32 bits but 0, by which entries are given up together.
   */
  set(key: Digest, bytes: Uint8Array, mark = 1): void {
    const size = sizeOf(bytes.length);
    if (size > this.#capacity * LARGEST_SHARE || this.#find(key) >= 0) return;
    const survivors: Survivor[] = [];
    this.#makeRoom(size, survivors);
    this.#write({ key, bytes, mark });
    for (const survivor of survivors) {
      this.#makeRoom(sizeOf(survivor.bytes.length), undefined);
      this.#write(survivor);
    }
  }

  /** Gives up every entry with this mark. Their place is free when their turn comes. */
  forget(mark: number): void {
    const words = this.#words;
    let tail = words[Word.tail]!;
    for (let left = words[Word.used]!; left > 0;) {
      const at = this.#start + tail;
      const length = words[(at >> 2) + Entry.length]!;
      if (words[(at >> 2) + Entry.mark] === mark) this.#giveUp(at);
      tail = (tail + length) % this.#capacity;
      left -= length;
    }
  }

  /** Empty again, whatever state it was in. */
  clear(): void {
    this.#index.fill(0);
    for (const word of [Word.head, Word.tail, Word.used, Word.count]) this.#words[word] = 0;
  }

  #bytesOf(at: number): Uint8Array {
    const length = this.#words[(at >> 2) + Entry.bytes]!;
    return this.#bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + length);
  }

  #keyAt(at: number): Digest {
    const word = (at >> 2) + Entry.key;
    const words = this.#words;
    return [words[word]!, words[word + 1]!, words[word + 2]!, words[word + 3]!];
  }

  #offsetIn(slot: number): number {
    return this.#start + (this.#index[slot]! - 1) * ALIGNMENT;
  }

  /** The place of a key in the index, or -1. */
  #find(key: Digest): number {
    const mask = this.#index.length - 1;
    for (let slot = key[0] & mask; this.#index[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#holds(this.#offsetIn(slot), key)) return slot;
    }
    return -1;
  }

  #holds(at: number, key: Digest): boolean {
    const word = (at >> 2) + Entry.key;
    const words = this.#words;
    return (
      words[word] === key[0] &&
      words[word + 1] === key[1] &&
      words[word + 2] === key[2] &&
      words[word + 3] === key[3]
    );
  }

  /** Gives up entries until one of `size` fits in one piece; those that were used are put into `survivors`. */
  #makeRoom(size: number, survivors: Survivor[] | undefined): void {
    let wanted = size;
    while (this.#lacks(wanted)) {
      const survivor = this.#dropOldest((survivors?.length ?? MAX_SURVIVORS) < MAX_SURVIVORS);
      if (survivor === undefined) continue;
      survivors?.push(survivor);
      wanted = Math.min(wanted + sizeOf(survivor.bytes.length), Math.floor(this.#capacity / 2));
    }
  }

  #lacks(size: number): boolean {
    const head = this.#words[Word.head]!;
    const rest = this.#capacity - head;
    const needed = size <= rest ? size : rest + size;
    const isIndexFull = this.#words[Word.count]! >= (this.#index.length * 3) / 4;
    return this.#words[Word.used]! > 0 && (isIndexFull || needed > this.#capacity - this.#words[Word.used]!);
  }

  #dropOldest(maySurvive: boolean): Survivor | undefined {
    const words = this.#words;
    const tail = words[Word.tail]!;
    const at = this.#start + tail;
    const entry = at >> 2;
    const length = words[entry + Entry.length]!;
    words[Word.tail] = (tail + length) % this.#capacity;
    words[Word.used]! -= length;
    if (words[Word.used] === 0) words[Word.head] = words[Word.tail] = 0;
    const mark = words[entry + Entry.mark]!;
    if (mark === GIVEN_UP) return undefined;
    const key = this.#giveUp(at);
    const isWorthIt = words[entry + Entry.isUsed] === 1 && words[entry + Entry.bytes]! <= MAX_SURVIVOR_BYTES;
    return maySurvive && isWorthIt ? { key, mark, bytes: this.#bytesOf(at).slice() } : undefined;
  }

  /** An entry that is not found any more, but takes its place until its turn comes. */
  #giveUp(at: number): Digest {
    const key = this.#keyAt(at);
    this.#unlink(this.#find(key));
    this.#words[(at >> 2) + Entry.mark] = GIVEN_UP;
    this.#words[Word.count]!--;
    return key;
  }

  /** Takes a place out of the index and moves those behind it up (linear probing). */
  #unlink(freed: number): void {
    const mask = this.#index.length - 1;
    let hole = freed;
    for (let slot = (hole + 1) & mask; this.#index[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#words[(this.#offsetIn(slot) >> 2) + Entry.key]! & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#index[hole] = this.#index[slot]!;
      hole = slot;
    }
    this.#index[hole] = 0;
  }

  #write({ key, bytes, mark }: Survivor): void {
    const size = sizeOf(bytes.length);
    const rest = this.#capacity - this.#words[Word.head]!;
    if (size > rest) this.#advance(this.#beginEntry(rest, GIVEN_UP), rest);
    const at = this.#beginEntry(size, mark);
    const entry = at >> 2;
    this.#words[entry + Entry.bytes] = bytes.length;
    this.#words[entry + Entry.isUsed] = 0;
    this.#words.set(key, entry + Entry.key);
    this.#bytes.set(bytes, at + ENTRY_BYTES);
    this.#advance(at, size);
    const mask = this.#index.length - 1;
    let slot = key[0] & mask;
    while (this.#index[slot] !== 0) slot = (slot + 1) & mask;
    this.#index[slot] = (at - this.#start) / ALIGNMENT + 1;
    this.#words[Word.count]!++;
  }

  /** Begins an entry at the head of the ring; one that is given up fills the rest before the ring begins anew. */
  #beginEntry(length: number, mark: number): number {
    const at = this.#start + this.#words[Word.head]!;
    const entry = at >> 2;
    this.#words[entry + Entry.length] = length;
    this.#words[entry + Entry.mark] = mark;
    return at;
  }

  #advance(at: number, length: number): void {
    this.#words[Word.head] = (at - this.#start + length) % this.#capacity;
    this.#words[Word.used]! += length;
  }
}

const sizeOf = (bytes: number): number => Math.ceil((ENTRY_BYTES + bytes) / ALIGNMENT) * ALIGNMENT;
