/**
 * Decoded levels of pictures without tiles, in memory that all threads share, so that the twentieth tile does not
 * decode the picture again, whichever thread makes it.
 */
import { createHash } from 'node:crypto';
import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { allocateSamples, type Raster, type RasterBits, type Rectangle } from '../raster.ts';
import { copyWindow } from './windows.ts';

/** Words of the header: the lock, where the next raster goes (in units of the data area), the last number of a claim. */
const LOCK = 0;
const HEAD = 1;
const LAST_CLAIM = 2;
const HEADER_WORDS = 16;

/** Rasters that are kept at most; with bands of megabytes the memory is full long before. */
const MAX_ENTRIES = 512;

/** Words of an entry. */
const ENTRY = {
  state: 0,
  key: 1,
  start: 5,
  units: 6,
  width: 7,
  height: 8,
  bands: 9,
  /** Bits of a sample, negative for floats. */
  bits: 10,
  /** Seconds, for claims and rasters that are being written: a thread that died must not hold them for ever. */
  deadline: 11,
  /** The number of the claim by which it is written; it may have been given to another since. */
  claim: 12,
} as const;
const ENTRY_WORDS = 13;

const STATE = { free: 0, claimed: 1, filling: 2, ready: 3 } as const;

/** Numbers of claims are positive and fit a word. */
const MAX_CLAIM = 0x7fffffff;

const UNIT_BYTES = 64;
const DATA_AT = Math.ceil(((HEADER_WORDS + MAX_ENTRIES * ENTRY_WORDS) * 4) / UNIT_BYTES) * UNIT_BYTES;

/** A thread that holds the lock longer than this has died with it; the others go on without the store. */
const LOCK_TIMEOUT_MS = 2_000;
/** After that another thread may decode what one has claimed. That one may still come: the process was only stopped. */
const CLAIM_SECONDS = 60;
/** Between two looks whether another thread is done. */
const WAIT_MS = 4;

/** More is not allocated, whatever is asked for: engines have a limit. */
const MAX_BYTES = 2 ** 32;

/** The memory of a store for so many bytes of rasters; it is handed to every thread. Untouched parts cost nothing. */
export function storeMemory(maxBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA_AT + Math.floor(Math.min(maxBytes, MAX_BYTES) / UNIT_BYTES) * UNIT_BYTES);
}

type Key = Int32Array;

/** What a thread may write: its entry, for as long as this claim stands there. */
interface Claim {
  readonly at: number;
  readonly number: number;
}

/** It decodes for itself: nothing can be kept. */
const NO_CLAIM: Claim = { at: -1, number: 0 };

/**
 * Rasters by key in a ring: a new one takes the place of those that were put in longest ago. What is being read or
 * written is under a lock or marked, so a window is always of one raster.
 */
export class LevelStore {
  readonly #words: Int32Array;
  readonly #memory: SharedArrayBuffer;
  readonly #capacity: number;
  readonly #now: () => number;

  /** @param now seconds, the same for all threads, and nobody can set them. */
  constructor(memory: SharedArrayBuffer, now = () => Math.floor(uptime())) {
    this.#memory = memory;
    this.#now = now;
    this.#words = new Int32Array(memory, 0, DATA_AT / 4);
    this.#capacity = Math.floor((memory.byteLength - DATA_AT) / UNIT_BYTES);
  }

  /** Bytes of the largest raster that is kept: half of the memory, so that a picture does not push itself out. */
  get largestBytes(): number {
    return Math.floor(this.#capacity / 2) * UNIT_BYTES;
  }

  /** Bytes that rasters take now. */
  get bytes(): number {
    let units = 0;
    for (const at of this.#entries())
      if (this.#words[at]! >= STATE.filling) units += this.#words[at + ENTRY.units]!;
    return units * UNIT_BYTES;
  }

  /**
   * A window of the raster of a key, in memory of its own. When it is not here, `decode` makes it, once for all
   * threads that ask at a time.
   *
   * @param window pixels of the raster.
   * @param stop called now and then while another thread's work is waited for.
   */
  async window(
    name: string,
    window: Rectangle,
    decode: () => Promise<Raster>,
    stop: () => void = () => {},
  ): Promise<Raster> {
    const key = keyOf(name);
    for (;;) {
      const kept = this.#cut(key, window);
      if (kept !== undefined) return kept;
      const claim = this.#claim(key);
      if (claim !== undefined) return this.#decode(claim, window, decode);
      stop();
      await sleep(WAIT_MS);
    }
  }

  async #decode(claim: Claim, window: Rectangle, decode: () => Promise<Raster>): Promise<Raster> {
    try {
      const raster = await decode();
      this.#put(claim, raster);
      return copyWindow(raster, window);
    } finally {
      this.#giveUp(claim);
    }
  }

  #cut(key: Key, window: Rectangle): Raster | undefined {
    return this.#locked(undefined, () => {
      const at = this.#find(key);
      if (at === undefined || this.#words[at] !== STATE.ready) return undefined;
      return copyWindow(this.#rasterAt(at), window);
    });
  }

  /** That the caller is the one who decodes; undefined while another one does. */
  #claim(key: Key): Claim | undefined {
    return this.#locked<Claim | undefined>(NO_CLAIM, () => {
      const at = this.#find(key);
      if (at === undefined) return this.#write(this.#freeEntry(), key);
      if (this.#words[at] === STATE.ready || this.#words[at + ENTRY.deadline]! >= this.#now())
        return undefined;
      // Who writes there may go on at any time: its place is left alone.
      return this.#words[at] === STATE.filling ? NO_CLAIM : this.#write(at, key);
    });
  }

  #put(claim: Claim, raster: Raster): void {
    const units = Math.ceil(raster.data.byteLength / UNIT_BYTES);
    if (units * UNIT_BYTES > this.largestBytes) return;
    if (!this.#locked(false, () => this.#reserve(claim, raster, units))) return;
    this.#rasterAt(claim.at).data.set(raster.data);
    this.#locked(undefined, () => (this.#words[claim.at] = STATE.ready));
  }

  #stands({ at, number }: Claim, state: number): boolean {
    return number !== 0 && this.#words[at + ENTRY.claim] === number && this.#words[at] === state;
  }

  /** Room in the ring; false when there is none, or when the claim stands no longer. */
  #reserve(claim: Claim, raster: Raster, units: number): boolean {
    if (!this.#stands(claim, STATE.claimed)) return false;
    const start = this.#placeFor(units);
    if (start === undefined) return false;
    for (const entry of this.#entries())
      if (this.#overlaps(entry, start, units)) this.#words[entry] = STATE.free;
    const { width, height, bands, bitsPerSample, sampleFormat } = raster;
    const bits = sampleFormat === 'float' ? -bitsPerSample : bitsPerSample;
    this.#words[claim.at] = STATE.filling;
    this.#words[claim.at + ENTRY.deadline] = this.#now() + CLAIM_SECONDS;
    this.#words.set([start, units, width, height, bands, bits], claim.at + ENTRY.start);
    this.#words[HEAD] = start + units;
    return true;
  }

  /** The first place from the head on where nobody writes, however long ago it began: it may go on. */
  #placeFor(units: number): number | undefined {
    const written = [...this.#entries()].filter((at) => this.#words[at] === STATE.filling);
    const ends = written.map((at) => this.#words[at + ENTRY.start]! + this.#words[at + ENTRY.units]!);
    const head = this.#words[HEAD]!;
    const ahead = ends.filter((end) => end > head).sort((a, b) => a - b);
    return [head, ...ahead, 0, ...ends.sort((a, b) => a - b)].find(
      (start) => start + units <= this.#capacity && !written.some((at) => this.#overlaps(at, start, units)),
    );
  }

  /** Ends a claim that brought nothing. */
  #giveUp(claim: Claim): void {
    this.#locked(undefined, () => {
      if (this.#stands(claim, STATE.claimed)) this.#words[claim.at] = STATE.free;
    });
  }

  #overlaps(at: number, start: number, units: number): boolean {
    if (this.#words[at]! < STATE.filling) return false;
    const from = this.#words[at + ENTRY.start]!;
    return from < start + units && from + this.#words[at + ENTRY.units]! > start;
  }

  #rasterAt(at: number): Raster {
    const words = this.#words;
    const [width, height, bands] = [
      words[at + ENTRY.width]!,
      words[at + ENTRY.height]!,
      words[at + ENTRY.bands]!,
    ];
    const bits = words[at + ENTRY.bits]!;
    const bitsPerSample = Math.abs(bits) as RasterBits;
    const sampleFormat = bits < 0 ? 'float' : 'uint';
    const { constructor: Type } = allocateSamples(0, bitsPerSample, sampleFormat);
    const Samples = Type as new (buffer: SharedArrayBuffer, at: number, length: number) => Raster['data'];
    const offset = DATA_AT + words[at + ENTRY.start]! * UNIT_BYTES;
    const data = new Samples(this.#memory, offset, width * height * bands);
    return { width, height, bands, bitsPerSample, sampleFormat, data };
  }

  *#entries(): Generator<number> {
    for (let i = 0; i < MAX_ENTRIES; i++) yield HEADER_WORDS + i * ENTRY_WORDS;
  }

  #find(key: Key): number | undefined {
    for (const at of this.#entries()) {
      if (this.#words[at] === STATE.free) continue;
      let i = 0;
      while (i < key.length && this.#words[at + ENTRY.key + i] === key[i]) i++;
      if (i === key.length) return at;
    }
    return undefined;
  }

  /** Where all are taken, the one whose place in the ring comes next. */
  #freeEntry(): number | undefined {
    const head = this.#words[HEAD]!;
    let next: number | undefined;
    let nextDistance = Infinity;
    for (const at of this.#entries()) {
      if (this.#words[at] === STATE.free) return at;
      if (this.#words[at] !== STATE.ready) continue;
      const distance = (this.#words[at + ENTRY.start]! - head + this.#capacity) % this.#capacity;
      if (distance < nextDistance) [next, nextDistance] = [at, distance];
    }
    return next;
  }

  /** Puts a new claim on an entry. */
  #write(at: number | undefined, key: Key): Claim {
    if (at === undefined) return NO_CLAIM;
    const number = (this.#words[LAST_CLAIM]! % MAX_CLAIM) + 1;
    this.#words[LAST_CLAIM] = number;
    this.#words[at] = STATE.claimed;
    this.#words.set(key, at + ENTRY.key);
    this.#words[at + ENTRY.deadline] = this.#now() + CLAIM_SECONDS;
    this.#words[at + ENTRY.claim] = number;
    return { at, number };
  }

  /** Runs `work` alone; `otherwise` where the lock is not to be had. */
  #locked<T>(otherwise: T, work: () => T): T {
    const until = performance.now() + LOCK_TIMEOUT_MS;
    while (Atomics.compareExchange(this.#words, LOCK, 0, 1) !== 0) {
      Atomics.wait(this.#words, LOCK, 1, 10);
      if (performance.now() > until) return otherwise;
    }
    try {
      return work();
    } finally {
      Atomics.store(this.#words, LOCK, 0);
      Atomics.notify(this.#words, LOCK, 1);
    }
  }
}

/** 128 bits of a digest: two pictures with the same are not to be expected. */
function keyOf(name: string): Key {
  const digest = createHash('sha256').update(name).digest();
  return Int32Array.from({ length: 4 }, (_, i) => digest.readInt32LE(4 * i));
}
